"""Makes checks of the foreign keys in contracts.

A warehouse ties a foreign key to one physical table, which could then not be replaced, shared or dropped. Builds are
all of that, so a key is checked whenever either side of it is new, and the gate refuses what the warehouse would have.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping

from dryland.engines.relation import Relation
from dryland.project.called import called
from dryland.project.contracts import Constraint, constraints_of, has_contract, refused
from dryland.project.jinja.relation import RelationValue
from dryland.project.jinja.state import Scope
from dryland.project.names import Names
from dryland.project.nodes import Check, Node, Rendered, Source
from dryland.values import dataclass

REFERENCE = re.compile(r'\s*(?P<table>(?:"[^"]+"|\w+)(?:\s*\.\s*(?:"[^"]+"|\w+))*)\s*\((?P<columns>[^()]+)\)\s*')
HINT = "write {type: foreign_key, to: ref('parent'), to_columns: [id]}; at the model with `columns` too."


@dataclass(frozen=True, slots=True)
class _ForeignKey:
    name: str
    columns: tuple[str, ...]
    parent: str  # unique id
    relation: Relation
    fields: tuple[str, ...]


def foreign_keys(nodes: Iterable[Node], sources: Mapping[str, Source], names: Names) -> Iterator[Check]:
    """One check for each foreign key of a contract.

    Raises:
        UnknownNameError: the key refers to something that nothing defines.
        ConfigError: it does not say which columns refer to which.
    """
    nodes = list(nodes)
    for node in nodes:
        for column, constraint in constraints_of(node) if has_contract(node) else ():
            if constraint.get("type") == "foreign_key":
                yield _check(node, _key(node, column, constraint, _Known(nodes, sources, names)))


def _key(node: Node, column: str, constraint: Constraint, known: _Known) -> _ForeignKey:
    columns = (column,) if column else _texts(constraint.get("columns"))
    if constraint.get("to") and constraint.get("to_columns"):
        parent, relation = known.called(node, str(constraint["to"]))
        fields = _texts(constraint["to_columns"])
    else:
        written = str(constraint.get("expression") or "")
        found = REFERENCE.fullmatch(written)
        if found is None:
            raise refused(node, f"a foreign key of it does not say what it refers to: {written}", HINT)
        parent, relation = known.written(node, found["table"])
        fields = tuple(_bare(each) for each in found["columns"].split(","))
    if not columns or len(columns) != len(fields):
        raise refused(node, f"a foreign key of it has {len(columns)} columns and refers to {len(fields)}", HINT)
    return _ForeignKey(str(constraint.get("name") or ""), columns, parent, relation, fields)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a key can refer to."""

    nodes: Iterable[Node]
    sources: Mapping[str, Source]
    names: Names

    def called(self, node: Node, call: str) -> tuple[str, Relation]:
        """What `ref('x')` or `source('x', 'y')` names, read without running it."""
        scope = Scope(node.place.path, node.package, node.unique_id, node.name)
        if found := called(call, self.names, scope, node.patch or node.place):
            return found
        raise refused(node, f"a foreign key of it refers to {call}, which is no table", HINT)

    def written(self, node: Node, table: str) -> tuple[str, Relation]:
        """The model or source that is published under a name."""
        parts = [_bare(part) for part in re.split(r"\s*\.\s*", table)]
        here = (node.relation.database, node.relation.schema)
        meant = Relation(*here[: 3 - len(parts)], *parts[-3:]).folded
        tables: list[Node | Source] = [*self.nodes, *self.sources.values()]
        for each in tables:
            if each.relation.folded == meant:
                return each.unique_id, each.relation
        raise refused(node, f"a foreign key of it refers to {table}, which is no model and no source", HINT)


def _check(node: Node, key: _ForeignKey) -> Check:
    place = node.patch or node.place
    name = key.name or f"foreign_key_{node.name}_{'_'.join(key.columns)}"
    hashed = hashlib.md5(repr([node.unique_id, key]).encode(), usedforsecurity=False).hexdigest()[:10]
    child, parent = (RelationValue(each, None).render() for each in (node.relation, key.relation))
    rendered = Rendered(
        _orphans(child, parent, key), {child: node.unique_id, parent: key.parent}, (node.unique_id, key.parent)
    )
    return Check(
        f"test.{node.package}.{name}.{hashed}", name, "foreign_key", node.package, place, (*node.fqn, name),
        node=node.unique_id, column=key.columns[0] if len(key.columns) == 1 else "", rendered=rendered,
        refs=tuple(dict.fromkeys((node.unique_id, key.parent))),
        description=f"every {', '.join(key.columns)} is one of {key.relation.name} ({', '.join(key.fields)})",
    )  # fmt: skip


def _orphans(child: str, parent: str, key: _ForeignKey) -> str:
    """Rows that refer to nothing; a row with a null in its key refers to nothing on purpose."""
    pairs = [(_quoted(column), _quoted(field)) for column, field in zip(key.columns, key.fields, strict=True)]
    there = " and ".join(f"child.{column} is not null" for column, _ in pairs)
    same = " and ".join(f"parent.{field} = child.{column}" for column, field in pairs)
    return (
        f"select * from {child} as child where {there} and not exists (select 1 from {parent} as parent where {same})"
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(_bare(str(each)) for each in value) if isinstance(value, list | tuple) else ()


def _bare(name: str) -> str:
    return name.strip().strip('"')


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
