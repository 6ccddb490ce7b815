"""Finds what files say to nobody: slips in keys are errors, the rest is told."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from dryland.project.config_keys import line_of_key, own_words, own_words_of_section, verify_words
from dryland.project.drafts import Draft
from dryland.project.layout import FILE, Layout
from dryland.project.properties import Patch, Properties

CONFIGURED = ("models", "seeds", "snapshots", "sources", "data_tests", "tests", "exposures")
NODE_WORDS = frozenset(
    """
    access agg_time_dimension columns config constraints data_tests deprecation_date derived_semantics
    description docs enabled freshness group latest_version meta metrics name primary_entity relation semantic_model
    tags tests time_spine versions
    """.split()
)
MAPPINGS = frozenset({"column_types", "contract", "grants", "meta", "persist_docs"})  # nobody means a folder
PASSED_OVER = frozenset({"enabled", "tags"})  # by dbt, where they stand beside `config:`
COLUMN_WORDS = frozenset(
    """
    config constraints data_tests data_type description dimension entity exclude granularity include meta name
    policy_tags quote tags tests
    """.split()
)
SOURCE_WORDS = frozenset(
    """
    columns config data_tests database description external freshness identifier loaded_at_field loaded_at_query
    loader meta name overrides quoting schema tables tags tests
    """.split()
)
EXPOSURE_WORDS = frozenset("config depends_on description enabled label maturity meta name owner tags type url".split())


def oversights(layout: Layout, properties: Properties, drafts: Mapping[str, Draft]) -> Iterator[str]:
    """Sentences for people, each with its place.

    Raises:
        ConfigError: a key is a slip of one of dbt's; says which.
    """
    yield from _words(layout, properties, drafts)
    yield from _undefined(properties, drafts)
    for patch in properties.saved_queries:
        if patch.body.get("exports"):
            yield f"{patch.place.path}:{patch.place.line} exports of saved queries are not made: `{patch.name}`"


def _words(layout: Layout, properties: Properties, drafts: Mapping[str, Draft]) -> Iterator[str]:
    """Slips in configuration and in the keys of properties."""
    for section in CONFIGURED:
        for word in own_words_of_section(layout.section(section), layout.prefix + FILE):
            yield (
                f"{word.place.path}:{word.place.line} `{word.name}` is no configuration of dbt's: "
                "only a macro that asks for it will see it"
            )
        for line, key in _taken_for_folders(layout.section(section)):
            yield (
                f"{layout.prefix}{FILE}:{line} `{key}` without a plus is taken for a folder, as in dbt: "
                f"to configure, write `+{key}`"
            )
    for patch in (*properties.models.values(), *properties.seeds.values(), *properties.snapshots.values()):
        _verify_entry(patch, NODE_WORDS)
        for key in PASSED_OVER & patch.body.keys():
            place = f"{patch.place.path}:{patch.body.line_of(key)}"
            yield f"{place} `{key}` of `{patch.name}` has no effect here, in dbt neither: it belongs under `config:`"
    for patch in properties.sources:
        _verify_entry(patch, SOURCE_WORDS)
        for table in patch.body.get("tables") or ():
            _verify_entry(Patch(str(table["name"]), patch.place, table), SOURCE_WORDS)
    for patch in properties.exposures:
        _verify_entry(patch, EXPOSURE_WORDS)
    for draft in drafts.values():
        if draft.layout is layout:
            _verify_declared(draft)


def _taken_for_folders(section: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Mappings called like configuration, with their lines."""
    for key, value in section.items():
        if isinstance(value, Mapping) and not str(key).startswith("+"):
            if key in MAPPINGS:
                yield section.line_of(key) if hasattr(section, "line_of") else 1, str(key)
            else:
                yield from _taken_for_folders(value)


def _verify_entry(patch: Patch, known: frozenset[str]) -> None:
    verify_words(patch.body, known, "a property", patch.place)
    list(own_words(patch.body.get("config") or {}, patch.place.path, patch.place.line))
    for column in patch.body.get("columns") or ():
        verify_words(column, COLUMN_WORDS, "a property of columns", patch.place)


def _verify_declared(draft: Draft) -> None:
    for declared in draft.state.called_config if draft.state else (draft.python.config,):
        for key in declared:
            list(own_words({key: None}, draft.place.path, line_of_key(draft.raw, key)))


def _undefined(properties: Properties, drafts: Mapping[str, Draft]) -> Iterator[str]:
    """YAML about models that do not exist: dbt warns of it, and so do we."""
    names = {draft.name for draft in drafts.values()}
    for patch in (*properties.models.values(), *properties.seeds.values(), *properties.snapshots.values()):
        if patch.name not in names:
            near = difflib.get_close_matches(patch.name, names, n=1)
            hint = f"; `{near[0]}` exists" if near else ""
            checks = _checks(patch)
            lost = f"; its {checks} {'checks are' if checks > 1 else 'check is'} not run" if checks else ""
            yield (f"{patch.place.path}:{patch.place.line} describes `{patch.name}`, which no file defines{hint}{lost}")


def _checks(patch: Patch) -> int:
    bodies = [patch.body, *(patch.body.get("columns") or ())]
    return sum(len(body.get(key) or ()) for body in bodies for key in ("data_tests", "tests"))
