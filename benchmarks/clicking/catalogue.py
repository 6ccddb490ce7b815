"""Writes a project with a large catalogue: layers of small models, each with words, owners, columns and checks."""

from __future__ import annotations

import random
from pathlib import Path

LAYERS = ("staging", "base", "intermediate", "features", "marts")
OWNERS = ("finance", "crm", "logistics", "web", "data-platform", "purchasing", "support", "risk", "")
TAGS = ("daily", "hourly", "pii", "core", "legacy", "ml")
THINGS = ("orders", "customers", "payments", "returns", "visits", "baskets", "prices", "stock", "claims", "routes")
WORDS = (
    "One row per",
    "with what it earned",
    "as of the last day",
    "cleaned",
    "by country and month",
    "for the campaign",
)
COLUMNS = ("amount", "country", "status", "updated_on", "channel")
PROJECT = 'name: big\nversion: "1.0"\nprofile: big\nmodels: {big: {+materialized: table}}\n'
PROFILE = "big: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, schema: main, threads: 2}}}\n"


def write(root: Path, datasets: int, seed: int = 7) -> None:
    """Write it; the same number gives the same project."""
    dice = random.Random(seed)
    (root / "models").mkdir(parents=True)
    (root / "dbt_project.yml").write_text(PROJECT)
    (root / "profiles.yml").write_text(PROFILE)
    names: list[list[str]] = []
    for number, layer in enumerate(LAYERS):
        folder = root / "models" / layer
        folder.mkdir()
        size = datasets // len(LAYERS)
        own = [f"{layer[:3]}_{dice.choice(THINGS)}_{place:04d}" for place in range(size)]
        for name in own:
            (folder / f"{name}.sql").write_text(_query(dice, names[number - 1] if number else ()))
        (folder / "models.yml").write_text("version: 2\nmodels:\n" + "".join(_words(dice, name) for name in own))
        names.append(own)


def _query(dice: random.Random, above: tuple[str, ...] | list[str]) -> str:
    if not above:
        return (
            f"select 1 as id, {dice.random():.3f} as amount, 'pt' as country, 'ok' as status,\n"
            "    date '2026-01-02' as updated_on, 'web' as channel\n"
        )
    first, second = dice.sample(list(above), 2)
    return (
        f"select a.id, a.amount + b.amount as amount, a.country, b.status, a.updated_on, b.channel\n"
        f"from {{{{ ref('{first}') }}}} a\njoin {{{{ ref('{second}') }}}} b on a.id = b.id\n"
    )


def _words(dice: random.Random, name: str) -> str:
    owner, tag = dice.choice(OWNERS), dice.choice(TAGS)
    described = f"{dice.choice(WORDS)} {name.split('_')[1]}, {dice.choice(WORDS)}."
    meta = f"meta: {{owner: {owner}}}, " if owner else ""
    columns = "".join(f"      - {{name: {column}, description: {dice.choice(WORDS)} {column}}}\n" for column in COLUMNS)
    return (
        f"  - name: {name}\n    description: {described}\n    config: {{{meta}tags: [{tag}]}}\n"
        f"    columns:\n      - {{name: id, data_tests: [not_null, unique]}}\n{columns}"
    )
