"""Finds the warehouse: in profiles.yml, as dbt does, or in dryland.yml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryland.engines.profile_keys import verify_settings
from dryland.engines.registry import verify_kind
from dryland.errors import ConfigError, MissingSettingError
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Stage
from dryland.project.project import Warehouse
from dryland.project.target import database_of, schema_of
from dryland.project.yaml_file import Mapped, read_yaml

if TYPE_CHECKING:
    from dryland.project.late_parts import OpeningTemplates

SETTINGS = "dryland.yml"
LOCATION_HINT = "dbt looks in --profiles-dir, DBT_PROFILES_DIR, the project's folder and ~/.dbt; so does Dryland."


def warehouse_of(
    root: Path,
    profile: str,
    *,
    target: str | None,
    profiles_dir: Path | None,
    environment: Mapping[str, str],
    templates: OpeningTemplates,
) -> Warehouse:
    """The output of the profile that `target` names, or the profile's own default.

    Raises:
        MissingSettingError: there is no profiles.yml, profile or target of that name.
        UnsupportedError: there is no engine for its type.
    """
    path = _find(root, profiles_dir, environment)
    shown = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    profiles = read_yaml(path, shown)
    entry = _entry(profiles, profile, shown)
    scope = Scope(shown, "", line=profiles.line_of(profile))
    chosen = str(target or templates.value(entry.get("target", "default"), scope, stage=Stage.CONNECTION))
    outputs = _outputs(entry, profile, chosen, shown)
    settings = templates.value(outputs[chosen], scope, stage=Stage.CONNECTION)
    return _warehouse(settings, profile, chosen, shown, outputs.line_of(chosen), outputs[chosen])


def _entry(profiles: Mapped, profile: str, shown: str) -> Mapped:
    if profile not in profiles:
        others = ", ".join(name for name in profiles if name != "config") or "none"
        raise MissingSettingError(
            f"there is no profile `{profile}`.",
            path=shown,
            hint=f"it has: {others}. dbt_project.yml names the profile.",
        )
    entry = profiles[profile]
    if not isinstance(entry, Mapped):
        raise ConfigError(
            f"the profile `{profile}` is keys and values.", path=shown, line=profiles.line_of(profile),
            hint="outputs: {dev: {type: duckdb, path: warehouse.duckdb}}",
        )  # fmt: skip
    return entry


def _outputs(entry: Mapped, profile: str, target: str, shown: str) -> Mapped:
    """The outputs of a profile, among which the target is."""
    outputs: Mapped = entry.get("outputs") or Mapped()
    if target not in outputs:
        raise MissingSettingError(
            f"the profile `{profile}` has no target `{target}`.", path=shown, line=entry.line_of("target"),
            hint=f"it has: {', '.join(outputs) or 'none'}.",
        )  # fmt: skip
    return outputs


def from_settings(
    section: Mapping[str, Any], line: int, templates: OpeningTemplates, name: str = "default"
) -> Warehouse:
    """The `warehouse:` section of dryland.yml, or one of its `warehouses:` by name."""
    settings = templates.value(section, Scope(SETTINGS, "", line=line), stage=Stage.CONNECTION)
    return _warehouse(settings, "", name, SETTINGS, line, section)


def _warehouse(
    settings: Mapping[str, Any], profile: str, target: str, shown: str, line: int, written: Mapping[str, Any]
) -> Warehouse:
    """`written` are the settings as they stand in the file, with their lines."""
    kind = str(settings.get("type", ""))
    verify_kind(kind, shown, line)
    verify_settings(kind, written, path=shown, line=line)
    threads = settings.get("threads", 4)
    if not str(threads).isdigit():
        raise ConfigError(f"`threads` is a number, not `{threads}`.", path=shown, line=line, hint="threads: 4")
    return Warehouse(
        type=kind,
        database=database_of(kind, settings, shown, line),
        schema=schema_of(kind, settings),
        settings=dict(settings),
        target_name=target,
        profile_name=profile,
        threads=int(threads),
    )


def _find(root: Path, profiles_dir: Path | None, environment: Mapping[str, str]) -> Path:
    named = profiles_dir or (Path(environment["DBT_PROFILES_DIR"]) if environment.get("DBT_PROFILES_DIR") else None)
    for folder in [named] if named else [root, *_home(environment)]:
        if (folder / "profiles.yml").is_file():
            return folder / "profiles.yml"
    where = str(named or root)
    raise MissingSettingError(f"there is no profiles.yml in {where}.", hint=LOCATION_HINT)


def _home(environment: Mapping[str, str]) -> list[Path]:
    """Where dbt keeps profiles of a person; nowhere for one without a home, as in a container."""
    try:
        return [Path(environment.get("HOME", "~")).expanduser() / ".dbt"]
    except RuntimeError:
        return []
