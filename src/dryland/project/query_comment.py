"""Writes the comment that `query-comment` in dbt_project.yml puts on every statement that builds a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.layout import FILE, Layout
from dryland.project.nodes import Node
from dryland.project.project import Project, QueryComment

KEY = "query-comment"
END = "*/"


def read_query_comment(layout: Layout) -> QueryComment | None:
    """What the project asks for; None when it says nothing or switches it off."""
    said = layout.raw.get(KEY)
    line = layout.raw.line_of(KEY)
    if isinstance(said, Mapping):
        text, is_appended = said.get("comment"), bool(said.get("append"))
    else:
        text, is_appended = said, False
    if text is not None and not isinstance(text, str):
        raise ConfigError(
            f"`{KEY}` is a text, or `comment` and `append`.", path=FILE, line=line,
            hint='query-comment: "run by {{ target.name }}"',
        )  # fmt: skip
    return QueryComment(text, is_appended, line) if text else None


def comment_on(node: Node, project: Project) -> tuple[str, bool]:
    """The comment for a node's statements, and whether it goes behind them; empty for none.

    Raises:
        ConfigError: it would end the SQL comment that it stands in.
        TemplateError: its template cannot be rendered.
    """
    comment = project.query_comment
    if comment is None:
        return "", False
    known: Mapping[str, Any] = project.templates.graph()["nodes"] if project.templates.graph else {}
    extra = {"node": known.get(node.unique_id, {"unique_id": node.unique_id}), "connection_name": node.unique_id}
    scope = Scope(FILE, project.name, line=comment.line)
    text = str(project.templates.render(comment.text, scope, {}, Pass(execute=True, extra=extra))[0]).strip()
    if END in text:
        raise ConfigError(
            f"the {KEY} says `{END}`, which would end it: {text}", path=FILE, line=comment.line,
            hint=f"leave `{END}` out: it is put into a comment.",
        )  # fmt: skip
    return text, comment.is_appended
