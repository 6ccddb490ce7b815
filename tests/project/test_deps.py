"""Packages are installed from an index, from repositories, archives and folders: all of them, or none."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dryland.errors import ConfigError, CycleError, DrylandError, DuplicateError, UnreachableError, UsageError
from dryland.project.deps import install as installing
from dryland.project.deps import transfer
from dryland.project.deps.add import with_package
from dryland.project.deps.install import Installed, Request, install
from dryland.project.deps.swap import SET_ASIDE, put_back, swap
from dryland.project.deps.versions import is_for_dbt, newest, parse_bounds, parse_version
from real_dbt import DBT, dbt

pytestmark = pytest.mark.slow  # each installs packages

SECRET = "hunter2-very-secret"


@dataclass
class Index:
    """A package index with its archives, on this machine."""

    url: str = ""
    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    failing: dict[str, list[int]] = field(default_factory=dict)  # path -> status codes to answer first
    authorizations: list[str] = field(default_factory=list)

    def package(
        self, name: str, version: str, *, requires: Any = (), dbt: Any = (), content: bytes | None = None
    ) -> None:
        """Publish a version."""
        short = name.rpartition("/")[2]
        path = f"api/v1/{name}.json"
        known = json.loads(self.answers.get(path, b'{"name": "x", "versions": {}}'))
        archive = f"archives/{short}-{version}.tar.gz"
        self.answers[archive] = archived(short, version) if content is None else content
        known["versions"][version] = {
            "name": short, "packages": list(requires), "require_dbt_version": list(dbt),
            "downloads": {"tarball": f"{self.url}{archive}"},
        }  # fmt: skip
        self.answers[path] = json.dumps(known).encode()
        names = {*json.loads(self.answers.get("api/v1/index.json", b"[]")), name}
        self.answers["api/v1/index.json"] = json.dumps(sorted(names)).encode()


def archived(name: str, version: str, **files: str) -> bytes:
    """A package as an archive: one folder with a dbt project."""
    content = {
        f"{name}-{version}/dbt_project.yml": f'name: {name}\nversion: "{version}"\n',
        f"{name}-{version}/macros/v.sql": "{% macro v() %}" + version + "{% endmacro %}\n",
        **files,
    }
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path, text in content.items():
            member = tarfile.TarInfo(path)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return out.getvalue()


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    monkeypatch.setattr(transfer, "PAUSE_S", 0.01)
    found = Index()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            found.asked.append(path)
            found.authorizations.append(self.headers.get("Authorization") or "")
            failing = found.failing.get(path)
            body = found.answers.get(path)
            self.send_response(failing.pop(0) if failing else 200 if body is not None else 404)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/"
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Shop:
    """A project that lists packages."""

    root: Path
    index_url: str

    def lists(self, text: str, file: str = "packages.yml") -> None:
        (self.root / file).write_text(text)

    def install(self, *, upgrade: bool = False, only_lock: bool = False, **environment: str) -> Installed:
        given = {"PATH": os.environ["PATH"], "DBT_PACKAGE_HUB_URL": self.index_url, **environment}
        return install(self.root, Request(upgrade, only_lock), environment=given)

    def refused(self, kind: type[DrylandError], **environment: str) -> DrylandError:
        with pytest.raises(kind) as caught:
            self.install(**environment)
        assert not list(self.root.glob(".dbt_packages*")), "nothing is left lying about"
        return caught.value

    def versions(self) -> dict[str, str]:
        """What stands in dbt_packages, each with the version of its macro."""
        return {
            path.parent.name: next((path.parent / "macros").glob("*.sql")).read_text().split("%}")[1].split("{%")[0]
            for path in sorted((self.root / "dbt_packages").glob("*/dbt_project.yml"))
        }

    @property
    def lock(self) -> str:
        return (self.root / "package-lock.yml").read_text()


@pytest.fixture
def shop_folder(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    (root / "dbt_project.yml").write_text('name: shop\nversion: "1.0"\nprofile: shop\n')
    return root


@pytest.fixture
def shop_of(shop_folder: Path, index: Index) -> Shop:
    return Shop(shop_folder, index.url)


@pytest.fixture
def alone(shop_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A project on a machine without an index."""
    monkeypatch.setattr(transfer, "PAUSE_S", 0.01)
    return Shop(shop_folder, "http://127.0.0.1:9/")


