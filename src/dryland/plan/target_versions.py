"""Gives versions of what a plan builds: as they were foreseen, where its inputs are what was foreseen of them."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.plan.key import build_versions
from dryland.plan.plan import Target
from dryland.state.records import Versions


def versions_of(
    target: Target, inputs: Mapping[str, Versions], foreseen: Mapping[str, Versions], *, base_key: str, asked: str = ""
) -> Versions:  # fmt: skip
    """The versions of a node's build over these inputs, grown from a generation if there is one.

    `foreseen` are those of what is read and built, as the plan has worked them out; `asked` stands for what only the
    build knows. An input is as foreseen if it is the very same value: to compare two takes as long as to begin anew.
    """
    is_foreseen = target.node in foreseen and not base_key and not asked
    if is_foreseen and all(inputs[each] is foreseen.get(each) for each in target.meaning.inputs):
        return target.data
    return build_versions(target.meaning, inputs, salt=target.salt + asked, base_key=base_key)
