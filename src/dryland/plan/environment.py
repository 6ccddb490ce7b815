"""Says under which name a node is published in an environment."""

from __future__ import annotations

from dataclasses import replace

from dryland.engines.relation import Relation


def published_relation(prod: Relation, environment: str, default_environment: str) -> Relation:
    """dbt's own name in the default environment; `<schema>__<environment>` in any other.

    >>> str(published_relation(Relation("shop", "marts", "orders"), "dev_ana", "prod"))
    'marts__dev_ana.orders'
    """
    if environment == default_environment:
        return prod
    return replace(prod, schema=f"{prod.schema}__{environment}")
