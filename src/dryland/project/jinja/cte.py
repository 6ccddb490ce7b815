"""Stands for an ephemeral model in a template: prints as the name of the CTE that it becomes in its readers' SQL."""

from __future__ import annotations

from dryland.engines.relation import Relation
from dryland.project.jinja.relation_parts import ByName
from dryland.project.jinja.state import current

CTE_PREFIX = "__dbt__cte__"


class CteValue(ByName):
    """An ephemeral model in a template: prints as the name of its CTE."""

    database = schema = None
    type = "cte"
    is_cte = True
    is_table = is_view = is_materialized_view = False

    def __init__(self, name: str, unique_id: str) -> None:
        self.name = self.identifier = self.table = name
        self._unique_id = unique_id

    def __str__(self) -> str:
        current().texts[self.name] = self._unique_id
        return self.name

    render = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CteValue) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


def cte_name(relation: Relation) -> str:
    """The name of the CTE that an ephemeral model becomes in its readers' SQL; dbt's."""
    return f"{CTE_PREFIX}{relation.name}"
