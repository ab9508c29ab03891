"""`python -m bench` measures everything and rewrites docs/benchmarks.md; names measure parts, which
`--write` puts in their place there."""

import argparse
import importlib
import sys
import time

from bench.report import Row, machine, table, write_page, write_parts

PARTS = {
    "startup": "Start",
    "keyboard": "Labelling by keyboard",
    "grid": "Labelling in the grid",
    "people": "Fifty people labelling",
    "store": "Label store",
    "imports": "Import",
    "upload": "Upload",
    "pages": "Pages",
    "compare": "Compare page",
    "live": "Live page",
    "million": "Live page of a long run",
    "training": "Training",
    "throughput": "Throughput of the methods",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--write", action="store_true", help="write the parts that are named")
    asked = parser.parse_args()
    chosen = asked.parts or list(PARTS)
    unknown = sorted(set(chosen) - set(PARTS))
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}; there are {', '.join(PARTS)}")
    about = machine()
    sections: dict[str, list[Row]] = {}
    for name in chosen:
        began = time.perf_counter()
        print(f"measuring: {name}", file=sys.stderr, flush=True)
        sections[PARTS[name]] = importlib.import_module(f"bench.{name}").measure()
        print(table(sections[PARTS[name]]), flush=True)
        print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    if set(chosen) == set(PARTS):
        write_page(sections, about)
    elif asked.write:
        write_parts(sections, about, list(PARTS.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
