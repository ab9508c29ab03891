"""`python -m ssl_core VERB`."""

import sys

from ssl_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
