"""A project stays within its folder: links lead nothing out of it, and packages read nothing but themselves."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dryland.errors import ConfigError
from dryland.project.deps.archive import unpack

pytestmark = pytest.mark.medium

MINIMAL = 'name: shop\nversion: "1.0"\nprofile: shop\nmodels: {shop: {+materialized: table}}\n'
LAKE = "{{{{ config(materialized='external', {}) }}}} select 1 as a, 2 as b"
LED_OUT = "a link in it leads out of the project"


@pytest.fixture
def outside(shop: Any, tmp_path_factory: Any) -> Path:
    """A folder of somebody else, with things that are not to be touched."""
    folder: Path = tmp_path_factory.mktemp("outside")
    (folder / "kept.sql").write_text("select 'theirs' as s")
    (folder / "kept.csv").write_text("s\ntheirs\n")
    return folder


def untouched(outside: Path) -> bool:
    files = sorted(str(each.relative_to(outside)) for each in outside.rglob("*"))
    return files == ["kept.csv", "kept.sql"] and (outside / "kept.csv").read_text() == "s\ntheirs\n"


Prepare = Callable[[Any, Path], object]
LINKS: dict[str, tuple[str, str, Prepare, str]] = {
    "artifacts": (
        "apply --yes --quiet", "did not write dbt's artifacts",
        lambda shop, outside: (shop.root / "target").symlink_to(outside), "",
    ),
    "artifacts, asked for": (
        "artifacts", "cannot be written to", lambda shop, outside: (shop.root / "target").symlink_to(outside), "",
    ),
    "metadata": (
        "apply --yes --quiet", "is not used", lambda shop, outside: (shop.root / ".dryland").symlink_to(outside), "",
    ),
    "a journal": (
        "apply --yes --quiet", "could not tell journal",
        lambda shop, outside: (shop.root / "told").symlink_to(outside / "kept.csv"),
        "notifications: [{name: journal, file: told}]",
    ),
    "an export": (
        "apply --yes --quiet", "was not written to out/kept.csv",
        lambda shop, outside: (shop.root / "out").symlink_to(outside),
        "exports: [{name: away, model: stg_orders, to: out/kept.csv}]",
    ),
    "an external file": (
        "apply --yes --quiet", "did not write lake",
        lambda shop, outside: (
            (shop.root / "out").symlink_to(outside),
            shop.write("models/lake.sql", LAKE.format("location='out/kept.csv'")),
        ), "",
    ),
    "packages": (
        "deps", "nothing is installed in dbt_packages",
        lambda shop, outside: (
            (shop.root / "dbt_packages").symlink_to(outside),
            shop.write("other/dbt_project.yml", "name: other\n"),
            shop.write("packages.yml", "packages: [{local: other}]"),
        ), "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LINKS)
def test_nothing_is_written_where_a_link_leads_out_of_the_project(what: str, shop: Any, outside: Path) -> None:
    words, told, prepare, settings = LINKS[what]
    shop.write("dryland.yml", settings or "{}")
    prepare(shop, outside)
    answer = shop.dryland(*words.split(), code=None)
    assert told in answer.out + answer.err and LED_OUT in answer.out + answer.err
    assert untouched(outside)


@pytest.mark.parametrize(
    ("link", "target", "told"),
    [
        ("models/x.sql", "kept.sql", "the file is a link out of the project"),
        ("seeds/x.csv", "kept.csv", "the file is a link out of the project"),
        ("macros/x.sql", "kept.sql", "the file is a link out of the project"),
        ("models/more", ".", "the folder is a link"),
    ],
)
def test_a_link_among_the_models_is_told_and_not_followed(
    link: str, target: str, told: str, shop: Any, outside: Path
) -> None:
    (shop.root / link).parent.mkdir(exist_ok=True)
    (shop.root / link).symlink_to(outside / target)
    answer = shop.dryland("ls", code=2)
    assert f"{link}: {told}" in answer.err


@pytest.mark.parametrize("folder", ["..", "../..", "/etc", "/"])
@pytest.mark.parametrize("kind", ["model", "seed", "macro", "docs", "test", "snapshot", "analysis"])
def test_a_project_is_not_read_from_a_folder_that_it_stands_in(kind: str, folder: str, shop: Any) -> None:
    shop.write("dbt_project.yml", f"{MINIMAL}{kind}-paths: [{folder!r}]\n")
    answer = shop.dryland("ls", code=2)
    assert f"dbt_project.yml:5: `{kind}-paths` has `{folder}`, which is no folder of the project" in answer.err


def test_a_package_reads_its_own_files_alone(shop: Any, outside: Path) -> None:
    """The project itself may read what stands beside it, as monorepos do with dbt; what it installs may not."""
    away = os.path.relpath(outside, shop.root)
    shop.write("dbt_project.yml", f"{MINIMAL}model-paths: [models, {away!r}]\n")
    assert "kept" in shop.dryland("ls").out
    shop.write("dbt_project.yml", MINIMAL)
    shop.write("dbt_packages/other/dbt_project.yml", f"name: other\nseed-paths: [{f'../../{away}'!r}]\n")
    answer = shop.dryland("ls", code=2)
    assert "dbt_packages/other/dbt_project.yml:2: `seed-paths` of the package `other`" in answer.err


@pytest.mark.parametrize("name", ["../../kept", "/etc/passwd", "../raw_orders"])
def test_a_fixture_is_one_of_the_fixtures(name: str, shop: Any) -> None:
    shop.write("models/u.yml", f"""
        unit_tests:
          - {{name: u, model: stg_orders, expect: {{rows: []}},
             given: [{{input: ref('raw_orders'), format: csv, fixture: {name!r}}}]}}
        """)  # fmt: skip
    assert f"there is no fixture `{name}`" in shop.dryland("test", code=2).err


@pytest.mark.parametrize("location", ["models", ".", "..", "seeds/../models"])
def test_a_folder_of_others_is_not_exchanged_for_that_of_a_model(location: str, shop: Any) -> None:
    """An external model with partitions is a folder, which is replaced as a whole."""
    shop.write("models/lake.sql", LAKE.format(f"options={{'partition_by': 'a'}}, location={location!r}"))
    before = sorted(shop.root.rglob("*.sql"))
    answer = shop.dryland("apply", "--yes", "--quiet", code=None)
    assert "did not write lake" in answer.out + answer.err
    assert [file for file in before if file.exists() and "target" not in file.parts] == before


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname = kind, link
    return found


@pytest.mark.parametrize(
    "members",
    [
        [member("../evil")], [member("/tmp/evil")], [member("p/../../evil")], [member("p\\..\\evil")],
        [member("p/l", tarfile.SYMTYPE, "/etc")], [member("p/l", tarfile.SYMTYPE, "../../..")],
        [member("p/l", tarfile.SYMTYPE, "."), member("p/l/evil")],
        [member("p/a", tarfile.SYMTYPE, "."), member("p/l", tarfile.SYMTYPE, "a/a/a/../../..")],
        [member("p/l", tarfile.LNKTYPE, "/etc/passwd")], [member("p/d", tarfile.CHRTYPE)],
        [member("p/f", tarfile.FIFOTYPE)], [member("p/x"), member("p/x")],
    ],
    ids=lambda members: " ".join(f"{each.name}={each.linkname}" for each in members),
)  # fmt: skip
def test_an_archive_cannot_get_out_of_its_folder(members: list[tarfile.TarInfo], tmp_path: Path) -> None:
    archive = tmp_path / "p.tar"
    with tarfile.open(archive, "w") as tar:
        for each in members:
            tar.addfile(each, io.BytesIO())
    with pytest.raises(ConfigError):
        unpack(archive, tmp_path / "below" / "here", "p")
    assert not [file for file in tmp_path.rglob("evil") if not file.is_relative_to(tmp_path / "below" / "here")]
