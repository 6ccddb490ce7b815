"""Finds macros with which a project changes how dbt writes tables, and which nobody calls here."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.project.jinja.templates import Templates

UNCALLED = frozenset(
    """
    alter_column_type alter_relation_add_remove_columns apply_grants check_for_schema_changes create_csv_table
    create_indexes create_or_replace_view create_table_as create_view_as drop_relation get_create_index_sql
    get_create_table_as_sql get_create_view_as_sql get_replace_sql get_test_sql get_unit_test_sql handle_existing_table
    incremental_validate_on_schema_change load_csv_rows make_intermediate_relation make_temp_relation persist_docs
    process_schema_changes py_write_table rename_relation reset_csv_table run_hooks sync_column_schemas
    """.split()
)
"""What only dbt's own materializations call. Materializations of the project's own do find them."""


def idle_macros(templates: Templates, project: str) -> Iterator[str]:
    """A sentence for each, with its place: it may have been meant to change what is in the tables."""
    if templates.macros.materializations():
        return
    for name, call in templates.macros.by_package.get(project, {}).items():
        bare = name.removeprefix(f"{templates.macros.adapter}__").removeprefix("default__")
        if bare in UNCALLED:
            yield f"{call.macro.path}:{call.macro.line} `{name}` has no effect: Dryland writes tables and views itself"
