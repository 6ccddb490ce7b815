"""Lets a schema of a PostgreSQL database be the metadata: writers line up, and a server that restarts is awaited."""

from __future__ import annotations

import hashlib
import json
import math
import selectors
import time
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

PATIENCE_S = 20  # for a server that was there a moment ago: it may have much to recover
LINE_S = 60  # for other writers: what `gc` forgets of a large store is one transaction
PAUSE_S = 0.1
IDLE_MAX_S = 30  # of a transaction whose process was paused within it: the server ends it, or all others would wait
LINES_UP = "lines_up"  # execution option of ours: whether the transaction waits for those of other writers
READING: Mapping[str, Any] = {LINES_UP: False, "isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
ODD = '"$float"'  # how a number is told that JSON has no word for
NUMBERS = ("inf", "-inf", "nan")

USUALLY: Mapping[str, str] = {  # unless the URL says otherwise: a connection that died silently is noticed
    "fallback_application_name": "dryland metadata", "connect_timeout": "10", "keepalives_idle": "30",
    "keepalives_interval": "10", "keepalives_count": "3", "tcp_user_timeout": "30000",
}  # fmt: skip


def open_postgres(url: sa.URL, schema: str) -> sa.Engine:
    """The database of a URL, as far as it is in this schema; nothing is connected yet."""
    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={name: value for name, value in USUALLY.items() if name not in url.query},
        json_serializer=render_json,
        json_deserializer=parse_json,
        hide_parameters=True,  # an error is told without the rows
    ).execution_options(schema_translate_map={None: schema})
    sa.event.listen(engine, "do_connect", _Connecting())
    sa.event.listen(engine, "checkout", _verify_still_there)
    line = sa.select(sa.func.pg_advisory_xact_lock(_number_of(schema)))

    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get(LINES_UP, True):
            connection.execute(line)

    sa.event.listen(engine, "begin", begin)
    return engine


class _Connecting:
    """Connects; a server that was reached before is waited for, for it may be starting again.

    That long once: when all of it went by, whoever asks next tries once, until the server is there again.
    """

    def __init__(self) -> None:
        self._was_reached = False
        self._missing_since: float | None = None

    def __call__(self, dialect: Any, _: object, arguments: Any, settings: dict[str, Any]) -> Any:
        while True:
            try:
                connection = _equipped(dialect.connect(*arguments, **settings))
            except dialect.dbapi.OperationalError:
                if not self._is_awaited():
                    raise
                time.sleep(PAUSE_S)
            else:
                self._was_reached, self._missing_since = True, None
                return connection

    def _is_awaited(self) -> bool:
        now, since = time.monotonic(), self._missing_since  # which other threads may change meanwhile
        if since is None:
            self._missing_since = since = now
        return self._was_reached and now - since <= PATIENCE_S


def _equipped(connection: Any) -> Any:
    """With the limits of its transactions, none of which is lost once it is committed: the warehouse relies on that."""
    wanted = {
        "lock_timeout": f"{LINE_S}s", "idle_in_transaction_session_timeout": f"{IDLE_MAX_S}s",
        "synchronous_commit": "on",
    }  # fmt: skip
    try:
        connection.autocommit = True
        connection.execute("; ".join(f"SET {name} = '{value}'" for name, value in wanted.items()))
        connection.autocommit = False
    except BaseException:
        connection.close()
        raise
    return connection


def _verify_still_there(connection: Any, *_: object) -> None:
    """A server that went away has said so: nothing else comes from it while nobody asks. That takes no round trip."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection.fileno(), selectors.EVENT_READ)
        if selector.select(timeout=0):
            raise sa.exc.DisconnectionError  # the pool connects anew


def _number_of(schema: str) -> int:
    """The lock at which the writers of a schema line up."""
    name = f"dryland metadata in {schema}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), signed=True)


def render_json(value: Any) -> str:
    """A value as JSON that PostgreSQL takes: it has no infinite numbers.

    >>> render_json({"max": float("inf"), "rows": 3})
    '{"max": {"$float": "inf"}, "rows": 3}'
    """
    try:
        return json.dumps(value, allow_nan=False)
    except ValueError:
        return json.dumps(_told(value), allow_nan=False)


def parse_json(text: str | bytes) -> Any:
    """The inverse of `render_json`.

    >>> parse_json('{"max": {"$float": "inf"}, "rows": 3}')
    {'max': inf, 'rows': 3}
    """
    written = text.decode() if isinstance(text, bytes) else text
    return json.loads(written, object_hook=_number if ODD in written else None)


def _told(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {"$float": str(value)}
    if isinstance(value, Mapping):
        return {key: _told(each) for key, each in value.items()}
    return [_told(each) for each in value] if isinstance(value, list | tuple) else value


def _number(value: dict[str, Any]) -> Any:
    return float(value["$float"]) if value.keys() == {"$float"} and value["$float"] in NUMBERS else value
