"""A manifest that is made in pieces is the manifest that is made as a whole."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dryland.artifacts import pieces
from dryland.artifacts.write import artifacts_of
from dryland.platform import Platform

pytestmark = pytest.mark.medium

MODEL = "models/marts/customer_orders.sql"
PASSING = {"created_at", "metadata"}


@pytest.fixture
def kept(tmp_path_factory, monkeypatch) -> None:
    monkeypatch.setenv("DRYLAND_CACHE", str(tmp_path_factory.mktemp("cache")))


def timeless(value: Any) -> Any:
    """Without what is another each time."""
    if isinstance(value, dict):
        return {key: timeless(each) for key, each in value.items() if key not in PASSING}
    return [timeless(each) for each in value] if isinstance(value, list) else value


def manifest_of(shop, environment: str = "prod") -> dict[str, Any]:
    """The manifest that a release would write."""
    with Platform.open(shop.root) as platform:
        made = artifacts_of(platform.project, lambda: platform.engine, "apply", environment)
        text = "".join(pieces.manifest_pieces(made.compiler, made.invocation).texts({}))
    return timeless(json.loads(text))


def whole_manifest(shop, monkeypatch, environment: str = "prod") -> dict[str, Any]:
    """The same of a project of which nothing is kept."""
    with monkeypatch.context() as other:
        other.setenv("DRYLAND_CACHE", "")
        return manifest_of(shop, environment)


@pytest.mark.parametrize(
    "text",
    [
        "select customer_id, name, 1 as orders, 2 as revenue from {{ ref('stg_customers') }}",
        "select 1 as customer_id, 'x' as name, 1 as orders, 2 as revenue",
        "{% set n = 3 %}select customer_id, 'x' as name, {{ n }} as orders, 2 as revenue from {{ ref('stg_orders') }}",
    ],
    ids=["fewer refs", "no refs", "Jinja"],
)
def test_after_an_edit_only_its_piece_is_made_and_all_is_as_if_made_anew(shop, kept, monkeypatch, text) -> None:
    before = manifest_of(shop)
    shop.write(MODEL, text)
    monkeypatch.setattr(pieces, "manifest", lambda *_: pytest.fail("the whole manifest was made"))
    edited = manifest_of(shop)
    monkeypatch.undo()
    assert edited == whole_manifest(shop, monkeypatch)
    node = "model.shop.customer_orders"
    assert edited["nodes"][node]["compiled_code"] != before["nodes"][node]["compiled_code"]
    assert edited["parent_map"][node] == sorted(edited["nodes"][node]["depends_on"]["nodes"])


def test_edits_are_kept_beside_the_manifest_until_they_are_put_back(shop, kept, monkeypatch) -> None:
    """All that is kept of a large manifest is written once, and not again for every model that somebody edits."""
    before, (whole,) = manifest_of(shop), Path(os.environ["DRYLAND_CACHE"]).glob("*.manifest")
    written, other = whole.read_bytes(), "models/staging/stg_customers.sql"
    texts = {path: (shop.root / path).read_text() for path in (MODEL, other)}
    shop.write(MODEL, "select 1 as customer_id, 'x' as name, 1 as orders, 2 as revenue")
    manifest_of(shop)
    shop.write(other, f"-- edited after the first\n{texts[other]}")
    both = manifest_of(shop)
    assert both == manifest_of(shop) == whole_manifest(shop, monkeypatch)
    for path, text in texts.items():
        shop.write(path, text)
    assert manifest_of(shop) == before
    assert whole.read_bytes() == written


def test_what_else_changes_is_in_the_manifest_too(shop, kept, monkeypatch) -> None:
    manifest_of(shop)
    shop.edit("models/schema.yml", "One row per customer.", "A row for each customer.")
    changed = manifest_of(shop)
    assert changed["nodes"]["model.shop.customer_orders"]["description"] == "A row for each customer."
    assert changed == whole_manifest(shop, monkeypatch)


def test_environments_do_not_share_their_names(shop, kept, monkeypatch) -> None:
    prod, dev, again = manifest_of(shop), manifest_of(shop, "dev_ana"), manifest_of(shop)
    assert prod == again
    assert dev == whole_manifest(shop, monkeypatch, "dev_ana")
    assert dev["nodes"]["model.shop.stg_orders"]["schema"] != prod["nodes"]["model.shop.stg_orders"]["schema"]


def test_a_damaged_manifest_is_made_anew(shop, kept) -> None:
    first = manifest_of(shop)
    for file in Path(os.environ["DRYLAND_CACHE"]).glob("*.manifest"):
        file.write_bytes(b"nonsense")
    assert manifest_of(shop) == first


def test_files_that_are_as_they_were_long_ago_have_the_manifest_of_then(shop, kept, monkeypatch) -> None:
    """The project is read as a whole then, and what is kept of its manifest is a later one."""
    first, model = manifest_of(shop), (shop.root / MODEL).read_text()
    shop.write(MODEL, "select 1 as customer_id, 'x' as name, 1 as orders, 2 as revenue")
    assert manifest_of(shop) != first
    yaml = shop.root / "models/schema.yml"
    before = yaml.read_text()
    yaml.write_text(f"{before}# seen by nobody\n")
    with Platform.open(shop.root) as platform:
        assert platform.project
    yaml.write_text(before)
    (shop.root / MODEL).write_text(model)
    assert manifest_of(shop) == first
