"""Tells data tests that YAML asks for as dbt writes them into its manifest, under the ids that dbt gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import reduce
from pathlib import PurePosixPath
from typing import Any

from dryland.engines.relation import Relation
from dryland.errors import DrylandError
from dryland.project.config import as_list, merged
from dryland.project.data_test_id import data_test_hash, given_to_test
from dryland.project.data_test_spec import DataTestSpec, dbt_name, specs_of, table_name
from dryland.project.drafts import Draft
from dryland.project.graph.config import full_config, plain, unrendered
from dryland.project.graph.data_tests import data_test_dict, last_word, project_config
from dryland.project.graph.node import UNCHECKED, tags_of
from dryland.project.graph.parts import Parts
from dryland.project.graph.references import Refs, Sources, all_known, meant, written_references
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Source
from dryland.values import dataclass

ORDER = (
    "severity", "tags", "enabled", "where", "limit", "warn_if", "error_if", "fail_calc", "store_failures",
    "store_failures_as", "meta", "database", "schema", "alias",
)  # fmt: skip  # in which dbt writes configuration into the code of a generic test
PLAIN = ("macro.dbt.test_not_null", "macro.dbt.test_unique")  # others are rendered: configured twice, with more macros
WHERE = "macro.dbt.get_where_subquery"
SECTIONS = {"model": "models", "seed": "seeds", "snapshot": "snapshots"}


@dataclass(frozen=True, slots=True)
class Attached:
    """What generic tests of an entry of YAML are about."""

    unique_id: str
    name: str  # as in the names of tests: `orders_v1`, `shop_orders`
    key: str  # dbt's name of the entry: `models.orders`, `sources.shop`
    package: str
    path: str  # of the YAML file
    refs: Refs  # of the table itself: one of these two has it
    sources: Sources
    group: str | None = None
    tags: tuple[Any, ...] = ()

    @classmethod
    def draft(cls, draft: Draft) -> Attached:
        """A model, seed or snapshot, as its tests see it."""
        assert draft.patch is not None, draft.unique_id
        return cls(
            draft.unique_id, f"{draft.name}_v{draft.version}" if draft.version else draft.name,
            f"{SECTIONS[draft.kind]}.{draft.name}", draft.patch.package or draft.package, draft.patch.place.path,
            [(draft.name, "", draft.version)], [], draft.config.get("group"),
        )  # fmt: skip

    @classmethod
    def source(cls, source: Source, tags: tuple[Any, ...]) -> Attached:
        """A table of a source, as its tests see it; `tags` are those beside its `config`."""
        return cls(
            source.unique_id, f"{source.source_name}_{source.name}", f"sources.{source.source_name}", source.package,
            source.place.path, [], [(source.source_name, source.name)], None, tags,
        )  # fmt: skip


def generic_tests(parts: Parts, body: Any, attached: Attached) -> Iterator[dict[str, Any]]:
    """The generic tests of an entry of YAML and of its columns, disabled ones too."""
    for spec in specs_of(body, attached.path):
        yield _generic(parts, spec, attached, "", ())
    for column in body.get("columns") or ():
        name = str(column.get("name", ""))
        tags = (*as_list(column.get("tags")), *as_list((column.get("config") or {}).get("tags")))
        for spec in specs_of(column, attached.path):
            yield _generic(parts, spec, attached, f'"{name}"' if column.get("quote") else name, tags)


def _generic(
    parts: Parts, spec: DataTestSpec, attached: Attached, column: str, column_tags: tuple[Any, ...]
) -> dict[str, Any]:
    name, short = _names(spec, attached, column)
    original = parts.original_path(attached.path, attached.package)
    fqn = (attached.package, *PurePosixPath(original).parts[1:-1], name)
    scope = Scope(attached.path, attached.package, line=spec.place.line)
    given = _given(parts, spec, scope, short if short != name else "")
    macro = _macro(parts, spec, attached.package)
    declared = _declared(parts, macro, spec, scope, column) if macro not in PLAIN else {}
    own = merged(merged(project_config(parts.by_package[attached.package], fqn), declared), given)
    config = full_config("test", merged(own, last_word(parts, fqn)))
    refs, sources = _asked(parts, spec.arguments, scope, attached)
    config["enabled"] = config["enabled"] and all_known(parts, scope, refs, sources)
    nodes = meant(parts, scope, refs, sources) if config["enabled"] else []
    hashed = data_test_hash(name, spec.kind, attached.unique_id, column, spec.arguments)
    unique_id = f"test.{attached.package}.{name}.{hashed}"
    return {
        **data_test_dict(parts, unique_id, fqn, config, path=f"{short}.sql", original=original),
        "checksum": UNCHECKED,
        "tags": tags_of(config["tags"], attached.tags, column_tags),
        "description": spec.description,
        "group": attached.group,
        "patch_path": None,
        "unrendered_config": unrendered(parts, "test", fqn, {}, [given] if macro in PLAIN else [given, given]),
        "raw_code": _code(spec, given),
        **_written(refs, sources, macro),
        "depends_on": {"macros": [macro] if macro in PLAIN else [macro, WHERE], "nodes": nodes},
        "column_name": column or None,
        "file_key_name": attached.key,
        "attached_node": attached.unique_id if attached.refs else None,
        "test_metadata": {
            "name": _kind(spec),
            "kwargs": plain(given_to_test(attached.unique_id, column, spec.arguments)),
            "namespace": spec.package or None,
        },
    }


def _names(spec: DataTestSpec, attached: Attached, column: str) -> tuple[str, str]:
    """A test's name, and the same where it must be short."""
    if spec.name:
        return spec.name, spec.name
    of_source = "source_" if attached.sources else ""
    prefix = f"{f'{spec.package}_' if spec.package else ''}{of_source}{_kind(spec)}_{attached.name}"
    name = dbt_name(prefix, {**spec.arguments, **({"column_name": column} if column else {})})
    return name, table_name(name, prefix)


