"""Writes the secrets of a profile as statements, and keeps their values out of errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dryland.engines.duckdb_names import literal, quoted
from dryland.errors import ConfigError

OWN = frozenset({"name", "persistent"})  # of the statement; all other keys are the secret's
OPEN = frozenset({"fs", "host", "module", "name", "persistent", "provider", "region", "scope", "type", "alias"})
CONFIDING = ("attach", "filesystems", "motherduck_token", "plugins", "secrets")  # any value in these may be secret
PLAIN = ("config_options", "settings")  # of these only what is called so
CALLED_SECRET = re.compile(r"key|pass|secret|token|user|conn", re.I)
WRITTEN_OUT = re.compile(r"(?:password|passwd|token|secret|key)\w*\s*=\s*'?([^\s&;']+)|://[^:/@\s]+:([^@\s]+)@", re.I)
HIDDEN = "***"
TELLING_MIN = 5  # shorter ones are `true` or `dev`: hiding those hides the message and no secret
CREDENTIAL_CHAINS: Mapping[str, Mapping[str, str]] = {"aws": {"type": "s3", "provider": "credential_chain"}}


def secrets_of(settings: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(name, statement) for each secret of a profile, under dbt-duckdb's names where it has none of its own.

    Raises:
        ConfigError: one is no secret.
    """
    given = settings.get("secrets") or ()
    if not isinstance(given, list | tuple) or not all(isinstance(each, Mapping) and "type" in each for each in given):
        raise ConfigError("`secrets` of the profile is a list of secrets.", hint="secrets: [{type: s3, key_id: ...}]")
    chain = settings.get("use_credential_provider")
    if chain and chain not in CREDENTIAL_CHAINS:
        raise ConfigError(
            f"there is no credential provider `{chain}`.", hint=f"there is: {', '.join(CREDENTIAL_CHAINS)}."
        )
    wanted = [*given, *([CREDENTIAL_CHAINS[chain]] if chain else [])]
    named = [(str(each.get("name") or f"_dbt_secret_{number}"), each) for number, each in enumerate(wanted, 1)]
    return tuple((name, _statement(name, each)) for name, each in named)


def hidden(text: str, settings: Mapping[str, Any]) -> str:
    """The text without anything that a profile may have said in confidence."""
    told = {value for section in CONFIDING for value in _told(settings.get(section))}
    for section in PLAIN:
        given = settings.get(section)
        named = given.items() if isinstance(given, Mapping) else ()
        told |= {
            str(value) for key, value in named if CALLED_SECRET.search(str(key)) and len(str(value)) >= TELLING_MIN
        }
    for value in sorted(told, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


def _statement(name: str, secret: Mapping[str, Any]) -> str:
    """`CREATE SECRET`, in memory unless it says `persistent: true`."""
    kept = "PERSISTENT " if secret.get("persistent") is True else ""
    parts = [
        f"{quoted(str(key))} {_value(str(key), value)}"
        for key, value in secret.items()
        if key not in OWN and value is not None
    ]
    return f"CREATE OR REPLACE {kept}SECRET {quoted(name)} ({', '.join(parts)})"


def _value(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return f"MAP {{{', '.join(f'{literal(str(name))}: {literal(str(each))}' for name, each in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(literal(str(each)) for each in value)}]"
    return _headers(value) if key == "extra_http_headers" else literal(str(value))


def _headers(text: Any) -> str:
    """dbt-duckdb takes a text here for SQL; of all SQL it can only be a map of texts."""
    import sqlglot  # here, for it takes longer than to open a warehouse, and few profiles need it
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        tree = sqlglot.parse_one(str(text), dialect="duckdb")
    except SqlglotError:
        tree = exp.Null()
    texts = (exp.ToMap, exp.Struct, exp.PropertyEQ)
    if not isinstance(tree, exp.ToMap) or not all(
        isinstance(node, texts) or (isinstance(node, exp.Literal) and node.is_string) for node in tree.walk()
    ):
        raise ConfigError("`extra_http_headers` of a secret are keys and values.", hint="extra_http_headers: {a: b}")
    return str(tree.sql(dialect="duckdb"))


def _told(value: Any, key: str = "") -> Iterator[str]:
    """Every text in it that may be a secret, and of an address what stands in it."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from _told(each, str(name))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _told(each, key)
    elif isinstance(value, str) and len(value) >= TELLING_MIN and key not in OPEN:
        if key == "path":
            yield from (part for found in WRITTEN_OUT.findall(value) for part in found if part)
        else:
            yield value
