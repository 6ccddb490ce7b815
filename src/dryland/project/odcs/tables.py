"""Knows the tables that contracts can speak of."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.project.nodes import Node
from dryland.project.odcs.contract import Contract
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that contracts can speak of: nodes, and the objects of all contracts by name."""

    nodes: Mapping[str, Node]
    contracts: tuple[Contract, ...]
    dialect: str

    def named(self, name: str, contract: Contract) -> Node | None:
        """The node behind an object of this contract, or of another, or behind a model's name."""
        for each in (contract, *self.contracts):
            for dataset in each.datasets:
                if dataset.node and name in (dataset.name, dataset.physical_name):
                    return self.nodes.get(dataset.node)
        return next((node for node in self.nodes.values() if name == node.name), None)
