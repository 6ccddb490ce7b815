"""Reads dryland.yml: everything that dbt has no word for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic

from dryland.errors import ConfigError, UnknownNameError
from dryland.project.access_rules import AccessSettings
from dryland.project.access_settings import ACCESS_PARTS, AccessFile, access_of
from dryland.project.jinja.state import Resolver, Scope
from dryland.project.jinja.templates import Templates
from dryland.project.jinja.world import Stage
from dryland.project.nodes import Place
from dryland.project.project import Export, Notification, Settings
from dryland.project.yaml_file import Listed, Mapped, read_yaml

FILE = "dryland.yml"
PASSWORD = re.compile(r"://[^/?#@]*:(?!\s*\{\{)[^@/]+@|[?&](ssl)?password=(?!\s*\{\{)[^&]", re.IGNORECASE)
"""A password in a URL, unless it comes from the environment."""


class _Part(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid", hide_input_in_errors=True)


Part = TypeVar("Part", bound=_Part)


class RetentionFile(_Part):
    """How much history is kept."""

    releases: int = pydantic.Field(
        10, ge=1, description="Releases of each environment that are kept, the live one among them."
    )


class ExportFile(_Part):
    """A published model written somewhere else after each publication."""

    name: str
    model: str = pydantic.Field(description="The model's name.")
    to: str = pydantic.Field(
        repr=False, description="A database URL (sqlite:///...), or a path ending in .csv or .parquet."
    )
    table: str = ""


class NotificationFile(_Part):
    """Who is told how a release or refresh ended."""

    name: str
    on: list[Literal["published", "refused", "blocked", "failed"]] = ["published", "refused", "blocked"]
    webhook: str = pydantic.Field("", repr=False)
    file: str = ""


class SettingsFile(_Part):
    """The whole file."""

    warehouse: dict[str, Any] | None = pydantic.Field(
        None, repr=False, description="As an output of profiles.yml; instead of it."
    )
    warehouses: dict[str, dict[str, Any]] = pydantic.Field(
        {}, repr=False, description="Other warehouses by name, each as an output of profiles.yml."
    )
    dialect: str = pydantic.Field("", description="In which SQL the project is written; empty: the warehouse's own.")
    state: str = pydantic.Field(
        "", repr=False, description="Database URL of the metadata; default: SQLite at .dryland/state.db."
    )
    state_schema: str = pydantic.Field(
        "dryland_state", min_length=1, max_length=63, description="The schema of the metadata in PostgreSQL."
    )
    lease: float = pydantic.Field(
        60.0, ge=1, description="Seconds without a sign of life after which others may take over from a run."
    )
    store_schema: str = pydantic.Field("dryland_store", description="The schema that holds all builds.")
    default_environment: str = "prod"
    volatile: Literal["run", "hour", "day"] = pydantic.Field("run", description="How often now() counts as moved.")
    views_over_sources: Literal["live", "pinned"] = pydantic.Field(
        "live", description="`pinned` keeps views that read sources as tables, so that their readers are gated too."
    )
    contract_paths: list[str] = pydantic.Field(["contracts"], description="Folders of data contracts (`*.odcs.yaml`).")
    retention: RetentionFile = RetentionFile()  # type: ignore[call-arg]
    threads: int | None = pydantic.Field(None, ge=1, le=64)
    retries: int = pydantic.Field(2, ge=0, le=10)
    timeout: float | None = pydantic.Field(None, gt=0, description="Seconds that one model or check may take.")
    exports: list[ExportFile] = []
    notifications: list[NotificationFile] = []
    access: AccessFile = AccessFile()  # type: ignore[call-arg]


def read_settings(root: Path) -> tuple[SettingsFile, Mapped]:
    """The file as values and as YAML with its lines; defaults when there is none.

    Raises:
        ConfigError: with line, what was found, what was expected, and the nearest known key.
    """
    path = root / FILE
    raw = read_yaml(path, FILE) if path.exists() else _nothing()
    try:
        return SettingsFile.model_validate(raw), raw
    except pydantic.ValidationError as error:
        raise _explained(error, raw) from None


def settings_of(file: SettingsFile, raw: Mapped, templates: Templates, names: Resolver, project: str) -> Settings:
    """The file with its Jinja rendered and its models found.

    Raises:
        ConfigError: an export names a model that does not exist.
    """
    texts = _Texts(raw, templates, project)
    _verify_no_password(file.state, raw)
    return Settings(
        dialect=file.dialect,
        state_url=texts.value(file.state, "state"),
        state_schema=texts.value(file.state_schema, "state_schema"),
        lease_s=file.lease,
        store_schema=texts.value(file.store_schema, "store_schema"),
        default_environment=texts.value(file.default_environment, "default_environment"),
        volatile=file.volatile,
        views_over_sources=file.views_over_sources,
        releases_kept=file.retention.releases,
        threads=file.threads,
        retries=file.retries,
        timeout_s=file.timeout,
        exports=tuple(_export(each, at, texts, names) for at, each in _numbered("exports", file.exports)),
        notifications=tuple(
            _notification(each, at, texts) for at, each in _numbered("notifications", file.notifications)
        ),
        access=_access(file.access, raw, texts),
    )


@dataclass(frozen=True, slots=True)
class _Texts:
    """Renders the file's texts, each where it stands."""

    raw: Mapped
    templates: Templates
    project: str

    def scope(self, *keys: int | str) -> Scope:
        return Scope(FILE, self.project, line=_line(self.raw, keys))

    def value(self, text: str, *keys: int | str) -> str:
        return str(self.templates.value(text, self.scope(*keys), stage=Stage.CONNECTION))


