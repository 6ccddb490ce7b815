"""Lets the demo go wrong in every way that is listed in `faulty`, and tells what stopped it and what did not.

`python benchmarks/faults.py` prints the whole table, names of faults after it a part of it; `--json` prints data, and
`--page` writes docs/what-is-stopped.md.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

from faulty.catalogue import FAULTS
from faulty.fault import Fault
from faulty.judge import Finding, play
from faulty.stage import CUSTOMERS, ORDERS, Stage, prepare
from faulty.told import as_page, as_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "what-is-stopped.md"


def main() -> None:
    """Prepare the stage, play, print."""
    asked = _arguments()
    unknown = sorted(set(asked.names) - {fault.name for fault in FAULTS})
    if unknown:
        raise SystemExit(f"there is no fault named {unknown[0]}")
    chosen = [fault for fault in FAULTS if not asked.names or fault.name in asked.names]
    with tempfile.TemporaryDirectory(prefix="dryland-faults-") as name:
        stage = prepare(Path(name), customers=asked.customers, orders=asked.orders)
        findings = play_all(chosen, stage)
    if asked.json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    elif asked.page:
        PAGE.write_text(as_page(PAGE.read_text(), FAULTS, findings))
    else:
        print("\n".join(as_table(FAULTS, findings)))


def play_all(faults: Sequence[Fault], stage: Stage) -> tuple[Finding, ...]:
    """Play each fault on a stage of its own, as many at a time as there are cores."""
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=apart) as pool:
        findings = []
        for finding in pool.map(partial(play, stage=stage), faults):
            findings.append(finding)
            print(f"{len(findings)} of {len(faults)}: {finding.fault} {finding.end}", file=sys.stderr)
        return tuple(findings)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="FAULT", help="only these")
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--orders", type=int, default=ORDERS)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print data instead of a table")
    how.add_argument("--page", action="store_true", help="write the table into docs/what-is-stopped.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
