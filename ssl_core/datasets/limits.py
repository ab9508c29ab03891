"""What reading a person's files may use; `confine` is called inside the limited process only."""

import ctypes
import resource
import signal

MEMORY_BYTES = 1 << 30
SECONDS_A_FILE = 10
PIXEL_LIMIT = 50_000_000  # RGBA with one working copy stays under MEMORY_BYTES
FILE_BYTES = 256 << 20  # of one image file, unpacked
ARRAY_BYTES = 400 << 20  # of an array that must be held whole (Fortran order)

CSV_BYTES = 4 << 30  # of a CSV file of texts
CSV_ROWS = 5_000_000
CSV_COLUMNS = 200
LINE_LETTERS = 4 << 20  # of one line of a CSV file; a longer one is not text
FIELD_LETTERS = 1 << 20  # of one field with its line breaks; beyond it a quote was left open
TEXT_LETTERS = 100_000  # of one text: a book does not fit into one row

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def confine() -> None:
    """Limit this process: 1 GB of memory, no file writing, no network, dies with its parent.

    Taking the network away needs a right that not every machine grants; where it is refused the
    other limits still hold. Must run while the process has one thread.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    system = ctypes.CDLL(None, use_errno=True)
    system.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if system.unshare(_CLONE_NEWNET) != 0:
        system.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def renew_processor_time() -> None:
    """Allow SECONDS_A_FILE more of processor time from now on; the kernel ends what exceeds it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + SECONDS_A_FILE + 1
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
