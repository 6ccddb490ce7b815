"""Builds a table from a Python model: `def model(dbt, session)` returning a frame."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Mapping
from types import CodeType
from typing import Any

from dryland.build.incremental import delta_of, put_in
from dryland.build.incremental_own import has_own_strategy
from dryland.build.incremental_settings import growth_of
from dryland.build.incremental_strategies import table
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.engines.relation import Relation
from dryland.errors import DrylandError, ModelError
from dryland.values import dataclass


def build_python_model(request: BuildRequest, session: Session) -> None:
    """Run the model and load what it returns; an incremental one returns the new rows, which are put in.

    Raises:
        ModelError: the model raised; carries the file and line of the model where it happened.
    """
    if request.node.materialized == "incremental":
        # complains before the model has worked for an hour
        growth_of(request.node, request.dialect, is_own=has_own_strategy(request))
    if request.base is None:
        session.load(request.target, run_model(request, session))
        return
    delta = delta_of(request)
    session.load(delta, run_model(request, session))
    put_in(request, session, delta)


def run_model(request: BuildRequest, session: Session) -> object:
    """Return what the model returns: a pandas or polars frame, Arrow data, or the engine's own relation."""
    path = str(request.root / request.node.place.path)
    talk = functools.partial(print, file=sys.stderr)  # what commands answer with is on stdout
    namespace: dict[str, Any] = {"__name__": request.node.name, "__file__": path, "print": talk}
    try:
        exec(_compiled(request.node.raw, path), namespace)  # noqa: S102  # the project's own code is the program
        return namespace["model"](PythonDbt(request, session), session.python_session())
    except DrylandError:
        raise
    except (Exception, SystemExit) as error:
        line = _line_in(path, error)
        raise ModelError(
            f"the Python model `{request.node.name}` raised {type(error).__name__}: {error}",
            path=request.node.place.path,
            line=line,
            hint="the line is the last one inside the model; run `dryland query` to look at its inputs.",
        ) from error


def _compiled(text: str, path: str) -> CodeType:
    return compile(text, path, "exec", dont_inherit=True)


def _line_in(path: str, error: BaseException) -> int | None:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None


class PythonDbt:
    """What a Python model gets as `dbt`: its inputs, its configuration, itself."""

    def __init__(self, request: BuildRequest, session: Session) -> None:
        self._request = request
        self._session = session
        self.config = PythonConfig(request.node.config)
        self.is_incremental = request.base is not None
        self.this = this_of(request.node.relation, request.target, request.dialect)

    def ref(self, *names: str, version: object = None, v: object = None) -> object:
        """The engine's relation behind a model, seed or snapshot."""
        wanted = version if version is not None else v
        suffix = () if wanted is None else (str(wanted),)
        return self._table(("ref", *names, *suffix))

    def source(self, source: str, table: str) -> object:
        """The engine's relation behind a source."""
        return self._table(("source", source, table))

    def _table(self, asked: tuple[str, ...]) -> object:
        unique_id = self._request.names.get(asked)
        called = f"{asked[0]}({', '.join(asked[1:])})"
        if unique_id is None:
            raise ModelError(
                f"the Python model `{self._request.node.name}` asks for {called}, which could not be seen in its text.",
                path=self._request.node.place.path,
                hint="write dbt.ref and dbt.source with literal names, so that the plan can read them.",
            )
        if unique_id not in self._request.inputs:
            raise ModelError(
                f"the Python model `{self._request.node.name}` asks for {called}, which is ephemeral: "
                "there is no table to read.",
                path=self._request.node.place.path,
                hint="make it a view or a table.",
            )
        return self._session.table(self._request.inputs[unique_id])


@dataclass(frozen=True, slots=True)
class PythonConfig:
    """`dbt.config(...)` declares, `dbt.config.get(...)` reads."""

    values: Mapping[str, Any]

    def __call__(self, **declared: object) -> None:
        """Declarations were read from the text; nothing to do while running."""

    def get(self, name: str, default: object = None) -> object:
        """A configuration value after the whole hierarchy, `meta` included."""
        if name in self.values:
            return self.values[name]
        return self.meta_get(name, default)

    def meta_get(self, name: str, default: object = None) -> object:
        """A value of `meta`."""
        meta: Mapping[str, Any] = self.values.get("meta") or {}
        return meta.get(name, default)


@dataclass(frozen=True, slots=True)
class PythonThis:
    """`dbt.this`: the table that is being built; in an incremental build it holds the rows so far."""

    database: str
    schema: str
    identifier: str
    quoted: str  # the whole name as SQL

    def __str__(self) -> str:
        return self.quoted

    __repr__ = __str__


def this_of(name: Relation, target: Relation, dialect: str) -> PythonThis:
    """`dbt.this` for a build into `target`: its parts are those of the name that people know; as SQL, the build."""
    return PythonThis(name.database, name.schema, name.name, table(target).sql(dialect=dialect))
