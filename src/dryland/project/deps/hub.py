"""Asks the package index which versions a package has, and where they are."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dryland.errors import ConfigError, UnreachableError
from dryland.project.config import as_list
from dryland.project.deps.listing import Wanted
from dryland.project.deps.transfer import NotThereError, address, fetch
from dryland.project.deps.versions import Version, is_for_dbt, parse_version

HUB = "https://hub.getdbt.com/"  # dbt's public index, unless DBT_PACKAGE_HUB_URL names another
ANSWER_BYTES_MAX = 50 << 20
INSTEAD = "put the package's folder into dbt_packages, list it as `local:`, or name a mirror in DBT_PACKAGE_HUB_URL."


@dataclass
class Hub:
    """A package index; asks for each package once."""

    url: str = HUB
    _asked: dict[str, dict[str, Any]] = field(default_factory=dict)

    def versions(self, wanted: Wanted) -> dict[Version, str]:
        """The versions of a package that go with our dbt, each as the index writes it.

        Raises:
            UnreachableError: the index does not answer.
            ConfigError: it has no such package.
        """
        found: dict[Version, str] = {}
        for text, body in self._package(wanted).items():
            version = parse_version(text)
            required = [str(each) for each in as_list(body.get("require_dbt_version"))]
            if version is not None and _fits(required):
                found[version] = text
        return found

    def tarball(self, wanted: Wanted, version: str) -> str:
        """Where the archive of a version is."""
        body = self._version(wanted, version)
        found = (body.get("downloads") or {}).get("tarball")
        if not found:
            raise self._strange(wanted, f"no address for version {version}")
        return str(found)

    def name(self, wanted: Wanted, version: str) -> str:
        """The name of the project in a package."""
        return str(self._version(wanted, version).get("name") or wanted.likely_name)

    def requirements(self, wanted: Wanted, version: str) -> list[Any]:
        """What a version needs, as entries of its packages.yml."""
        return list(self._version(wanted, version).get("packages") or ())

    def _version(self, wanted: Wanted, version: str) -> Mapping[str, Any]:
        versions = self._package(wanted)
        if version not in versions:
            raise ConfigError(
                f"{wanted} {version} is not on the package index any more.", path=wanted.place.path,
                line=wanted.place.line, hint="`dryland deps --upgrade` chooses versions anew.",
            )  # fmt: skip
        found: Mapping[str, Any] = versions[version]
        return found

    def _package(self, wanted: Wanted) -> dict[str, Any]:
        if wanted.what not in self._asked:
            answer = self._get(wanted, wanted.what)
            versions = answer.get("versions") if isinstance(answer, dict) else None
            if not isinstance(versions, dict):
                raise self._strange(wanted, "no versions")
            self._asked[wanted.what] = versions
        return self._asked[wanted.what]

    def _get(self, wanted: Wanted, name: str) -> Any:
        try:
            return json.loads(fetch(f"{self.url.rstrip('/')}/api/v1/{name}.json", ANSWER_BYTES_MAX))
        except NotThereError:
            raise self._unknown(wanted) from None
        except UnreachableError as error:
            raise UnreachableError(
                f"the package index cannot be reached for {wanted}: {error.message}",
                path=wanted.place.path, line=wanted.place.line, hint=INSTEAD,
            ) from None  # fmt: skip
        except ValueError:
            raise self._strange(wanted, "no JSON") from None

    def _unknown(self, wanted: Wanted) -> ConfigError:
        near: list[str] = []
        try:
            index = json.loads(fetch(f"{self.url.rstrip('/')}/api/v1/index.json", ANSWER_BYTES_MAX))
            near = difflib.get_close_matches(wanted.what, [str(each) for each in index], n=1, cutoff=0.5)
        except (NotThereError, UnreachableError, ValueError, TypeError):
            pass  # without a list of all packages there is no nearest
        return ConfigError(
            f"the package index has no `{wanted}`.", path=wanted.place.path, line=wanted.place.line,
            hint=f"`{near[0]}` exists." if near else "owner/name, such as dbt-labs/dbt_utils.",
        )  # fmt: skip

    def _strange(self, wanted: Wanted, what: str) -> UnreachableError:
        return UnreachableError(
            f"{address(self.url)} answers strangely for {wanted}: {what}.", path=wanted.place.path,
            line=wanted.place.line, hint=INSTEAD,
        )  # fmt: skip


def _fits(required: list[str]) -> bool:
    try:
        return is_for_dbt(required)
    except ConfigError:  # an index has versions of all ages; one that says it in another way is not for us
        return False