def _verify_no_password(url: str, raw: Mapped) -> None:
    """Files of a project are in a repository, which keeps what was in them for good.

    Raises:
        ConfigError: a password stands in the URL itself.
    """
    if PASSWORD.search(url):
        raise ConfigError(
            "`state` has a password in it.", path=FILE, line=_line(raw, ("state",)),
            hint="leave it to PGPASSWORD, a passfile or a service file, or write {{ env_var('NAME') }} in its place.",
        )  # fmt: skip


def _export(each: ExportFile, at: tuple[str, int], texts: _Texts, names: Resolver) -> Export:
    name = texts.value(each.name, *at, "name")
    return Export(
        name=name,
        model=_exported(texts.value(each.model, *at, "model"), names, texts.scope(*at, "model")),
        to=texts.value(each.to, *at, "to"),
        table=texts.value(each.table, *at, "table") or name,
        place=Place(FILE, texts.scope(*at, "name").line),
    )


def _notification(each: NotificationFile, at: tuple[str, int], texts: _Texts) -> Notification:
    return Notification(
        name=texts.value(each.name, *at, "name"),
        on=tuple(each.on),
        webhook=texts.value(each.webhook, *at, "webhook"),
        file=texts.value(each.file, *at, "file"),
    )


def _access(file: AccessFile, raw: Mapped, texts: _Texts) -> AccessSettings:
    rendered = {"key": texts.value(file.key, "access", "key")}
    if file.oidc:
        rendered["client_secret"] = texts.value(file.oidc.client_secret, "access", "oidc", "client_secret")
    lines = {number: _line(raw, ("access", "rules", number)) for number in range(len(file.rules))}
    return access_of(file, rendered, lines)


def _numbered(key: str, parts: list[Part]) -> Iterator[tuple[tuple[str, int], Part]]:
    """The parts of a list, each with the keys that lead to it."""
    return (((key, number), part) for number, part in enumerate(parts))


def _exported(model: str, names: Resolver, scope: Scope) -> str:
    try:
        return names.ref(model, "", "", asking=scope)[0]
    except UnknownNameError as error:
        raise ConfigError(f"an export {error.message}", path=FILE, line=scope.line, hint=error.hint) from error


def _nothing() -> Mapped:
    empty = Mapped()
    empty.lines = {}
    return empty


def _explained(error: pydantic.ValidationError, raw: Mapped) -> ConfigError:
    first = error.errors()[0]
    keys = first["loc"]
    name = ".".join(str(key) for key in keys)
    hint = ""
    if first["type"] == "extra_forbidden":
        known = _known_keys(keys[:-1])
        near = difflib.get_close_matches(str(keys[-1]), known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known)}."
        message = f"`{name}` is not a setting."
    else:
        message = f"`{name}`: {first['msg'][0].lower()}{first['msg'][1:]}."
    return ConfigError(message, path=FILE, line=_line(raw, keys), hint=hint)


def _known_keys(keys: tuple[int | str, ...]) -> list[str]:
    parts: dict[str, type[pydantic.BaseModel]] = {
        "retention": RetentionFile, "exports": ExportFile, "notifications": NotificationFile, "access": AccessFile,
        **{f"access.{name}": part for name, part in ACCESS_PARTS.items()},
    }  # fmt: skip
    inner = ".".join(str(key) for key in keys if isinstance(key, str))
    part = parts.get(inner) or (parts.get(str(keys[0]), SettingsFile) if keys else SettingsFile)
    return list(part.model_fields)


def _line(raw: Any, keys: tuple[int | str, ...]) -> int:
    line = 1
    for key in keys:
        if isinstance(raw, Mapped) and key in raw.lines:
            line = raw.lines[str(key)]
            raw = raw[str(key)]
        elif isinstance(raw, Listed) and isinstance(key, int) and key < len(raw):
            line, raw = raw.lines[key], raw[key]
    return line
