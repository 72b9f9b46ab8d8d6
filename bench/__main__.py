"""``python -m bench [NAME…]``: runs the benches of this folder; status 1 when a limit is not kept."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys

import bench
from bench.support.report import Report


def main() -> None:
    found = sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if not m.ispkg and m.name != "__main__"
    )
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"which of: {', '.join(found)} (default: all)"
    )
    parser.add_argument(
        "--size", type=int, metavar="N", help="how much the benches that make data make (default: all of it)"
    )
    given = parser.parse_args()
    names = given.names or found
    if unknown := [name for name in names if name not in found]:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(found)}")
    broken: list[str] = []
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        report = Report(name, (module.__doc__ or name).splitlines()[0])
        if given.size and hasattr(module, "SIZE"):
            module.run(report, given.size)
        else:
            module.run(report)
        report.show()
        broken += report.broken
    if broken:
        sys.exit("Not kept: " + "; ".join(broken))


if __name__ == "__main__":
    main()
