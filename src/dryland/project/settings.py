"""Reads dryland.yml: everything that dbt has no word for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

import pydantic

from dryland.errors import ConfigError, UnknownNameError
from dryland.project.access_rules import AccessSettings
from dryland.project.access_settings import ACCESS_PARTS, AccessFile, access_of
from dryland.project.alert_settings import (
    AlertsFile,
    ChannelFile,
    IncidentsFile,
    QuietFile,
    RouteFile,
    SmtpFile,
    alerting_of,
)
from dryland.project.jinja.state import Resolver, Scope
from dryland.project.jinja.templates import Templates
from dryland.project.monitors import NOTHING_SAID, Monitors
from dryland.project.monitors_parsed import parse_monitors
from dryland.project.nodes import Place
from dryland.project.project import Export, Notification, Settings
from dryland.project.settings_part import FILE, SettingsPart, Texts, line_of
from dryland.project.telemetry_settings import OpenLineageFile, OtlpFile, StatsdFile, TelemetryFile, telemetry_of
from dryland.project.yaml_file import Mapped, read_yaml

PASSWORD = re.compile(r"://[^/?#@]*:(?!\s*\{\{)[^@/]+@|[?&](ssl)?password=(?!\s*\{\{)[^&]", re.IGNORECASE)
"""A password in a URL, unless it comes from the environment."""


Part = TypeVar("Part", bound=SettingsPart)


class RetentionFile(SettingsPart):
    """How much history is kept."""

    releases: int = pydantic.Field(
        10, ge=1, description="Releases of each environment that are kept, the live one among them."
    )
    observations: int = pydantic.Field(
        400, ge=1, description="Days for which monitors remember what they saw of datasets."
    )


class ExportFile(SettingsPart):
    """A published model written somewhere else after each publication."""

    name: str
    model: str = pydantic.Field(description="The model's name.")
    to: str = pydantic.Field(
        repr=False, description="A database URL (sqlite:///...), or a path ending in .csv or .parquet."
    )
    table: str = ""


class NotificationFile(SettingsPart):
    """Who is told how a release or refresh ended."""

    name: str
    on: list[Literal["published", "refused", "blocked", "failed"]] = pydantic.Field(["published", "refused", "blocked"])
    webhook: str = pydantic.Field("", repr=False)
    file: str = ""


class SettingsFile(SettingsPart):
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
    exports: list[ExportFile] = pydantic.Field([])
    notifications: list[NotificationFile] = pydantic.Field([])
    telemetry: TelemetryFile = TelemetryFile()
    alerts: AlertsFile = AlertsFile()
    incidents: IncidentsFile = IncidentsFile()
    portal_url: str = pydantic.Field("", description="Where the portal is, for links in messages.")
    access: AccessFile = AccessFile()  # type: ignore[call-arg]
    monitors: Any = pydantic.Field(None, description="How monitors look at all datasets; `meta` says it of one.")


def read_settings(root: Path) -> tuple[SettingsFile, Mapped]:
    """The file as values and as YAML with its lines; defaults when there is none.

    Raises:
        ConfigError: with line, what was found, what was expected, and the nearest known key.
    """
    path = root / FILE
    raw = read_yaml(path, FILE) if path.exists() else Mapped()
    try:
        return SettingsFile.model_validate(raw), raw
    except pydantic.ValidationError as error:
        raise _explained(error, raw) from None


def settings_of(file: SettingsFile, raw: Mapped, templates: Templates, names: Resolver, project: str) -> Settings:
    """The file with its Jinja rendered and its models found.

    Raises:
        ConfigError: an export names a model that does not exist.
    """
    texts = Texts(raw, templates, project)
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
        observations_kept_days=file.retention.observations,
        threads=file.threads,
        retries=file.retries,
        timeout_s=file.timeout,
        exports=tuple(_export(each, at, texts, names) for at, each in _numbered("exports", file.exports)),
        notifications=tuple(
            _notification(each, at, texts) for at, each in _numbered("notifications", file.notifications)
        ),
        telemetry=telemetry_of(file.telemetry, texts),
        alerting=alerting_of(file.alerts, file.incidents, file.portal_url, texts.value),
        monitors=_monitors(file.monitors, raw),
        access=_access(file.access, raw, texts),
    )


def _verify_no_password(url: str, raw: Mapped) -> None:
    """Files of a project are in a repository, which keeps what was in them for good.

    Raises:
        ConfigError: a password stands in the URL itself.
    """
    if PASSWORD.search(url):
        raise ConfigError(
            "`state` has a password in it.", path=FILE, line=line_of(raw, ("state",)),
            hint="leave it to PGPASSWORD, a passfile or a service file, or write {{ env_var('NAME') }} in its place.",
        )  # fmt: skip


def _export(each: ExportFile, at: tuple[str, int], texts: Texts, names: Resolver) -> Export:
    name = texts.value(each.name, *at, "name")
    return Export(
        name=name,
        model=_exported(texts.value(each.model, *at, "model"), names, texts.scope(*at, "model")),
        to=texts.value(each.to, *at, "to"),
        table=texts.value(each.table, *at, "table") or name,
        place=Place(FILE, texts.scope(*at, "name").line),
    )


def _notification(each: NotificationFile, at: tuple[str, int], texts: Texts) -> Notification:
    return Notification(
        name=texts.value(each.name, *at, "name"),
        on=tuple(each.on),
        webhook=texts.value(each.webhook, *at, "webhook"),
        file=texts.value(each.file, *at, "file"),
    )


def _access(file: AccessFile, raw: Mapped, texts: Texts) -> AccessSettings:
    rendered = {"key": texts.value(file.key, "access", "key")}
    if file.oidc:
        rendered["client_secret"] = texts.value(file.oidc.client_secret, "access", "oidc", "client_secret")
    lines = {number: line_of(raw, ("access", "rules", number)) for number in range(len(file.rules))}
    return access_of(file, rendered, lines)


def _numbered(key: str, parts: list[Part]) -> Iterator[tuple[tuple[str, int], Part]]:
    """The parts of a list, each with the keys that lead to it."""
    return (((key, number), part) for number, part in enumerate(parts))


def _monitors(said: Any, raw: Mapped) -> Monitors:
    if said is None:
        return NOTHING_SAID
    return parse_monitors(raw["monitors"], lambda key: Place(FILE, line_of(raw, ("monitors", *([key] if key else [])))))


def _exported(model: str, names: Resolver, scope: Scope) -> str:
    try:
        return names.ref(model, "", "", asking=scope)[0]
    except UnknownNameError as error:
        raise ConfigError(f"an export {error.message}", path=FILE, line=scope.line, hint=error.hint) from error


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
    return ConfigError(message, path=FILE, line=line_of(raw, keys), hint=hint)


PARTS: dict[tuple[str, ...], type[pydantic.BaseModel]] = {
    (): SettingsFile, ("retention",): RetentionFile, ("exports",): ExportFile, ("notifications",): NotificationFile,
    ("incidents",): IncidentsFile, ("alerts",): AlertsFile, ("alerts", "smtp"): SmtpFile,
    ("alerts", "channels"): ChannelFile, ("alerts", "routes"): RouteFile, ("alerts", "routes", "quiet"): QuietFile,
    ("telemetry",): TelemetryFile, ("telemetry", "openlineage"): OpenLineageFile, ("telemetry", "otlp"): OtlpFile,
    ("telemetry", "statsd"): StatsdFile,
    ("access",): AccessFile, **{("access", *name.split(".")): part for name, part in ACCESS_PARTS.items()},
}  # fmt: skip


def _known_keys(keys: tuple[int | str, ...]) -> list[str]:
    named = tuple(key for key in keys if isinstance(key, str))
    return list(PARTS.get(named, SettingsFile).model_fields)
