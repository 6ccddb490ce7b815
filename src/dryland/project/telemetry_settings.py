"""Reads of dryland.yml whom to tell of runs: OpenLineage, OTLP, statsd."""

from __future__ import annotations

import pydantic

from dryland.errors import ConfigError
from dryland.project.settings_part import FILE, SettingsPart, Texts
from dryland.project.telemetry import OpenLineage, Otlp, Statsd, Telemetry

SCHEMES = ("http://", "https://")


class OpenLineageFile(SettingsPart):
    """A server or a file that takes OpenLineage events."""

    url: str = pydantic.Field("", repr=False, description="Where events are posted to, with the path of the API.")
    api_key: str = pydantic.Field("", repr=False, description="Sent as a bearer token.")
    file: str = pydantic.Field("", description="Events are added to it, one a line.")
    namespace: str = pydantic.Field("", description="Of jobs; the project's name unless told.")


class OtlpFile(SettingsPart):
    """An OpenTelemetry collector."""

    endpoint: str = pydantic.Field(repr=False, description="http://localhost:4318, without /v1/traces.")
    headers: dict[str, str] = pydantic.Field({}, repr=False)


class StatsdFile(SettingsPart):
    """A statsd server."""

    host: str = "localhost"
    port: int = pydantic.Field(8125, ge=1, le=65535)
    prefix: str = "dryland"


class TelemetryFile(SettingsPart):
    """Whom to tell of every run."""

    openlineage: OpenLineageFile | None = None
    otlp: OtlpFile | None = None
    statsd: StatsdFile | None = None


def telemetry_of(file: TelemetryFile, texts: Texts) -> Telemetry:
    """The same with its Jinja rendered.

    Raises:
        ConfigError: an address is none.
    """
    return Telemetry(_openlineage(file.openlineage, texts), _otlp(file.otlp, texts), _statsd(file.statsd, texts))


def _openlineage(file: OpenLineageFile | None, texts: Texts) -> OpenLineage | None:
    if file is None:
        return None
    at = ("telemetry", "openlineage")
    if not file.url and not file.file:
        raise ConfigError(
            "`telemetry.openlineage` names nobody to tell.", path=FILE, line=texts.scope(*at).line,
            hint="give it a `url` or a `file`.",
        )  # fmt: skip
    return OpenLineage(
        _address(file.url, texts, *at, "url") if file.url else "", texts.value(file.api_key, *at, "api_key"),
        texts.value(file.file, *at, "file"), texts.value(file.namespace, *at, "namespace"),
    )  # fmt: skip


def _otlp(file: OtlpFile | None, texts: Texts) -> Otlp | None:
    if file is None:
        return None
    at = ("telemetry", "otlp")
    headers = {name: texts.value(value, *at, "headers", name) for name, value in file.headers.items()}
    return Otlp(_address(file.endpoint, texts, *at, "endpoint"), headers)


def _statsd(file: StatsdFile | None, texts: Texts) -> Statsd | None:
    if file is None:
        return None
    at = ("telemetry", "statsd")
    return Statsd(texts.value(file.host, *at, "host"), file.port, texts.value(file.prefix, *at, "prefix"))


def _address(text: str, texts: Texts, *at: str) -> str:
    found = texts.value(text, *at)
    if not found.startswith(SCHEMES):
        raise ConfigError(
            f"`{'.'.join(at)}` is no address of HTTP.", path=FILE, line=texts.scope(*at).line,
            hint="it begins with http:// or https://.",
        )  # fmt: skip
    return found
