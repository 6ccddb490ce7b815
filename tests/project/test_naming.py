"""Where nodes go that say nothing of it is known without asking a macro: it is where dbt's own would send them."""

from __future__ import annotations

import pytest

from dryland.platform import Platform
from dryland.project.naming import Naming

MACRO = "{{% macro {name}(custom=none, node=none) -%}} {text} {{%- endmacro %}}"


def relations(shop) -> dict[str, str]:
    with Platform.open(shop.root) as platform:
        return {uid: str(node.relation) for uid, node in platform.project.nodes.items()}


@pytest.mark.parametrize(
    "macro",
    [
        "",
        MACRO.format(name="generate_schema_name", text="{{ (custom or 'plain') ~ '_ours' }}"),
        MACRO.format(name="default__generate_schema_name", text="{{ 'other' }}"),
        MACRO.format(name="duckdb__generate_alias_name", text="{{ 'x_' ~ node.name }}"),
        MACRO.format(name="generate_database_name", text="{{ target.database | trim }}"),
    ],
    ids=["none", "schema", "schema by dispatch", "alias for the adapter", "database"],
)
def test_what_is_known_is_what_the_macros_say(shop, monkeypatch, macro) -> None:
    shop.write("models/marts/placed.sql", "{{ config(schema='apart', alias='other_name') }} select 1 as n")
    if macro:
        shop.write("macros/names.sql", macro)
    monkeypatch.setenv("DRYLAND_CACHE", "")
    known = relations(shop)
    monkeypatch.setattr(Naming, "_is_dbts_own_macro", lambda *_: False)
    assert relations(shop) == known
    assert len(set(known.values())) == len(known)