def repository(path: Path, name: str = "dates", *, inside: str = "") -> Callable[..., str]:
    """A git repository with one package; gives a function that commits a version and tells its hash."""
    path.mkdir(parents=True)
    identity = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@x",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@x",
    }

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=path, check=True, capture_output=True, text=True, env={**os.environ, **identity}
        )
        return done.stdout.strip()

    def commit(version: str, *, tag: str = "", branch: str = "") -> str:
        if branch:
            git("checkout", "-q", "-b", branch)
        folder = path / inside
        (folder / "macros").mkdir(parents=True, exist_ok=True)
        (folder / "dbt_project.yml").write_text(f'name: {name}\nversion: "1.0"\n')
        (folder / "macros/v.sql").write_text("{% macro v() %}" + version + "{% endmacro %}\n")
        git("add", ".")
        git("commit", "-q", "-m", version)
        if tag:
            git("tag", "-a", tag, "-m", tag)
        return git("rev-parse", "HEAD")

    git("init", "-q", "-b", "main")
    return commit


# --- versions ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "early", "expected"),
    [
        ([">=1.0.0", "<2.0.0"], False, "1.10.0"),
        ([">=1.0.0,<2.0.0"], False, "1.10.0"),
        (["1.2.0"], False, "1.2.0"),
        (["=1.2.0"], False, "1.2.0"),
        ([">1.10.0"], False, "2.0.0"),
        ([">1.10.0", "<2.0.0"], True, "None"),
        ([">=1.0.0", "<=2.0.0"], True, "2.0.0"),
        (["2.0.0-rc1"], False, "2.0.0-rc1"),
        ([">=1.10.0", "<2.0.0"], True, "1.10.0"),
        ([">=9.0.0"], False, "None"),
    ],
)
def test_the_newest_version_that_is_allowed_is_taken(bounds: list[str], early: bool, expected: str) -> None:
    """Numbers are compared as numbers, and `<2.0.0` does not mean the prereleases of 2.0.0."""
    there = [parse_version(text) for text in ("1.2.0", "1.10.0", "2.0.0-rc1", "2.0.0", "0.9.9")]
    found = newest([each for each in there if each], parse_bounds(bounds), is_early_allowed=early)
    assert str(found) == expected


@pytest.mark.parametrize(
    ("required", "expected"),
    [
        ([">=1.3.0", "<2.0.0"], True),
        ([">=1.3.0,<1.11.0"], False),
        (["=1.11.4"], True),
        ([">=1.12.0"], False),
        ([], True),
        ([">1.11.3", "<1.11.5"], True),
    ],
)
def test_any_patch_of_dbt_1_11_will_do(required: list[str], expected: bool) -> None:
    assert is_for_dbt(required) is expected


# --- the index ---------------------------------------------------------------------------------------------------


