"""Says under which name a node is published in an environment, and which views are ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dryland.engines.relation import Found, Relation, reads_schema
from dryland.project.nodes import Check
from dryland.project.project import Project


def published_relation(prod: Relation, environment: str, default_environment: str) -> Relation:
    """dbt's own name in the default environment; `<schema>__<environment>` in any other.

    >>> str(published_relation(Relation("shop", "marts", "orders"), "dev_ana", "prod"))
    'marts__dev_ana.orders'
    """
    if environment == default_environment:
        return prod
    return replace(prod, schema=f"{prod.schema}__{environment}")


def our_views(found: Iterable[Found], store_schema: str) -> frozenset[Relation]:
    """The views that Dryland published: those that select from the store.

    >>> ours = Found(Relation("shop", "main", "a"), "view", 'CREATE VIEW a AS SELECT * FROM dryland_store.a__1')
    >>> theirs = Found(Relation("shop", "main", "b"), "view", "CREATE VIEW b AS SELECT * FROM my_dryland_store.b")
    >>> sorted(relation.name for relation in our_views([ours, theirs], "dryland_store"))
    ['a']
    """
    return frozenset(
        each.relation for each in found if each.kind == "view" and reads_schema(each.definition, store_schema)
    )


def kept_failures(check: Check, project: Project, database: str, environment: str = "") -> Relation:
    """The table of a check's failing rows in an environment; empty is the default one."""
    default = project.settings.default_environment
    prod = Relation(database, f"{project.warehouse.schema}_{check.failures_schema}", check.alias or check.name)
    return published_relation(prod, environment or default, default)
