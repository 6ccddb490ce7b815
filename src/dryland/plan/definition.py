"""Describes a node as it will be remembered with a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dryland.digest import digest
from dryland.plan.compose import inlined
from dryland.plan.growing_columns import query_hash
from dryland.plan.promise import PROMISE, promise_of
from dryland.plan.recorded import COMMENTS, GRANTS
from dryland.plan.remembered import Remembered, done_again
from dryland.plan.salt import hook_hash
from dryland.project.contracts import has_contract
from dryland.project.external_file import external_file, is_external
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.sql.meaning import Meaning
from dryland.state.records import Definition
from dryland.timings import timed

HOOKS = "hooks"  # in a definition's body: hash of those that may change rows
QUERY = "query"  # the same: hash of the query of a table that has other columns
WRITTEN = "written"  # in a definition's body: what tells other code from other columns of what it reads
TEXT = "text"  # the same: what tells an edit of the file from one of a macro
CONTRACT = "contract"


def definition_of(
    node: Node,
    meaning: Meaning,
    config: str,
    checks: Iterable[str],
    before: Definition | None,
    *,
    project: Project,
    dialect: str,
    remembered: Remembered = done_again,
) -> Definition:
    """The definition to record: the one before, if only the text differs.

    So reformatting a model leaves no trace: its meaning, configuration, documentation and checks are what count.
    """
    body = _body(node, meaning, config, checks, project, dialect)
    own: dict[str, object] = {WRITTEN: "", TEXT: text_hash(node), CONTRACT: contract_hash(node)}
    if before is not None and {**before.body, **own} == {**body, **own}:
        return before
    written = {**own, WRITTEN: written_hash(node, project, dialect, remembered)}
    return Definition(node.unique_id, compiled_sql(node, project, dialect), {**body, **written})


def _body(
    node: Node, meaning: Meaning, config: str, checks: Iterable[str], project: Project, dialect: str
) -> dict[str, object]:
    """Everything that counts when two releases are compared."""
    body: dict[str, object] = {
        "meaning": meaning.as_json(),
        "config": config,
        "materialized": node.materialized,
        "checks": sorted(checks),
        "metadata": metadata_of(node),
    }
    if hooks := hook_hash(node, dialect):
        body[HOOKS] = hooks
    if asked := query_hash(meaning):
        body[QUERY] = asked
    if promise := promise_of(node, project):
        body[PROMISE] = promise.as_json()
    if comments := comments_of(node):
        body[COMMENTS] = comments
    if node.grants:
        body[GRANTS] = grants_of(node)
    if is_external(node):
        file = external_file(node, project.warehouse)
        body["file"] = {"location": file.location, "suffix": file.suffix}
    return body


def with_meaning(before: Definition, meaning: Meaning) -> Definition:
    """What was released, with what it means now."""
    if "meaning" not in before.body or before.body["meaning"] == meaning.as_json():
        return before
    return replace(before, body={**before.body, "meaning": meaning.as_json()})


def is_as_written(before: Definition, node: Node, project: Project, dialect: str) -> bool:
    """Whether the team wrote the same, whatever that means by now; formatting and comments are not writing."""
    return before.body.get(WRITTEN) == written_hash(node, project, dialect)


def written_hash(node: Node, project: Project, dialect: str, remembered: Remembered = done_again) -> str:
    """Hash of everything that the team wrote of a node: its SQL in all of its forms, its Python, its seed."""
    if node.language != "sql":
        return digest([node.template_hash, node.file_hash])
    forms = [node.rendered, *([node.rendered_incremental] if node.rendered_incremental else [])]
    is_fleeting = any(form.needs_warehouse or (form.volatile and not form.still) for form in forms)
    texts = [inlined(form, project, dialect, is_still=True)[0] for form in forms]
    rest = node.template_hash if is_fleeting else ""
    return remembered(digest(["written", dialect, texts, rest]), lambda: _hash_of_words(texts, dialect, rest))


def _hash_of_words(texts: list[str], dialect: str, rest: str) -> str:
    with timed("imports"):  # of a node whose text is the one before nobody asks
        from dryland.sql.parse import words

    return digest([*(words(text, dialect) for text in texts), rest])


def text_hash(node: Node) -> str:
    """Hash of the node's own file: tells an edit of it from one of a macro that it calls."""
    return digest([node.raw, node.file_hash])


def contract_hash(node: Node) -> str:
    """Hash of what the node promises; empty without a contract."""
    if not has_contract(node):
        return ""
    columns = [[column.name, column.data_type, [dict(each) for each in column.constraints]] for column in node.columns]
    return digest([[dict(each) for each in node.constraints], columns])


def compiled_sql(node: Node, project: Project, dialect: str) -> str:
    """What people see of a node's code: its SQL with ephemeral models in it, or its Python."""
    if node.language != "sql":
        return node.raw
    return inlined(node.rendered, project, dialect)[0] or node.raw


def metadata_of(node: Node) -> dict[str, object]:
    """What people are told of a node."""
    return {
        "description": node.description,
        "owner": node.owner,
        "group": node.group,
        "access": node.access,
        "tags": sorted(node.tags),
        "meta": _plain(node.meta),
        "columns": [
            {"name": c.name, "description": c.description, "tags": sorted(c.tags), "meta": _plain(c.meta)}
            for c in node.columns
        ],
    }


def comments_of(node: Node) -> dict[str, object]:
    """What `persist_docs` wants readers to be told in the warehouse; a column without description is told nothing."""
    wanted = node.config.get("persist_docs")
    if not isinstance(wanted, Mapping):
        return {}
    columns = {column.name: column.description for column in node.columns} if wanted.get("columns") else {}
    relation = node.description if wanted.get("relation") else ""
    return {"relation": relation, "columns": columns} if relation or columns else {}


def grants_of(node: Node) -> dict[str, object]:
    """Who may do what with what readers see, as JSON keeps it."""
    return {grant.privilege: sorted(grant.roles) for grant in node.grants}


def _plain(value: object) -> object:
    """The value as JSON keeps it, so that what is read back compares equal."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
