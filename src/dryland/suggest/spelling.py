"""Puts proposals into the words that checks have here: rules know them by the names that packages made common."""

from __future__ import annotations

from dataclasses import replace

from dryland.check.given import arguments_of
from dryland.check.kinds.catalogue import find
from dryland.errors import ConfigError
from dryland.project.nodes import Check, Place
from dryland.suggest.proposal import Proposal

JUDGING = frozenset({"mostly"})  # what is written among the arguments, and is none of the kind


def spelled(proposal: Proposal) -> Proposal | None:
    """The proposal by the name of the kind that answers it; None when there is none here, or none that is asked so."""
    if not proposal.is_native:
        return proposal
    found = find(proposal.check)
    if found is None:
        return None
    kind, alias = found
    arguments = {alias.renamed.get(name, name): value for name, value in proposal.arguments.items()}
    given = {name: value for name, value in arguments.items() if name not in JUDGING}
    check = Check("", "", kind.name, "", Place(""), (), column=proposal.column, arguments=given)
    try:
        arguments_of(check)
    except ConfigError:
        return None
    return replace(proposal, check=kind.name, arguments={**alias.given, **arguments})
