"""Knows the macros that a project writes for snapshots: strategies of its own, and what nobody would call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from dryland.errors import ConfigError, UnsupportedError
from dryland.project.config_place import place_of
from dryland.project.drafts import Draft
from dryland.project.jinja.macro import BUILT_IN
from dryland.project.jinja.macros import MacroCall
from dryland.project.jinja.state import Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node
from dryland.project.project import Project
from dryland.project.snapshot_settings import verify_settings

PARTS = ("updated_at", "row_changed", "scd_id")  # what a strategy's macro says, as SQL
OLD, NEW = "snapshotted_data", "source_data"  # what dbt calls the versions that are current, and the rows that arrive
BEFORE, AFTER = "snapshot_", "_strategy"
UNCALLED = (
    "snapshot_hash_arguments", "snapshot_get_time", "snapshot_string_as_time", "snapshot_merge_sql",
    "snapshot_staging_table", "build_snapshot_table", "build_snapshot_staging_table", "create_columns",
    "post_snapshot", "get_dbt_valid_to_current", "unique_key_fields", "unique_key_join_on", "unique_key_is_null",
)  # fmt: skip
"""Macros of dbt's that Dryland does without; a project's version of one would be ignored without a word."""


def verify_snapshot(draft: Draft, templates: Templates) -> None:
    """A snapshot must say how its rows are told apart and when they are new.

    Raises:
        ConfigError: something is missing, unknown, or contradicts something else; with its place.
        UnsupportedError: the project changes how dbt writes snapshots.
    """
    wrong = verify_settings(draft.config, draft.name, frozenset(_strategies(templates, draft.package)))
    if wrong:
        key, error = wrong
        where = place_of(key, draft)
        error.path, error.line = where["path"], where["line"] or draft.place.line
        raise error
    for macro in _uncalled(templates):
        raise UnsupportedError(
            f"the macro `{macro.macro.name}` changes how dbt writes snapshots, which Dryland writes itself.",
            path=macro.macro.path, line=macro.macro.line,
            hint="write a strategy instead: snapshot_<name>_strategy; or build this one as an incremental model.",
        )  # fmt: skip
    flags = draft.layout.raw.get("flags")
    if isinstance(flags, dict) and flags.get("enable_truthy_nulls_equals_macro"):
        raise UnsupportedError(
            f"the flag enable_truthy_nulls_equals_macro has no effect here, and the snapshot `{draft.name}` needs it.",
            path="dbt_project.yml", line=draft.layout.raw.line_of("flags"),
            hint="take the flag away, and give null keys a value in the query: coalesce(key, '').",
        )  # fmt: skip


def own_strategy(templates: Templates | None, strategy: str, package: str) -> MacroCall | None:
    """The project's macro for a strategy, which may be called `package.name`; None when it is one of ours."""
    if templates is None:
        return None
    return dict(_own(templates, package)).get(strategy)


def told_strategy(project: Project, node: Node, how: Pass, *, target_exists: bool) -> Mapping[str, str]:
    """What the project's macro says of its strategy, as SQL over OLD and NEW; empty when the strategy is one of ours.

    Raises:
        ConfigError: the macro does not say what a strategy must.
    """
    macro = own_strategy(project.templates, str(node.config["strategy"]), node.package)
    if macro is None:
        return {}
    scope = Scope(node.place.path, node.package, node.unique_id, node.name, model={"alias": node.relation.name})
    model = {"name": node.name, "unique_id": node.unique_id, "alias": node.relation.name, "config": dict(node.config)}
    told, _ = project.templates.call(
        macro.macro.name, scope, node.config, replace(how, execute=True), model, OLD, NEW, dict(node.config),
        target_exists, package=macro.macro.package,
    )  # fmt: skip
    missing = [part for part in PARTS if not isinstance(told, Mapping) or not told.get(part)]
    if missing:
        raise ConfigError(
            f"the macro `{macro.macro.name}` does not say `{missing[0]}`.", path=macro.macro.path,
            line=macro.macro.line, hint=f"it returns a mapping with {', '.join(PARTS)}.",
        )  # fmt: skip
    return {**{part: str(told[part]) for part in PARTS}, "hard_deletes": str(told.get("hard_deletes") or "ignore")}


def strategy_call(strategy: str) -> str:
    """A template that reaches a strategy's macro, so that its code counts as the snapshot's."""
    *package, name = strategy.split(".")
    return "{{ " + ".".join([*package, f"{BEFORE}{name}{AFTER}"]) + "() }}"


def _strategies(templates: Templates, package: str) -> Iterator[str]:
    yield from (name for name, _ in _own(templates, package))


def _own(templates: Templates, package: str) -> Iterator[tuple[str, MacroCall]]:
    """Strategies by the names under which a snapshot of a package can ask for them."""
    own = templates.macros.find
    for each, calls in templates.macros.by_package.items():
        for name, call in calls.items():
            if each != BUILT_IN and name.startswith(BEFORE) and name.endswith(AFTER):
                strategy = name.removeprefix(BEFORE).removesuffix(AFTER)
                yield f"{each}.{strategy}", call
                if each == package or own(name) is call:
                    yield strategy, call


def _uncalled(templates: Templates) -> Iterator[MacroCall]:
    for package, calls in templates.macros.by_package.items():
        if package != BUILT_IN:
            yield from (call for name, call in calls.items() if name.split("__", 1)[-1] in UNCALLED)
