"""Finds the names in a template's code: everything that may lead to a macro, or to something else that it reads."""

from __future__ import annotations

import jinja2
import jinja2.nodes

ANY = "*"  # among the names that code uses: one that it puts together, and so any


def names_used(node: jinja2.nodes.Node) -> frozenset[str]:
    """Names, attributes and strings in a template's code: everything that may lead to a macro."""
    names = {each.name for each in node.find_all(jinja2.nodes.Name)}
    names |= {each.attr for each in node.find_all(jinja2.nodes.Getattr)}
    names |= {str(each.value) for each in node.find_all(jinja2.nodes.Const) if isinstance(each.value, str)}
    return frozenset(names | {ANY} if _puts_names_together(node) else names)


def _puts_names_together(node: jinja2.nodes.Node) -> bool:
    """Whether it may reach a macro by a name that does not stand there: by dispatch, `render`, or through `context`."""
    calls = list(node.find_all(jinja2.nodes.Call))
    methods = [(each.node, each) for each in calls if isinstance(each.node, jinja2.nodes.Getattr)]
    if any(_is_named(each.node, "render") for each in calls):
        return True
    if not all(_is_plain(_first_argument(call)) for method, call in methods if method.attr == "dispatch"):
        return True
    everywhere = sum(_is_named(each, "context") for each in node.find_all(jinja2.nodes.Name))
    looked_into = [each.node for each in node.find_all(jinja2.nodes.Getitem) if _is_plain(each.arg)]
    looked_into += [each.node for each in node.find_all(jinja2.nodes.Getattr) if each.attr != "get"]
    looked_into += [
        method.node for method, call in methods if method.attr == "get" and _is_plain(_first_argument(call))
    ]
    return sum(_is_named(each, "context") for each in looked_into) < everywhere


def _first_argument(call: jinja2.nodes.Call) -> jinja2.nodes.Node | None:
    values = [*call.args, *(each.value for each in call.kwargs if each.key == "macro_name")]
    return values[0] if values else None


def _is_plain(node: jinja2.nodes.Node | None) -> bool:
    return isinstance(node, jinja2.nodes.Const)


def _is_named(node: jinja2.nodes.Node, name: str) -> bool:
    return isinstance(node, jinja2.nodes.Name) and node.name == name
