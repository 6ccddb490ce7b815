"""Reads a pre- or post-hook in whichever form it is written: bare SQL, a mapping, or that mapping as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class HookEntry:
    """A hook's SQL, which may still have Jinja in it, and whether it runs in the transaction of the build."""

    sql: str
    in_transaction: bool = True
    index: Any = None


def hook_entry(written: Any) -> HookEntry:
    """What a hook says; `before_begin`, `in_transaction` and `after_commit` say it as JSON.

    >>> hook_entry('{"sql": "checkpoint", "transaction": false}')
    HookEntry(sql='checkpoint', in_transaction=False, index=None)
    """
    body = written if isinstance(written, Mapping) else _of_text(str(written))
    return HookEntry(str(body.get("sql", "")), bool(body.get("transaction", True)), body.get("index"))


def _of_text(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text.lstrip().startswith("{") else None
    except ValueError:
        found = None
    return found if isinstance(found, Mapping) and "sql" in found else {"sql": text}
