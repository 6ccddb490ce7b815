"""Makes checks of what contracts promise: keys, rules, options, relationships and lateness."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.engines.relation import Relation
from dryland.errors import ConfigError
from dryland.project.contracts import has_contract
from dryland.project.jinja.relation import RelationValue
from dryland.project.nodes import Check, Node, Rendered
from dryland.project.odcs import conditions
from dryland.project.odcs.allowed import NOTHING_MORE
from dryland.project.odcs.contract import Contract, Dataset, Field, Reference, Rule
from dryland.project.odcs.durations import duration_s
from dryland.project.odcs.tables import Tables
from dryland.values import dataclass

KIND = "contract"  # of checks that are a query of their own


def contract_checks(tables: Tables, known: Iterable[Check]) -> Iterator[Check]:
    """What the gate asks of every dataset that a contract holds; what YAML asks as strictly already is not repeated.

    Raises:
        ConfigError: a query does not parse.
    """
    asked = {key for each in known for key in _answers(each)}
    for contract in tables.contracts:
        for dataset in contract.datasets if contract.is_kept else ():
            node = tables.nodes.get(dataset.node)
            if node is not None and has_contract(node):
                for each in _Maker(tables, contract, dataset, node).checks():
                    if not asked.intersection(_question(each)):
                        yield each


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the checks of one dataset."""

    tables: Tables
    contract: Contract
    dataset: Dataset
    node: Node

    def checks(self) -> Iterator[Check]:
        """Each question once, however many words of the contract ask it."""
        made: dict[str, Check] = {}
        for check in (*self._keys(), *self._rules(), *self._options(), *self._relationships(), *self._lateness()):
            made.setdefault(check.unique_id, check)
        return iter(made.values())

    def _keys(self) -> Iterator[Check]:
        key = self.dataset.key
        for column in self.dataset.fields:
            if column.is_required or column.name in key:
                yield self._native("not_null", column.name, {}, Rule("nullValues", column.place))
            if column.is_unique or key == (column.name,):
                yield self._native("unique", column.name, {}, Rule("duplicateValues", column.place))
        if len(key) > 1:
            rule = Rule("duplicateValues", self.dataset.place, NOTHING_MORE, arguments={"properties": [*key]})
            yield self._query(f"{'_'.join(key)}_unique", conditions.repeated(key), rule)

    def _rules(self) -> Iterator[Check]:
        for rule, column in self.dataset.all_rules():
            if rule.metric == "sql":
                yield self._of_sql(rule, column)
            elif rule.allowed is not None and rule.metric not in ("text", "custom"):
                yield self._of_library(rule, column)

    def _of_library(self, rule: Rule, column: Field | None) -> Check:
        name = column.name if column else ""
        columns = (name,) if name else tuple(str(each) for each in rule.arguments.get("properties") or ())
        assert rule.allowed is not None
        most = rule.allowed.most if rule.unit == "rows" else None
        if most is not None and (native := self._native_of(rule, name, most)) is not None:
            return native
        words = "_".join([*columns, _snake(rule.metric)])
        condition = conditions.bad_rows(rule, name) if most is not None else None
        if condition is not None:
            return self._query(words, conditions.rows_where(condition), rule, column=name, most=most or 0)
        if most is not None and rule.metric == "duplicateValues":
            return self._query(words, conditions.repeated(columns), rule, column=name, most=most)
        measured = conditions.measure_of(rule, columns)
        return self._query(words, conditions.outside(measured, rule.allowed), rule, column=name)

    def _native_of(self, rule: Rule, column: str, most: int) -> Check | None:
        """One of dbt's own four, which share the scan of the table."""
        if rule.metric == "nullValues":
            return self._native("not_null", column, {}, rule, most)
        if rule.metric == "duplicateValues" and column:
            return self._native("unique", column, {}, rule, most)
        values = [each for each in rule.arguments.get("validValues") or () if each is not None]
        if rule.metric == "invalidValues" and values and "pattern" not in rule.arguments and most == 0:
            return self._native("accepted_values", column, {"values": values}, rule)
        return None

    def _of_sql(self, rule: Rule, column: Field | None) -> Check:
        assert rule.allowed is not None
        text = rule.query.rstrip(";")
        name = column.name if column else ""
        for words, put in ((r"object|table", conditions.OBJECT), (r"property|column", name)):
            quoted = '"' + put.replace('"', '""') + '"'
            text = quoted.join(re.split(r"\$?\{\s*(?:" + words + r")\s*\}", text))
        try:
            query = conditions.answer_outside(text, rule.allowed, self.tables.dialect)
        except sqlglot.errors.SqlglotError as error:
            raise ConfigError(
                "the query of a quality rule does not parse.", path=rule.place.path, line=rule.place.line,
                hint="one query of one value; {object} and {property} stand for the table and the column.",
            ) from error  # fmt: skip
        return self._query("_".join([*([name] if name else []), "sql"]), query, rule, column=name)

    def _options(self) -> Iterator[Check]:
        for column in self.dataset.fields:
            for word, condition in conditions.option_conditions(column).items():
                rule = Rule("invalidValues", column.place, NOTHING_MORE)
                query = conditions.rows_where(condition)
                yield self._query(f"{column.name}_{word}", query, rule, column=column.name)

    def _relationships(self) -> Iterator[Check]:
        for each in self.dataset.all_references():
            parent = self.tables.named(each.to, self.contract)
            if parent is None or parent.materialized == "ephemeral":
                continue  # `left_out` tells
            rule = Rule("relationship", each.place)
            if len(each.columns) == 1:
                to = {"to": parent.unique_id, "field": each.fields[0], "to_name": f"ref('{parent.name}')"}
                refs = (self.node.unique_id, parent.unique_id)
                yield self._native("relationships", each.columns[0], to, rule, refs=refs)
            else:
                yield self._composite(each, parent, rule)

    def _composite(self, reference: Reference, parent: Node, rule: Rule) -> Check:
        table = exp.Table(this=exp.to_identifier("__parent__", quoted=True))
        query = conditions.orphans(reference.columns, table, reference.fields)
        words = f"{'_'.join(reference.columns)}_relationship"
        return self._query(words, query, rule, parent=parent)

    def _lateness(self) -> Iterator[Check]:
        """A warning: data that is late is published, for what readers have is later still."""
        for service in self.contract.services_of(self.dataset):
            column = service.element.strip().rpartition(".")[2]
            limit_s = duration_s(service.value, service.unit)
            known = {each.name.lower() for each in self.dataset.fields}
            if service.property == "latency" and limit_s is not None and column.lower() in known:
                rule = Rule("latency", service.place, is_warning=True)
                newest = exp.cast(exp.Max(this=exp.column(column, quoted=True)), "timestamp")
                now = exp.AtTimeZone(this=exp.CurrentTimestamp(), zone=exp.convert("UTC"))
                back = exp.Interval(this=exp.convert(str(int(limit_s))), unit=exp.var("SECOND"))
                late = exp.Sub(this=now, expression=back)
                query = conditions.newest_before(newest, late)
                yield self._query(f"{column}_latency", query, rule, column=column)

    def _native(
        self, kind: str, column: str, arguments: Mapping[str, Any], rule: Rule, most: int = 0,
        refs: tuple[str, ...] = (),
    ) -> Check:  # fmt: skip
        name = f"contract_{self.node.name}_{rule.name or f'{column}_{kind}'}"
        refs = refs or (self.node.unique_id,)
        return self._check(kind, name, rule, column=column, most=most, refs=refs, arguments=arguments)

    def _query(
        self, words: str, query: exp.Expr, rule: Rule, *, column: str = "", most: int = 0, parent: Node | None = None
    ) -> Check:
        sql = query.sql(dialect=self.tables.dialect)
        relations = {_named(self.node.relation): self.node.unique_id}
        sql = sql.replace(f'"{conditions.OBJECT}"', _named(self.node.relation))
        refs = [self.node.unique_id]
        if parent is not None:
            sql = sql.replace('"__parent__"', _named(parent.relation))
            relations[_named(parent.relation)] = parent.unique_id
            refs.append(parent.unique_id)
        rendered = Rendered(sql, relations, tuple(refs))
        name = f"contract_{self.node.name}_{rule.name or words}"
        return self._check(KIND, name, rule, column=column, most=most, refs=tuple(refs), rendered=rendered)

    def _check(
        self, kind: str, name: str, rule: Rule, *, column: str, most: int, refs: tuple[str, ...],
        arguments: Mapping[str, Any] | None = None, rendered: Rendered | None = None,
    ) -> Check:  # fmt: skip
        name = re.sub(r"\W+", "_", name)
        asked = [self.node.unique_id, kind, column, repr(dict(arguments or {})), rendered.sql if rendered else "", most]
        hashed = hashlib.md5(repr(asked).encode(), usedforsecurity=False).hexdigest()[:10]
        threshold = f"> {most}" if most else "!= 0"
        return Check(
            f"test.{self.node.package}.{name}.{hashed}", name, kind, self.node.package, rule.place,
            (*self.node.fqn, name), node=self.node.unique_id, column=column, arguments=dict(arguments or {}),
            rendered=rendered, refs=refs, severity="warn" if rule.is_warning else "error", warn_if=threshold,
            error_if=threshold, description=rule.description or rule.name, alias=name,
        )  # fmt: skip


def _question(check: Check) -> tuple[tuple[str, ...], ...]:
    """What a check asks, and how it answers; nothing of one that has a query of its own or a threshold."""
    is_plain = not check.where and check.limit is None and check.error_if == "!= 0"
    if check.rendered is not None or not is_plain:
        return ()
    return ((check.kind, check.node, check.column.lower(), repr(dict(check.arguments)), check.severity),)


def _answers(check: Check) -> Iterator[tuple[str, ...]]:
    """The questions that a check of the team's answers: who stops a release has warned, too."""
    for *asked, severity in _question(check):
        yield (*asked, severity)
        yield (*asked, "warn")


def _named(relation: Relation) -> str:
    return RelationValue(relation, None).render()


def _snake(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", word).lower()
