"""Keeps contracts: a query gives the columns that the YAML promises, and its table is made with the constraints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlglot
from sqlglot import exp

from dryland.build.dialects import WAYS
from dryland.build.expressions import kind_of
from dryland.build.incremental_strategies import named, table
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Column
from dryland.errors import ConfigError, QueryError
from dryland.project.contracts import Constraint, has_contract
from dryland.project.nodes import ColumnDoc

WORDS = {"not_null": "not null", "unique": "unique", "primary_key": "primary key"}


def make_table(request: BuildRequest, session: Session, sql: str) -> None:
    """Run a query into the table at `request.target`: as the contract has it, or as the query is without one.

    Raises:
        ConfigError: the query gives other columns than the contract promises.
        QueryError: a row breaks a constraint.
    """
    if not has_contract(request.node):
        session.create_table_as(request.target, sql)
        return
    promised = verify_columns(request, session, sql)
    session.drop([(request.target, "table")])  # a leftover of a run that was killed
    session.execute(_definition(request, promised).sql(dialect=request.dialect))
    into = table(request.target).sql(dialect=request.dialect)
    names = ", ".join(named(column.name).sql(dialect=request.dialect) for column in promised)
    with broken_promises(request):
        session.execute(f"INSERT INTO {into} ({names})\nSELECT {names} FROM (\n{sql}\n) AS promised")


def verify_columns(request: BuildRequest, session: Session, sql: str) -> tuple[Column, ...]:
    """The columns that the contract promises, with the engine's names of their types; none without a contract.

    Their order is the contract's: the query may give them in any.

    Raises:
        ConfigError: the query gives other columns; names each that differs.
    """
    if not has_contract(request.node):
        return ()
    given = session.describe(sql)
    promised = session.describe(_promise(request, _names(request, given)))
    differences = list(_differences(promised, given, WAYS[request.dialect].kind))
    if differences:
        place = request.node.patch or request.node.place
        raise ConfigError(
            "\n  ".join([f"the query of `{request.node.name}` does not keep its contract:", *differences]),
            path=place.path, line=place.line, hint="mend the query or the contract: names and types have to be equal.",
        )  # fmt: skip
    return promised


@contextmanager
def broken_promises(request: BuildRequest) -> Iterator[None]:
    """Say whose contract it is when a row breaks a constraint of the table that is being made."""
    try:
        yield
    except QueryError as error:
        if not has_contract(request.node) or "constraint" not in error.message.lower():
            raise
        place = request.node.patch or request.node.place
        said = error.message.replace(request.target.name, request.node.name)
        raise QueryError(
            f"a row breaks the contract of `{request.node.name}`: {said}", sql=error.sql,
            path=place.path, line=place.line, hint="nothing was published; mend the rows, the query or the contract.",
        ) from error  # fmt: skip


def _names(request: BuildRequest, given: Iterable[Column]) -> dict[str, str]:
    """What the columns of the contract are called in the warehouse, by their names in YAML."""
    there = {column.name for column in given}
    folds = WAYS[request.dialect].folds_columns
    names = (column.name for column in request.node.columns)
    return {name: name.lower() if folds and name not in there else name for name in names}


def _promise(request: BuildRequest, names: Mapping[str, str]) -> str:
    """A query of no rows that has the columns of the contract: the engine says what it calls their types."""
    columns = [
        exp.cast(exp.null(), _type(request, column)).as_(named(names[column.name])) for column in request.node.columns
    ]
    return exp.select(*columns).sql(dialect=request.dialect)


def _type(request: BuildRequest, column: ColumnDoc) -> exp.DataType:
    try:
        return exp.DataType.build(column.data_type, dialect=request.dialect, udt=True)
    except sqlglot.errors.SqlglotError as error:
        raise _unreadable(request, f"the data_type of {column.name}", column.data_type) from error


def _differences(promised: Iterable[Column], given: Iterable[Column], kind: Callable[[str], str]) -> Iterator[str]:
    wanted, found = ({column.name: column.type for column in columns} for columns in (promised, given))
    for name in sorted({*wanted, *found}):
        if name not in wanted:
            yield f"{name} {found[name]} is in the query and not in the contract"
        elif name not in found:
            yield f"{name} {wanted[name]} is in the contract and not in the query"
        elif kind(wanted[name]) != kind(found[name]):
            yield f"{name} is {found[name]} in the query and {wanted[name]} in the contract"


def _definition(request: BuildRequest, promised: tuple[Column, ...]) -> exp.Create:
    """The empty table. Foreign keys are not part of it: they are checked, see `project.foreign_keys`."""
    described = dict(zip((column.name for column in promised), request.node.columns, strict=True))
    columns = [
        exp.ColumnDef(
            this=named(column.name),
            kind=kind_of(column),
            constraints=[part for each in described[column.name].constraints for part in _of_column(request, each)],
        )
        for column in promised
    ]
    rest = [part for each in request.node.constraints for part in _of_model(request, each)]
    schema = exp.Schema(this=table(request.target), expressions=[*columns, *rest])
    return exp.Create(this=schema, kind="TABLE")


def _of_column(request: BuildRequest, constraint: Constraint) -> list[exp.Expr]:
    text = _column_text(constraint)
    definition = _parsed(request, f"CREATE TABLE t (c INT {text})", text)[0] if text else None
    return list(definition.args.get("constraints") or ()) if definition else []


def _of_model(request: BuildRequest, constraint: Constraint) -> list[exp.Expr]:
    text = _model_text(constraint)
    return _parsed(request, f"CREATE TABLE t (c INT, {text})", text)[1:] if text else []


def _column_text(constraint: Constraint) -> str:
    """A constraint of one column as SQL; what the YAML gives as `expression` is SQL of the user's own."""
    kind, expression = constraint.get("type"), str(constraint.get("expression") or "")
    if kind == "check":
        return f"check ({expression})" if expression else ""
    if kind == "custom":
        return expression
    return f"{WORDS[str(kind)]} {expression}".strip() if kind in WORDS else ""


def _model_text(constraint: Constraint) -> str:
    kind, expression = constraint.get("type"), str(constraint.get("expression") or "")
    name = f"constraint {constraint['name']} " if constraint.get("name") else ""
    columns = ", ".join(str(column) for column in constraint.get("columns") or ())
    if kind == "check":
        return f"{name}check ({expression})" if expression else ""
    if kind == "custom":
        return f"{name}{expression}" if expression else ""
    return f"{name}{WORDS[str(kind)]} {expression} ({columns})" if kind in WORDS else ""


def _parsed(request: BuildRequest, statement: str, text: str) -> list[Any]:
    try:
        tree = sqlglot.parse_one(statement, dialect=request.dialect)
    except sqlglot.errors.SqlglotError as error:
        raise _unreadable(request, "a constraint", text) from error
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        raise _unreadable(request, "a constraint", text)
    return list(tree.this.expressions)


def _unreadable(request: BuildRequest, what: str, text: str) -> ConfigError:
    place = request.node.patch or request.node.place
    return ConfigError(
        f"{what} in the contract of `{request.node.name}` does not parse: {text}", path=place.path, line=place.line,
        hint="write it as the warehouse does in CREATE TABLE.",
    )  # fmt: skip
