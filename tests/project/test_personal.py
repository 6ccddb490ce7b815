"""What a project says of personal data is read in one way, whoever masks: checks, diffs, monitors, the desk."""

from __future__ import annotations

from typing import Any

import pytest

from dryland.check.offenders import persons_columns
from dryland.platform import Platform
from dryland.project.personal import EVERY


@pytest.mark.parametrize(
    ("said", "columns"),
    [
        ("columns: [{name: Email, config: {meta: {pii: true}}}, {name: id}]", {"email"}),
        ("columns: [{name: email, config: {tags: [pii]}}, {name: id}]", {"email"}),
        ("columns: [{name: email, config: {meta: {gdpr: hash}}}, {name: id}]", {"email"}),
        ("config: {meta: {pii: [email]}}", {"email"}),
        ("config: {meta: {pii: {email: hash, id: false}}}", {"email"}),
        ("config: {meta: {pii: true}}\n            columns: [{name: email}, {name: id}]", {EVERY, "email", "id"}),
        ("columns: [{name: email}, {name: id}]", set()),
    ],
    ids=["meta", "tag", "word", "list", "masks", "all", "nothing"],
)
def test_columns_of_persons_are_known_however_that_is_said(workspace: Any, said: str, columns: set[str]) -> None:
    workspace.write("dbt_project.yml", "name: shop\nprofile: shop\n")
    workspace.write("profiles.yml", "shop: {target: dev, outputs: {dev: {type: duckdb, path: w.duckdb}}}\n")
    workspace.write("models/people.sql", "select 1 as id, 'a@b' as email")
    workspace.write(
        "models/people.yml",
        f"""
        version: 2
        models:
          - name: people
            {said}
        """,
    )
    with Platform.open(workspace.root) as platform:
        assert persons_columns("model.shop.people", platform.project) == columns
