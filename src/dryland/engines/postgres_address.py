"""Turns a profile's settings into what libpq wants to hear, and connects."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import psycopg

from dryland.digest import digest
from dryland.engines.postgres_errors import unreachable
from dryland.engines.postgres_values import adapt
from dryland.state.processes import this_process

KEYS: Mapping[str, str] = {
    "host": "host", "port": "port", "user": "user", "password": "password", "pass": "password", "dbname": "dbname",
    "database": "dbname", "sslmode": "sslmode", "sslcert": "sslcert", "sslkey": "sslkey", "sslrootcert": "sslrootcert",
    "keepalives_idle": "keepalives_idle", "connect_timeout": "connect_timeout", "service": "service",
    "passfile": "passfile", "application_name": "application_name",
}  # fmt: skip
"""Setting of a profile -> libpq's word."""
SESSION_SETTINGS = ("search_path", "role", "statement_timeout", "lock_timeout")
DEFAULTS: Mapping[str, Any] = {"connect_timeout": 10}
LOCK_TIMEOUT = "60s"  # for what models themselves wait for; nobody waits for ever for somebody's open transaction
RETRIES = 1  # as in dbt
PAUSE_S = 0.5  # before the next attempt to connect


def parameters(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What libpq is given; a password is among it."""
    given = {word: settings[key] for key, word in KEYS.items() if settings.get(key) not in (None, "")}
    said = {"lock_timeout": LOCK_TIMEOUT} | {
        name: settings[name] for name in SESSION_SETTINGS if settings.get(name) not in (None, "")
    }
    options = " ".join(f"-c {name}={_escaped(str(value))}" for name, value in said.items())
    own = str(settings.get("options") or "")
    return {
        "fallback_application_name": name_for(this_process()),
        **DEFAULTS,
        **given,
        "options": f"{own} {options}".strip(),
    }


def name_for(process: str) -> str:
    """How the server knows the sessions of a process: whoever takes over from it can end them."""
    return f"dryland {digest(process)}"


def place_of(settings: Mapping[str, Any]) -> str:
    """Where the warehouse is, for people; nothing secret."""
    if settings.get("service") and not settings.get("host"):
        return f"service {settings['service']}"
    host = settings.get("host") or "localhost"
    return f"{host}:{settings.get('port') or 5432}/{settings.get('dbname') or settings.get('database') or ''}"


def connected(settings: Mapping[str, Any]) -> psycopg.Connection[Any]:
    """A new connection that commits each statement unless told otherwise.

    Raises:
        WarehouseError: none came about, however often the profile lets us try.
    """
    asked = parameters(settings)
    said = settings.get("retries")
    attempts = 1 + int(RETRIES if said is None else said)
    for attempt in range(1, attempts + 1):
        try:
            connection = psycopg.connect(**asked, autocommit=True, prepare_threshold=None)
        except psycopg.OperationalError as error:
            if attempt == attempts:
                raise unreachable(error, place_of(settings), settings) from error
            time.sleep(PAUSE_S)
        else:
            adapt(connection)
            return connection
    raise AssertionError("the last attempt returned or raised")


def _escaped(value: str) -> str:
    """A value as it stands in `options`, where spaces part the words."""
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