def _kind(spec: DataTestSpec) -> str:
    return spec.macro.removeprefix("test_")


def _given(parts: Parts, spec: DataTestSpec, scope: Scope, alias: str) -> dict[str, Any]:
    """What the entry configures, rendered, in the order in which dbt keeps it."""
    said = {key: value for key, value in spec.config.items() if value is not None}
    given = {**parts.templates.value(said, scope), **({"alias": alias} if alias and "alias" not in said else {})}
    ordered = [key for key in ORDER if key in given] + [key for key in given if key not in ORDER]
    return {key: given[key] for key in ordered}


def _asked(parts: Parts, arguments: Mapping[str, Any], scope: Scope, attached: Attached) -> tuple[Refs, Sources]:
    """What the test reads: its own table, and what arguments such as `ref('orders')` refer to."""
    refs, sources = [*attached.refs], [*attached.sources]
    for value in arguments.values():
        if isinstance(value, str) and ("ref" in value or "source" in value):
            _, state = parts.templates.argument(value, scope, {}, Pass())
            refs += state.refs
            sources += state.sources
    return refs, sources


def _written(refs: Refs, sources: Sources, macro: str) -> dict[str, Any]:
    """As for models; dbt keeps the version in a test's own ref as the text that it wrote itself."""
    found = written_references(refs, sources)
    if refs and refs[0][2] and macro not in PLAIN:
        found["refs"][0]["version"] = refs[0][2]
    return found


def _macro(parts: Parts, spec: DataTestSpec, package: str) -> str:
    macros = parts.templates.macros
    for each in [spec.package] if spec.package else [package, ""]:
        found = macros.find(spec.macro, each)
        if found is not None:
            return str(found.macro.unique_id)
    return f"macro.{spec.package or 'dbt'}.{spec.macro}"


def _declared(parts: Parts, macro: str, spec: DataTestSpec, scope: Scope, column: str) -> Mapping[str, Any]:
    """What the macro of a test says of its own configuration; nothing of one that cannot be rendered."""
    _, package, name = macro.split(".", 2)
    if not parts.templates.macros.may_configure(name, package):
        return {}
    model = RelationValue(Relation("", "", "model"), None)
    named = {"model": model, **spec.arguments, **({"column_name": column} if column else {})}
    try:
        _, state = parts.templates.call(name, scope, {}, Pass(), package=package, **named)
    except (DrylandError, TypeError):
        return {}
    return reduce(merged, state.called_config, {})


def _code(spec: DataTestSpec, given: Mapping[str, Any]) -> str:
    """The template that dbt writes for a test."""
    said = ",".join(f"{key}={_literal(value)}" for key, value in given.items())
    called = f"{spec.package}.{spec.macro}" if spec.package else spec.macro
    return f"{{{{ {called}(**_dbt_generic_test_kwargs) }}}}" + (f"{{{{ config({said}) }}}}" if said else "")


def _literal(value: Any) -> str:
    return '"' + value.replace('"', '\\"') + '"' if isinstance(value, str) else str(plain(value))
