"""Plays with the world from a shell: `python -m world generate | advance | repair | ingest | receive`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from .corruption import CORRUPTIONS
from .generate import advance, generate, repair, today
from .receive import Receiver


def main() -> None:
    """Do one thing to the world in the folder `shop`, and say in one line what came of it."""
    arguments = _parser().parse_args()
    folder: Path = arguments.folder
    if arguments.verb == "generate":
        print(f"{generate(folder)} up to {today(folder)}")
    elif arguments.verb == "advance":
        print(f"{advance(folder, corrupt=arguments.corrupt)} on {today(folder)}")
    elif arguments.verb == "repair":
        print(f"{repair(folder)} on {today(folder)}")
    elif arguments.verb == "ingest":
        from .ingest import ingest  # dlt is heavy, and only this verb needs it

        print(ingest(folder, arguments.warehouse))
    else:
        _receive()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m world")
    parser.add_argument("verb", choices=("generate", "advance", "repair", "ingest", "receive"))
    parser.add_argument("--folder", type=Path, default=Path("shop"), help="where the world lives")
    parser.add_argument("--warehouse", type=Path, default=Path("warehouse.duckdb"))
    parser.add_argument("--corrupt", choices=CORRUPTIONS, help="spoil the day that `advance` adds")
    return parser


def _receive() -> None:
    with Receiver() as receiver:
        print(f"listening on {receiver.url}; Ctrl-C stops")
        shown = 0
        try:
            while True:
                time.sleep(0.2)
                for message in receiver.received[shown:]:
                    print(message)
                    shown += 1
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
