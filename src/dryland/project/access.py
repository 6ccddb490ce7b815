"""Keeps models to themselves: who may refer to a private model, or to a protected one of another package."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from dryland.errors import ConfigError
from dryland.project.layout import Layout
from dryland.project.nodes import Check, Node, Place
from dryland.project.uses import Exposure
from dryland.values import dataclass

ACCESS = ("private", "protected", "public")


@dataclass(frozen=True, slots=True)
class Reference:
    """Somebody who refers to models: with a group or without."""

    name: str
    package: str
    group: str
    place: Place
    refs: tuple[str, ...]


def verify_access(
    nodes: Mapping[str, Node], checks: Iterable[Check], exposures: Iterable[Exposure], layouts: Iterable[Layout]
) -> None:
    """Refuse references that dbt refuses: only the same group may see a private model.

    Raises:
        ConfigError: somebody refers to a model that is kept from them.
    """
    closed = frozenset(each.name for each in layouts if each.raw.get("restrict-access"))
    if closed or any(node.access == "private" for node in nodes.values()):
        for reference in _references(nodes, checks, exposures):
            for unique_id in reference.refs:
                if unique_id in nodes and nodes[unique_id].kind == "model":
                    _verify(reference, nodes[unique_id], closed)


def verify_groups(nodes: Iterable[Node], groups: Collection[str]) -> None:
    """Refuse groups that nobody defines, and kinds of access that are none.

    Raises:
        ConfigError: a node has one of those.
    """
    for node in nodes:
        place = node.patch or node.place
        if node.group and node.group not in groups:
            raise ConfigError(
                f"`{node.name}` is in the group `{node.group}`, which nothing defines.", path=place.path,
                line=place.line, hint="define it under `groups:` in a YAML file, with its owner.",
            )  # fmt: skip
        if node.kind == "model" and node.access not in ACCESS:
            raise ConfigError(
                f"the access of `{node.name}` is `{node.access}`.", path=place.path, line=place.line,
                hint=f"there are: {', '.join(ACCESS)}.",
            )  # fmt: skip


def _references(
    nodes: Mapping[str, Node], checks: Iterable[Check], exposures: Iterable[Exposure]
) -> Iterator[Reference]:
    for node in nodes.values():
        hooked = (each for hook in (*node.pre_hooks, *node.post_hooks) for each in hook.refs)
        refs = tuple(each for each in dict.fromkeys((*node.depends_on, *hooked)) if each != node.unique_id)
        yield Reference(node.name, node.package, node.group, node.place, refs)
    for check in checks:
        own = nodes[check.node].group if check.node in nodes else str(check.config.get("group") or "")
        yield Reference(check.name, check.package, own, check.place, check.refs)
    for exposure in exposures:
        yield Reference(exposure.name, exposure.package, "", exposure.place, exposure.depends_on)


def _verify(reference: Reference, model: Node, closed: frozenset[str]) -> None:
    is_outside = reference.package != model.package and model.package in closed
    kept: dict[str, tuple[bool, str]] = {
        "private": (
            is_outside or not reference.group or reference.group != model.group,
            f"private to the group `{model.group}`" if model.group else "private and in no group",
        ),
        "protected": (is_outside, f"protected, and the package `{model.package}` restricts access"),
    }
    is_kept, why = kept.get(model.access, (False, ""))
    if is_kept:
        raise ConfigError(
            f"`{reference.name}` refers to `{model.name}`, which is {why}.", path=reference.place.path,
            line=reference.place.line, hint="put it into the same group, or give the model another `access`.",
        )  # fmt: skip
