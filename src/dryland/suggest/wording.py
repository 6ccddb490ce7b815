"""Tells of proposals: to people in sentences, to machines as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dryland.suggest.proposal import Proposal
from dryland.suggest.subject import many
from dryland.suggest.suggest import Suggested, written

SHORT_MAX = 32  # characters of arguments
NAMES_MAX = 24  # of names of columns


def about(suggested: Suggested) -> str:
    """What was looked at, and how much came of it."""
    what = many(len(suggested.proposals), "check") if suggested.proposals else "no check"
    return f"{what} to add, by {many(suggested.rows, 'row')} and {many(suggested.builds, 'build')}"


def grouped(proposals: Sequence[Proposal]) -> list[tuple[str, str, str, str]]:
    """How sure, about which columns, what is asked, and what speaks for it: what differs by column alone is one."""
    columns: dict[tuple[str, str, str], list[str]] = {}
    for each in proposals:
        columns.setdefault((each.sure, asked(each), each.evidence), []).append(each.column or "the table")
    return [(sure, _listed(names), what, why) for (sure, what, why), names in columns.items()]


def _listed(names: Sequence[str]) -> str:
    """Names, and how many more.

    >>> _listed(["order_id", "customer_id", "ordered_on"])
    'order_id, customer_id +1'
    """
    shown = list(names[:1])
    while len(shown) < len(names) and len(", ".join([*shown, names[len(shown)]])) <= NAMES_MAX:
        shown.append(names[len(shown)])
    more = f" +{len(names) - len(shown)}" if len(shown) < len(names) else ""
    return ", ".join(shown) + more


def asked(proposal: Proposal) -> str:
    """A check with its arguments, in short.

    >>> asked(Proposal("accepted_range", "amount", {"min_value": 0}))
    'accepted_range 0 or more'
    >>> asked(Proposal("accepted_values", "status", {"values": ["new", "paid"]}))
    'accepted_values new, paid'
    """
    told = _told(proposal.arguments)
    told = told if len(told) <= SHORT_MAX else told[: SHORT_MAX - 1] + "…"
    return f"{proposal.check} {told}".rstrip()


def _told(arguments: Mapping[str, Any]) -> str:
    low, high = arguments.get("min_value"), arguments.get("max_value")
    if "values" in arguments or "columns" in arguments:
        return ", ".join(map(str, arguments.get("values") or arguments["columns"]))
    if low is not None or high is not None:
        if high is None:
            return f"{low} or more"
        return f"{low}" if low == high else f"{low} to {high}" if low is not None else f"up to {high}"
    if "to" in arguments:
        return f"{arguments['to']}.{arguments['field']}"
    if "min_change" in arguments:
        return f"by {arguments['min_change']:+.0%} to {arguments['max_change']:+.0%}"
    if "mostly" in arguments:
        return f"of {arguments['mostly']:.0%}"
    return ", ".join(str(value) for value in arguments.values())


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal for machines; `entry` is what stands in the list in YAML."""
    return {
        "check": proposal.check,
        "column": proposal.column,
        "arguments": dict(proposal.arguments),
        "settings": dict(proposal.settings),
        "sure": proposal.sure,
        "evidence": proposal.evidence,
        "is_native": proposal.is_native,
        "entry": written(proposal).entry(is_flat=False),
    }