def test_packages_and_what_they_need_come_from_the_index(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    index.package("acme/dates", "1.4.0")
    index.package("acme/dates", "2.0.0")
    index.package("acme/money", "0.3.0", requires=[{"package": "acme/dates", "version": [">=1.0.0", "<2.0.0"]}])
    shop_of.lists('packages:\n  - package: acme/money\n    version: [">=0.1.0", "<1.0.0"]\n')
    done = shop_of.install()
    assert shop_of.versions() == {"dates": "1.4.0", "money": "0.3.0"}
    assert [each.shown for each in done.packages] == ["money 0.3.0", "dates 1.4.0"]
    assert "package: acme/dates\n    version: 1.4.0" in shop_of.lock.replace("name: dates\n    ", "")


def test_a_version_is_chosen_again_when_somebody_else_speaks(shop_of: Shop, index: Index) -> None:
    for version in ("1.0.0", "1.4.0"):
        index.package("acme/dates", version)
    index.package("acme/money", "0.3.0", requires=[{"package": "acme/dates", "version": "1.0.0"}])
    shop_of.lists(
        'packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n  - package: acme/money\n    version: 0.3.0\n'
    )
    shop_of.install()
    assert shop_of.versions() == {"dates": "1.0.0", "money": "0.3.0"}


def test_versions_for_another_dbt_are_left_out(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0", dbt=[">=1.0.0", "<2.0.0"])
    index.package("acme/dates", "2.0.0", dbt=[">=2.0.0"])
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n')
    shop_of.install()
    assert shop_of.versions() == {"dates": "1.0.0"}


def test_the_lock_settles_versions_until_the_list_changes(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n')
    assert not shop_of.install().is_from_lock
    index.package("acme/dates", "1.4.0")
    assert shop_of.install().is_from_lock
    assert shop_of.versions() == {"dates": "1.0.0"}
    assert not shop_of.install(upgrade=True).is_from_lock
    assert shop_of.versions() == {"dates": "1.4.0"}
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "1.0.0"\n')
    shop_of.install()
    assert shop_of.versions() == {"dates": "1.0.0"}


def test_a_lock_can_be_written_alone(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n')
    assert shop_of.install(only_lock=True).is_only_locked
    assert "version: 1.0.0" in shop_of.lock
    assert not (shop_of.root / "dbt_packages").exists()


def test_both_sides_of_a_conflict_are_told(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    index.package("acme/dates", "2.0.0")
    index.package("acme/money", "0.3.0", requires=[{"package": "acme/dates", "version": ["<2.0.0"]}])
    shop_of.lists(
        'packages:\n  - package: acme/dates\n    version: ">=2.0.0"\n  - package: acme/money\n    version: 0.3.0\n'
    )
    error = shop_of.refused(ConfigError)
    assert "packages.yml:2 wants >=2.0.0, and money/packages.yml:1 wants <2.0.0" in error.message
    assert "1.0.0, 2.0.0" in error.hint


def test_a_version_that_is_not_there_is_told_with_the_nearest(shop_of: Shop, index: Index) -> None:
    for version in ("1.0.0", "1.1.0", "1.3.0"):
        index.package("acme/dates", version)
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "1.2.0"\n')
    error = shop_of.refused(ConfigError)
    assert (error.path, error.line) == ("packages.yml", 3)
    assert error.message == "acme/dates has no version 1.2.0."
    assert error.hint == "there are 1.0.0, 1.1.0, 1.3.0."


def test_prereleases_are_for_those_who_ask(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "2.0.0-rc1")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n')
    assert "install_prerelease" in shop_of.refused(ConfigError).hint
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n    install_prerelease: true\n')
    shop_of.install()
    assert shop_of.versions() == {"dates": "2.0.0-rc1"}


def test_a_package_that_the_index_lacks_is_told_with_the_nearest(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    shop_of.lists('packages:\n  - package: acme/datse\n    version: "1.0.0"\n')
    error = shop_of.refused(ConfigError)
    assert (error.message, error.hint) == ("the package index has no `acme/datse`.", "`acme/dates` exists.")


def test_a_closed_network_is_told_with_what_works_instead(alone: Shop) -> None:
    alone.lists('packages:\n  - package: acme/dates\n    version: "1.0.0"\n')
    error = alone.refused(UnreachableError)
    assert "the package index cannot be reached for acme/dates: http://127.0.0.1:9/api" in error.message
    assert "dbt_packages" in error.hint
    assert "`local:`" in error.hint
    assert "DBT_PACKAGE_HUB_URL" in error.hint
    assert (error.path, error.line, error.exit_code) == ("packages.yml", 2, 3)


def test_a_busy_server_is_asked_again(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    index.failing = {"api/v1/acme/dates.json": [503, 500], "archives/dates-1.0.0.tar.gz": [502]}
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "1.0.0"\n')
    shop_of.install()
    assert shop_of.versions() == {"dates": "1.0.0"}
    index.failing = {"api/v1/acme/dates.json": [403]}
    assert "403" in shop_of.refused(UnreachableError).message


def test_a_failed_installation_leaves_the_packages_of_before(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: ">=1.0.0"\n')
    shop_of.install()
    lock = shop_of.lock
    index.package("acme/dates", "2.0.0")
    index.package("acme/money", "1.0.0", content=b"no archive")
    shop_of.lists(
        'packages:\n  - package: acme/dates\n    version: "2.0.0"\n  - package: acme/money\n    version: "1.0.0"\n'
    )
    assert "cannot be unpacked" in shop_of.refused(ConfigError).message
    assert (shop_of.versions(), shop_of.lock) == ({"dates": "1.0.0"}, lock)


def test_what_nothing_lists_any_more_is_removed_and_told(shop_of: Shop, index: Index) -> None:
    for name in ("acme/dates", "acme/money"):
        index.package(name, "1.0.0")
    shop_of.lists(
        "packages:\n  - package: acme/dates\n    version: 1.0.0\n  - package: acme/money\n    version: 1.0.0\n"
    )
    shop_of.install()
    shop_of.lists("packages:\n  - package: acme/money\n    version: 1.0.0\n")
    assert shop_of.install().removed == ("dates",)
    assert shop_of.versions() == {"money": "1.0.0"}


# --- archives ----------------------------------------------------------------------------------------------------


def test_an_archive_is_a_package_by_itself(shop_of: Shop, index: Index) -> None:
    index.answers["x/dates.tar.gz"] = archived("dates", "1.0.0")
    shop_of.lists(f"packages:\n  - tarball: {index.url}x/dates.tar.gz\n    name: dates\n")
    shop_of.install()
    assert shop_of.versions() == {"dates": "1.0.0"}
    index.answers.clear()
    assert "there is no archive at http://127.0.0.1" in shop_of.refused(ConfigError).message


def _hostile(name: str, *, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path, this_kind, link in (("p/dbt_project.yml", tarfile.REGTYPE, ""), (name, kind, target)):
            member = tarfile.TarInfo(path)
            member.type, member.linkname = this_kind, link
            tar.addfile(member, io.BytesIO())
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        _hostile("../evil.sql"),
        _hostile("p/../../evil.sql"),
        _hostile("/tmp/evil.sql"),
        _hostile("p/evil.sql", kind=tarfile.SYMTYPE, target="/etc/passwd"),
        _hostile("p/evil.sql", kind=tarfile.SYMTYPE, target="../../evil"),
        _hostile("p/evil.sql", kind=tarfile.SYMTYPE, target="a/../../evil"),
        _hostile("p/evil.sql", kind=tarfile.LNKTYPE, target="/etc/passwd"),
        _hostile("p/evil.sql", kind=tarfile.CHRTYPE),
        _hostile("p/evil.sql", kind=tarfile.FIFOTYPE),
    ],
    ids=["up", "up inside", "absolute", "link", "link up", "link up inside", "hard link", "device", "pipe"],
)
def test_nothing_of_an_archive_gets_outside(shop_of: Shop, index: Index, content: bytes) -> None:
    index.answers["x.tar.gz"] = content
    shop_of.lists(f"packages:\n  - tarball: {index.url}x.tar.gz\n    name: p\n")
    assert "leads out of its folder" in shop_of.refused(ConfigError).message
    assert [path.name for path in shop_of.root.parent.rglob("*evil*")] == []


def test_a_link_inside_of_an_archive_is_kept(shop_of: Shop, index: Index) -> None:
    index.answers["x.tar.gz"] = _hostile("p/macros/again.yml", kind=tarfile.SYMTYPE, target="../dbt_project.yml")
    shop_of.lists(f"packages:\n  - tarball: {index.url}x.tar.gz\n    name: p\n")
    shop_of.install()
    assert (shop_of.root / "dbt_packages/p/macros/again.yml").is_file()


def test_an_archive_has_a_limit(shop_of: Shop, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dryland.project.deps.archive.UNPACKED_BYTES_MAX", 10)
    index.answers["x.tar.gz"] = archived("p", "1.0.0")
    shop_of.lists(f"packages:\n  - tarball: {index.url}x.tar.gz\n    name: p\n")
    assert "too large" in shop_of.refused(ConfigError).message
    monkeypatch.setattr("dryland.project.deps.fetching.ARCHIVE_BYTES_MAX", 10)
    assert "larger than" in shop_of.refused(UnreachableError).message


def test_an_address_is_http_or_https(alone: Shop) -> None:
    alone.lists("packages:\n  - tarball: file:///etc/passwd\n    name: p\n")
    assert "no http or https address" in alone.refused(ConfigError).message


# --- repositories ------------------------------------------------------------------------------------------------


def test_a_repository_by_tag_branch_and_commit(alone: Shop, tmp_path: Path) -> None:
    commit = repository(tmp_path / "dates")
    first = commit("1", tag="v1")
    commit("2", branch="next")
    last = commit("3")
    url = f"file://{tmp_path}/dates"
    for revision, expected in (("v1", "1"), ("next", "3"), (first, "1"), (last[:9], "3")):
        alone.lists(f"packages:\n  - git: {url}\n    revision: {revision}\n")
        assert alone.install(upgrade=True).notes == ()
        assert alone.versions() == {"dates": expected}, revision
        assert f"revision: {first if expected == '1' else last}" in alone.lock
    assert not (alone.root / "dbt_packages/dates/.git").exists()


def test_a_repository_keeps_the_commit_of_the_lock(alone: Shop, tmp_path: Path) -> None:
    commit = repository(tmp_path / "dates")
    commit("1")
    alone.lists(f"packages:\n  - git: file://{tmp_path}/dates\n")
    assert "is not pinned" in alone.install().notes[0]
    commit("2")
    alone.install()
    assert alone.versions() == {"dates": "1"}
    alone.install(upgrade=True)
    assert alone.versions() == {"dates": "2"}
    alone.lists(f"packages:\n  - git: file://{tmp_path}/dates\n    warn-unpinned: false\n")
    assert alone.install().notes == ()


def test_a_package_in_a_folder_of_a_repository(alone: Shop, tmp_path: Path) -> None:
    repository(tmp_path / "mono", inside="packages/dates")("1", tag="v1")
    listed = f"packages:\n  - git: file://{tmp_path}/mono\n    revision: v1\n    subdirectory: "
    alone.lists(listed + "packages/dates\n")
    alone.install()
    assert alone.versions() == {"dates": "1"}
    alone.lists(listed + "packages/money\n")
    assert "no folder `packages/money`" in alone.refused(ConfigError).message
    alone.lists(listed + "../..\n")
    assert "no folder `../..`" in alone.refused(ConfigError).message
    alone.lists(listed.replace("subdirectory: ", "warn-unpinned: false\n"))
    error = alone.refused(ConfigError)
    assert "dbt_project.yml" in error.message


def test_a_wrong_revision_is_told_with_the_nearest(alone: Shop, tmp_path: Path) -> None:
    repository(tmp_path / "dates")("1", tag="v1.0")
    alone.lists(f"packages:\n  - git: file://{tmp_path}/dates\n    revision: v1.1\n")
    error = alone.refused(ConfigError)
    assert (error.path, error.line, error.hint) == ("packages.yml", 3, "`v1.0` exists.")


def test_no_git_and_no_repository_are_told(alone: Shop, tmp_path: Path) -> None:
    alone.lists(f"packages:\n  - git: file://{tmp_path}/nothing\n")
    error = alone.refused(UnreachableError)
    assert f"the repository file://{tmp_path}/nothing could not be reached" in error.message
    assert "the `git` command is not installed" in alone.refused(UnreachableError, PATH=str(tmp_path)).message


def test_two_revisions_of_one_repository_are_a_conflict(alone: Shop, tmp_path: Path) -> None:
    commit = repository(tmp_path / "dates")
    commit("1", tag="v1")
    commit("2", tag="v2")
    url = f"file://{tmp_path}/dates"
    alone.lists(f"packages:\n  - git: {url}\n    revision: v1\n  - git: {url}\n    revision: v2\n")
    assert "packages.yml:2 wants v1, and packages.yml:4 wants v2" in alone.refused(ConfigError).message


# --- secrets -----------------------------------------------------------------------------------------------------


def test_secrets_are_in_no_error_and_in_no_lock(shop_of: Shop, index: Index) -> None:
    index.answers["x.tar.gz"] = archived("p", "1.0.0")
    host = index.url.removeprefix("http://")
    written = "http://me:{{ env_var('DBT_ENV_SECRET_TOKEN') }}@" + host
    shop_of.lists(f'packages:\n  - tarball: "{written}x.tar.gz"\n    name: p\n')
    shop_of.install(DBT_ENV_SECRET_TOKEN=SECRET)
    assert any(each.startswith("Basic ") for each in index.authorizations)
    assert SECRET not in shop_of.lock
    assert "DBT_ENV_SECRET_TOKEN" in shop_of.lock
    assert shop_of.install(DBT_ENV_SECRET_TOKEN=SECRET).is_from_lock
    index.answers.clear()
    assert SECRET not in str(shop_of.refused(ConfigError, DBT_ENV_SECRET_TOKEN=SECRET))
    assert "DBT_ENV_SECRET_TOKEN" in str(shop_of.refused(DrylandError))


def test_a_secret_that_stands_in_the_list_itself_is_kept_out_of_the_lock(shop_of: Shop, index: Index) -> None:
    index.answers[f"{SECRET}/x.tar.gz"] = archived("p", "1.0.0")
    shop_of.lists(f"packages:\n  - tarball: {index.url}{SECRET}/x.tar.gz\n    name: p\n")
    shop_of.install(DBT_ENV_SECRET_TOKEN=SECRET)
    assert SECRET not in shop_of.lock
    assert f"{index.url}***/x.tar.gz" in shop_of.lock


def test_credentials_of_a_repository_are_not_told(alone: Shop) -> None:
    alone.lists("packages:\n  - git: \"http://me:{{ env_var('DBT_ENV_SECRET_TOKEN') }}@127.0.0.1:9/x.git\"\n")
    error = alone.refused(UnreachableError, DBT_ENV_SECRET_TOKEN=SECRET)
    assert SECRET not in str(error)
    assert "http://127.0.0.1:9/x.git" in error.message
    alone.lists(f'packages:\n  - git: "http://me:{SECRET}@127.0.0.1:9/x.git"\n')
    assert SECRET not in str(alone.refused(UnreachableError))


ASKS = "http://127.0.0.1:9/{{ env_var('NAME') }}.git"


@pytest.mark.parametrize("name", ["DBT_ENV_SECRET_TOKEN", "AWS_SECRET_ACCESS_KEY"])
def test_a_package_that_was_fetched_reads_no_secrets(alone: Shop, tmp_path: Path, name: str) -> None:
    """It could name an address of its own, and the secret would be sent there."""
    commit = repository(tmp_path / "git/dates")
    (tmp_path / "git/dates/packages.yml").write_text(f'packages:\n  - git: "{ASKS.replace("NAME", name)}"\n')
    commit("1", tag="v1")
    alone.lists(f"packages:\n  - git: {tmp_path}/git/dates\n    revision: v1\n")
    error = alone.refused(ConfigError, **{name: SECRET})
    assert error.message == f"a package's list of packages asks for `{name}` of your environment."
    assert (error.path, error.line) == ("dates/packages.yml", 2)
    assert "List what it needs in your own packages.yml." in error.hint


def test_a_package_that_was_fetched_reads_what_is_no_secret(alone: Shop, tmp_path: Path) -> None:
    """What it read is no template in the lock: that is read again with all rights of the project."""
    repository(tmp_path / "git/sums", "sums")("1", tag="v1")
    commit = repository(tmp_path / "git/dates")
    asks = f"{tmp_path}/git/{{{{ env_var('DBT_WHICH') }}}}"
    (tmp_path / "git/dates/packages.yml").write_text(
        f"packages:\n  - git: \"{asks}\"\n    revision: \"{{{{ env_var('REVISION', 'v1') }}}}\"\n"
    )
    commit("1", tag="v1")
    alone.lists(f"packages:\n  - git: {tmp_path}/git/dates\n    revision: v1\n")
    alone.install(DBT_WHICH="sums", REVISION="none")
    assert alone.versions() == {"dates": "1", "sums": "1"}
    assert "{{" not in alone.lock
    assert alone.install().is_from_lock


def test_a_folder_of_the_project_reads_secrets_as_the_project_does(alone: Shop, tmp_path: Path) -> None:
    repository(tmp_path / "git/sums", "sums")("1", tag="v1")
    local(tmp_path / "money")
    asks = f"{tmp_path}/{{{{ env_var('DBT_ENV_SECRET_PLACE') }}}}/sums"
    (tmp_path / "money/packages.yml").write_text(f'packages:\n  - git: "{asks}"\n    revision: v1\n')
    alone.lists("packages:\n  - local: ../money\n")
    alone.install(DBT_ENV_SECRET_PLACE="git")
    assert alone.versions() == {"money": "local", "sums": "1"}
    assert alone.install(DBT_ENV_SECRET_PLACE="git").is_from_lock


def test_what_a_package_index_answers_is_no_template(shop_of: Shop, index: Index) -> None:
    asks = ASKS.replace("NAME", "DBT_ENV_SECRET_TOKEN")
    index.package("x/dates", "1.0.0", requires=[{"git": asks, "revision": "v1"}])
    shop_of.lists('packages:\n  - package: x/dates\n    version: "1.0.0"\n')
    error = shop_of.refused(ConfigError, DBT_ENV_SECRET_TOKEN=SECRET)
    assert error.message == "the package index answers with a template."


def test_a_lock_reads_no_secret_that_no_list_reads(alone: Shop, tmp_path: Path) -> None:
    repository(tmp_path / "git/dates")("1", tag="v1")
    alone.lists(f"packages:\n  - git: {tmp_path}/git/dates\n    revision: v1\n")
    alone.install()
    asks = ASKS.replace("NAME", "DBT_ENV_SECRET_TOKEN")
    (alone.root / "package-lock.yml").write_text(alone.lock.replace(f"{tmp_path}/git/dates", f'"{asks}"'))
    error = alone.refused(ConfigError, DBT_ENV_SECRET_TOKEN=SECRET)
    assert error.message == "the lock reads your environment for a package that you do not list."
    assert (error.path, error.line) == ("package-lock.yml", 2)


# --- folders -----------------------------------------------------------------------------------------------------


def local(folder: Path, needs: str = "") -> None:
    (folder / "macros").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(f'name: {folder.name}\nversion: "1.0"\n')
    (folder / "macros/v.sql").write_text("{% macro v() %}local{% endmacro %}\n")
    if needs:
        (folder / "packages.yml").write_text(f"packages:\n  - local: {needs}\n")


def test_folders_are_linked_with_what_they_need(alone: Shop, tmp_path: Path) -> None:
    local(tmp_path / "money", "../dates")
    local(tmp_path / "dates")
    alone.lists("packages:\n  - local: ../money\n")
    alone.install()
    assert alone.versions() == {"dates": "local", "money": "local"}
    assert (alone.root / "dbt_packages/money").is_symlink()
    assert not (alone.root / "dbt_packages/money").readlink().is_absolute()
    assert "local: ../dates" in alone.lock
    shutil.rmtree(tmp_path / "money")
    alone.lists("packages:\n  - local: ../money\n# again\n")
    assert alone.refused(ConfigError).message == "the package `../money` is not there."


def test_a_lock_is_not_believed_blindly(alone: Shop, tmp_path: Path) -> None:
    """It names folders that may have gone, and might name one outside of dbt_packages."""
    local(tmp_path / "money", "../dates")
    local(tmp_path / "dates")
    alone.lists("packages:\n  - local: ../money\n")
    alone.install()
    lock = alone.lock
    (alone.root / "package-lock.yml").write_text(lock.replace("name: dates", "name: ../../dates"))
    assert "which is no name" in alone.refused(ConfigError).message
    (alone.root / "package-lock.yml").write_text(lock)
    shutil.rmtree(tmp_path / "dates")
    error = alone.refused(ConfigError)
    assert (error.path, error.message) == ("package-lock.yml", "the package `../dates` is not there.")
    assert (alone.root / "dbt_packages/money").is_symlink()


def test_packages_that_need_each_other_are_told(alone: Shop, tmp_path: Path) -> None:
    local(tmp_path / "money", "../dates")
    local(tmp_path / "dates", "../money")
    alone.lists("packages:\n  - local: ../money\n")
    error = alone.refused(CycleError)
    assert error.message == "packages need each other: money needs dates needs money."


def test_two_packages_of_one_name_are_told(alone: Shop, tmp_path: Path) -> None:
    local(tmp_path / "one/dates")
    local(tmp_path / "two/dates")
    alone.lists("packages:\n  - local: ../one/dates\n  - local: ../two/dates\n")
    assert "are both the package `dates`" in alone.refused(DuplicateError).message
    local(tmp_path / "one/shop")
    alone.lists("packages:\n  - local: ../one/shop\n")
    assert "is named `shop`, as the project" in alone.refused(DuplicateError).message


# --- the folder --------------------------------------------------------------------------------------------------


def test_a_folder_is_exchanged_or_set_aside_and_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a system cannot exchange two names at once, whoever is killed in between is mended by the next."""
    for name in ("new", "dbt_packages"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    swap(tmp_path / "new", tmp_path / "dbt_packages")
    assert (tmp_path / "dbt_packages/new").exists()
    assert (tmp_path / "new/dbt_packages").exists()
    monkeypatch.setattr("sys.platform", "elsewhere")
    swap(tmp_path / "new", tmp_path / "dbt_packages")
    assert (tmp_path / "dbt_packages/dbt_packages").exists()
    (tmp_path / "dbt_packages").rename(tmp_path / f".dbt_packages{SET_ASIDE}")
    put_back(tmp_path / "dbt_packages")
    assert (tmp_path / "dbt_packages/dbt_packages").exists()


def test_killed_at_the_swap_leaves_the_old_or_the_new(shop_of: Shop, index: Index, monkeypatch: Any) -> None:
    index.package("acme/dates", "1.0.0")
    index.package("acme/dates", "2.0.0")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "1.0.0"\n')
    shop_of.install()
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "2.0.0"\n')

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for moment, expected in (("swap", "1.0.0"), ("lock_text", "2.0.0")):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(installing, moment, killed)
            shop_of.install()
        assert shop_of.versions() == {"dates": expected}
    assert shop_of.install().packages[0].version == "2.0.0"


def test_packages_go_where_the_project_wants_them(shop_of: Shop, index: Index) -> None:
    index.package("acme/dates", "1.0.0")
    with (shop_of.root / "dbt_project.yml").open("a") as file:
        file.write("packages-install-path: \"{{ env_var('WHERE', 'dbt_packages') }}/deep\"\n")
    shop_of.lists('packages:\n  - package: acme/dates\n    version: "1.0.0"\n')
    shop_of.install(WHERE="vendor")
    assert (shop_of.root / "vendor/deep/dates/dbt_project.yml").is_file()


# --- what is written ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "message", "hint"),
    [
        ("packages:\n  - package: a/b\n    versoin: 1.0.0\n", 3, "`versoin` is not a word", "did you mean `version`?"),
        ("packages:\n  - package: b\n    version: 1.0.0\n", 2, "`b` has no owner", "dbt-labs/dbt_utils"),
        ("packages:\n  - package: a/b\n", 2, "`a/b` has no version", "version:"),
        ("packages:\n  - package: a/b\n    version: new\n", 3, "`new` is not a version", "three numbers"),
        ("packages:\n  - {version: 1.0.0}\n", 2, "neither `package`", "one of:"),
        ("packages:\n  - {git: x, local: y}\n", 2, "is `git` and `local` at once", "one of:"),
        ("packages:\n  - {private: a/b}\n", 2, "dbt's own platform", "git:"),
        ("packages:\n  - {tarball: 'http://x/y'}\n", 2, "has no name", "name:"),
        ("packages: dates\n", 1, "is a list", "- package:"),
        ("packges: []\n", 1, "`packges` is not a key", "only `packages:`"),
        ("projects: []\n", 1, "`projects` is not a key", "dependencies.yml"),
        ("packages:\n  - local: ''\n", 2, "`local` has no value", "local:"),
        ("packages:\n  - dates\n", 1, "keys and values", "- package:"),
    ],
)
def test_slips_are_told_with_their_line(alone: Shop, text: str, line: int, message: str, hint: str) -> None:
    alone.lists(text)
    error = alone.refused(DrylandError)
    assert message in error.message
    assert hint in error.hint
    assert (error.path, error.line) == ("packages.yml", line)


def test_packages_may_stand_in_dependencies(alone: Shop, tmp_path: Path) -> None:
    local(tmp_path / "dates")
    alone.lists("projects:\n  - name: other\npackages:\n  - local: ../dates\n", "dependencies.yml")
    alone.install()
    assert alone.versions() == {"dates": "local"}
    alone.lists("packages: []\n")
    assert "in packages.yml and in dependencies.yml" in alone.refused(ConfigError).message


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'packages:\n  - package: acme/dates\n    version: "1.0.0"\n'),
        (
            "# ours\npackages:\n- local: ../x # near\n",
            '# ours\npackages:\n- local: ../x # near\n- package: acme/dates\n  version: "1.0.0"\n',
        ),
        (
            "packages:\n    - package: a/b\n      version: 1.0.0\n# end\n",
            "packages:\n    - package: a/b\n      version: 1.0.0\n"
            '    - package: acme/dates\n      version: "1.0.0"\n# end\n',
        ),
    ],
)
def test_a_package_is_added_and_nothing_else_is_touched(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "packages.yml"
    if before:
        file.write_text(before)
    with with_package(tmp_path, "acme/dates@1.0.0"):
        assert file.read_text() == after
    with pytest.raises(UsageError, match="already"), with_package(tmp_path, "acme/dates@2.0.0"):
        pass
    with pytest.raises(KeyboardInterrupt), with_package(tmp_path, "acme/money@>=1.0.0,<2.0.0"):
        assert 'version: [">=1.0.0", "<2.0.0"]' in file.read_text()
        raise KeyboardInterrupt
    assert file.read_text() == after


# --- beside dbt --------------------------------------------------------------------------------------------------


@pytest.mark.dbt
@pytest.mark.slow
@pytest.mark.skipif(not DBT.exists(), reason=f"there is no dbt at {DBT}")
def test_dbt_writes_the_same_lock_and_the_same_folder(shop_of: Shop, index: Index, tmp_path: Path) -> None:
    """Its lock is ours to the byte, so each is content with the other's."""
    commit = repository(tmp_path / "repo", "money")
    commit("1", tag="v1")
    local(tmp_path / "prices")
    for version in ("1.0.0", "1.4.0", "2.0.0-rc1", "2.0.0"):
        index.package("acme/dates", version)
    index.package("acme/names", "0.1.0", requires=[{"package": "acme/dates", "version": [">=1.0.0", "<2.0.0"]}])
    index.answers["x.tar.gz"] = archived("words", "1.0.0")
    shop_of.lists(f"""
packages:
  - package: acme/names
    version: [">=0.1.0", "<1.0.0"]
  - package: acme/dates
    version: ">=0.1.0"
    install_prerelease: true
  - git: file://{tmp_path}/repo
    revision: v1
    warn-unpinned: false
  - tarball: "{{{{ env_var('WHERE') }}}}x.tar.gz"
    name: words
  - local: ../prices
""")
    done = dbt(shop_of.root, "deps", DBT_PACKAGE_HUB_URL=index.url, WHERE=index.url)
    assert done.returncode == 0, done.stdout
    lock, versions = shop_of.lock, shop_of.versions()
    assert shop_of.install(WHERE=index.url).is_from_lock
    shop_of.install(upgrade=True, WHERE=index.url)
    assert (shop_of.lock, shop_of.versions()) == (lock, versions)
    assert versions == {"dates": "1.4.0", "money": "1", "names": "0.1.0", "prices": "local", "words": "1.0.0"}
