"""Finds what checks said before of the very builds that they look at now: these need not be asked again."""

from __future__ import annotations

from dataclasses import replace

from dryland.check.request import CheckRequest
from dryland.project.nodes import Check
from dryland.state.records import Verdict, verdict_id


def remembered(request: CheckRequest) -> dict[str, Verdict]:
    """By unique id, the verdicts that still hold; nothing is asked, and little imported, to know them."""
    return {check.unique_id: verdict for check in request.checks if (verdict := _remembered(check, request))}


def holds(check: Check, verdict: Verdict | None) -> bool:
    """Whether what was said of the same builds is what the check would say now."""
    if verdict is None or verdict.status == "error" or not verdict.lasts:
        return False
    return not check.store_failures  # where failing rows are kept there may be none yet, or those of another build


def _remembered(check: Check, request: CheckRequest) -> Verdict | None:
    found = request.cached.get(verdict_id(request.hashes[check.unique_id], [request.builds[ref] for ref in check.refs]))
    if found is None or not holds(check, found):
        return None
    known = replace(found, cached=True, check=check.unique_id)
    return _shown(known, check, request) if known.sample else known


def _shown(verdict: Verdict, check: Check, request: CheckRequest) -> Verdict:
    """Since it was said, a column may have become a person's."""
    from dryland.check.offenders import masked

    return replace(verdict, sample=masked(verdict.sample, check, request))
