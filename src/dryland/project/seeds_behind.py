"""Moves checks from sources to the seeds that these are: it is the seed that is built, checked and held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dryland.project.nodes import Check


def moved_to_seeds(check: Check, seeds: Mapping[str, str]) -> Check:
    """The check over what stands behind its sources; `seeds` are those of them that are a seed of the project."""
    read = check.rendered
    written = (*read.refs, *read.sources) if read else check.refs
    refers_to = tuple(dict.fromkeys(each for each in (check.node, *written) if each))
    if seeds.keys().isdisjoint(refers_to):
        return check
    if read is not None:
        read = replace(read, relations={text: seeds.get(each, each) for text, each in read.relations.items()})
    arguments = {key: seeds.get(str(value), value) for key, value in check.arguments.items()}
    refs = tuple(dict.fromkeys(seeds.get(each, each) for each in check.refs))
    return replace(
        check, node=seeds.get(check.node, check.node), refs=refs, refers_to=refers_to, rendered=read,
        arguments=arguments,
    )  # fmt: skip
