"""Names checks by what they ask, so that a verdict is good as long as the question and the build are the same."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.check.given import arguments_of, own_sql_of
from dryland.check.kinds.catalogue import kind_of
from dryland.check.reading.failing_rows import COUNTING
from dryland.check.threshold import verify_conditions
from dryland.digest import digest
from dryland.errors import DrylandError
from dryland.plan.compose import ephemeral_behind, inlined
from dryland.plan.functions import called_in
from dryland.project.nodes import Check
from dryland.project.project import Project
from dryland.project.session_settings import deciding_settings
from dryland.sql.inputs import name_inputs
from dryland.sql.meaning import EXTERNAL
from dryland.sql.parse import parse_query, words
from dryland.sql.volatile import volatile_functions


def all_check_hashes(project: Project, dialect: str) -> dict[str, str]:
    """The hash of every check of a project, each verified first.

    Raises:
        ConfigError: what a check is given makes no sense.
    """
    for check in project.checks.values():
        verify_conditions(check)
        if check.rendered is None:
            arguments_of(check)
    return {unique_id: check_hash(check, project, dialect) for unique_id, check in project.checks.items()}


def check_hash(check: Check, project: Project, dialect: str) -> str:
    """Hash of a check's definition: not its description, its name, or how its SQL is written down."""
    asked = [check.kind, check.node, check.column, dict(check.arguments), check.where, check.limit, check.fail_calc]
    kept = [check.failures_schema, check.alias] if check.alias else check.failures_schema  # where failing rows go
    judged = [check.severity, check.warn_if, check.error_if, check.store_failures and kept]
    text = inlined(check.rendered, project, dialect, is_still=True)[0] if check.rendered else ""
    functions = _functions(check, text, project)
    settings = deciding_settings(project.warehouse)
    definition = [asked, judged, words(text, dialect) if text else [], list(check.refs)]
    return digest([*definition, *([functions] if functions else ()), *([settings] if settings else ())])


def calls_what_hooks_define(check: Check, project: Project, dialect: str) -> bool:
    """Whether on-run-start has to run before the check is asked."""
    text = inlined(check.rendered, project, dialect)[0] if check.rendered and project.on_run_start else ""
    return bool(_functions(check, text, project))


def _functions(check: Check, text: str, project: Project) -> str:
    """Hash of the hooks that may define what a check calls; `text` is its query. Empty when they define none of it."""
    own = own_sql_of(check) if kind_of(check) else ()
    return called_in([text, check.where, check.fail_calc, *own], project)


def may_change_by_itself(check: Check, project: Project, dialect: str) -> bool:
    """Whether the answer changes although no build that it is known to read does: then a verdict is never reused.

    It reads the clock, or a table that is neither a node nor a declared source, or asks whatever it likes; or an
    ephemeral model that it reads does. Or it compares with builds before, which are others in another environment; or
    calls what a hook defines, which is another function until that hook has run.
    """
    text, relations = inlined(check.rendered, project, dialect) if check.rendered else ("", {})
    if (kind := kind_of(check)) and (kind.is_volatile or kind.uses_history):
        return True
    if _functions(check, text, project):
        return True
    own = own_sql_of(check) if check.rendered is None else ()
    texts = (text for text in (check.where, check.fail_calc, *own) if text and text != COUNTING)
    if any(_is_moving(f"SELECT 1 WHERE {text}", {}, dialect) for text in texts):
        return True
    if check.rendered is None:
        return False
    behind = ephemeral_behind(check.rendered.relations.values(), project)
    forms = (check.rendered, *(project.nodes[each].rendered for each in behind))
    if any(form.volatile or form.needs_warehouse for form in forms):
        return True
    return _is_moving(text, relations, dialect)


def _is_moving(text: str, relations: Mapping[str, str], dialect: str) -> bool:
    try:
        tree = parse_query(text, dialect, as_called=True)
    except DrylandError:
        return True
    if volatile_functions(tree, dialect):
        return True
    return any(unique_id.startswith(EXTERNAL) for unique_id in name_inputs(tree, relations, dialect).ids.values())
