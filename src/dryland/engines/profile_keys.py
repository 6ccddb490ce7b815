"""Lists what a profile may say of each kind of warehouse, and finds what nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from dryland.errors import ConfigError

CONNECTING = "type path schema database threads settings config_options extensions attach external_root"
REACHING = "secrets use_credential_provider filesystems plugins module_paths retries"
WITHOUT_EFFECT = "disable_transactions keep_open is_ducklake flights motherduck_token"  # not how Dryland works
ELSEWHERE = "remote"  # a project with it is read; its warehouse cannot be opened

AS_DBT_HAS_THEM = """
    type host user port password pass dbname database schema threads search_path role sslmode sslcert sslkey
    sslrootcert keepalives_idle connect_timeout retries autocommit
"""
OF_LIBPQ = "service passfile application_name options statement_timeout lock_timeout"
OURS = "publish_wait_s"

SETTINGS: Mapping[str, frozenset[str]] = {
    "duckdb": frozenset(f"{CONNECTING} {REACHING} {WITHOUT_EFFECT} {ELSEWHERE}".split()),
    "postgres": frozenset(f"{AS_DBT_HAS_THEM} {OF_LIBPQ} {OURS}".split()),
}
"""Kind -> what a profile may say of it."""

INSIDE: Mapping[str, Mapping[str, frozenset[str]]] = {
    "duckdb": {
        "attach": frozenset({"alias", "is_ducklake", "options", "path", "read_only", "secret", "type"}),
        "extensions": frozenset({"name", "repo"}),
        "plugins": frozenset({"alias", "config", "module"}),
        "retries": frozenset({"connect_attempts", "query_attempts", "retryable_exceptions"}),
    },
    "postgres": {},
}
"""Kind -> the settings that are keys and values, or lists of them, and what these know. Secrets know any key."""

NEEDED: Mapping[str, Mapping[str, str]] = {
    "duckdb": {"attach": "path", "extensions": "name", "filesystems": "fs", "plugins": "module", "secrets": "type"},
    "postgres": {},
}
"""Kind -> the lists whose every entry must say something, and what."""


def verify_settings(kind: str, settings: Mapping[str, Any], *, path: str = "", line: int | None = None) -> None:
    """Say which settings of a profile its engine does not know; their values may be secret, and are not told.

    Raises:
        ConfigError: there is one, or one is missing; where, and what is near.
    """
    _verify_known(f"the `{kind}` profile has settings", settings, SETTINGS[kind], path, line)
    for name in settings.keys() & (INSIDE[kind].keys() | NEEDED[kind].keys()):
        if name in NEEDED[kind] and isinstance(settings[name], Mapping):
            raise ConfigError(
                f"`{name}` of the profile is a list.", path=path or None,
                line=getattr(settings, "lines", {}).get(name, line), hint=f"{name}: [{{{NEEDED[kind][name]}: ...}}]",
            )  # fmt: skip
        for entry in _entries(settings[name]):
            if name in INSIDE[kind]:
                _verify_known(f"`{name}` of the profile has keys", entry, INSIDE[kind][name], path, line)
            needed = NEEDED[kind].get(name)
            if needed and needed not in entry:
                raise ConfigError(
                    f"an entry of `{name}` does not say its `{needed}`.", path=path or None,
                    line=getattr(entry, "line", line), hint=f"{name}: [{{{needed}: ...}}]",
                )  # fmt: skip


def _verify_known(what: str, given: Mapping[str, Any], known: frozenset[str], path: str, line: int | None) -> None:
    unknown = sorted(str(key) for key in given.keys() - known)
    if not unknown:
        return
    near = difflib.get_close_matches(unknown[0], sorted(known), n=1)
    raise ConfigError(
        f"{what} that Dryland does not know: {', '.join(unknown)}.", path=path or None,
        line=getattr(given, "lines", {}).get(unknown[0], line),
        hint=f"did you mean `{near[0]}`?" if near else f"it knows {', '.join(sorted(known))}.",
    )  # fmt: skip


def _entries(value: Any) -> Iterator[Mapping[str, Any]]:
    """The mappings in it; a text among them is a name, or Jinja that is not rendered yet."""
    for each in value if isinstance(value, list | tuple) else [value]:
        if isinstance(each, Mapping):
            yield each
