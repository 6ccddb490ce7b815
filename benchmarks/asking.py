"""Times planning a project whose templates ask the warehouse: 100 macros that call `run_query`, 300 models."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from beside import Result, dbt, dbt_median, dryland, median, report, timed
from files import write_files

MACROS, MODELS, SEEDS = 100, 300, 10
KINDS = ("tea", "milk", "sugar", "salt")
MACRO = """
{{% macro kinds_{n}(relation) %}}
  {{% set found = run_query('select distinct kind from ' ~ relation ~ ' where id % 97 <> {n} order by 1') %}}
  {{{{ return(found.columns[0].values() if execute else []) }}}}
{{% endmacro %}}

{{% macro totals_{n}(relation) %}}
  {{%- for kind in kinds_{n}(relation) %}}
  sum(case when kind = '{{{{ kind }}}}' then amount else 0 end) as {{{{ kind }}}}_{n}{{{{ ',' if not loop.last }}}}
  {{%- endfor %}}
{{% endmacro %}}
"""
MODEL = """
select id, kind, {{{{ totals_{n}(ref('{seed}')) }}}}, sum(amount) as amount from {{{{ ref('{read}') }}}} group by 1, 2
"""


def main() -> None:
    """Make the project twice, release it with both tools, then plan."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = str(Path(folder) / "cache")
        ours = _project(Path(folder) / "ours")
        theirs = Path(shutil.copytree(ours, Path(folder) / "theirs"))
        results = _results(ours, theirs, Path(folder) / "cache")
    report(results, f"{MACROS} macros, {MODELS} models, {SEEDS} seeds")


def _results(ours: Path, theirs: Path, cache: Path) -> list[Result]:
    def cold() -> None:
        shutil.rmtree(cache, ignore_errors=True)
        dryland(ours, "plan")

    first = timed(lambda: dryland(ours, "apply", "--yes", "-q"))
    building = dbt(theirs, "build")
    parsing_all = dbt(theirs, "--no-partial-parse", "compile")
    warm = median(lambda: dryland(ours, "plan"))
    return [
        ("first build, each asks once (dbt build)", first, building),
        ("plan, nothing kept (dbt compile, full parse)", median(cold), parsing_all),
        ("plan, nothing changed (dbt compile)", warm, dbt_median(theirs, "compile", rounds=2)),
    ]


def _project(root: Path) -> Path:
    files = {
        "dbt_project.yml": "name: asking\nprofile: asking\nmodels: {asking: {+materialized: table}}\n",
        "profiles.yml": "asking: {target: dev, outputs: {dev: {type: duckdb, path: warehouse.duckdb, threads: 4}}}\n",
    }
    rows = [f"{n},{KINDS[n % len(KINDS)]},{n % 7}" for n in range(200)]
    files |= {f"seeds/seed_{n}.csv": "\n".join(["id,kind,amount", *rows, ""]) for n in range(SEEDS)}
    files |= {f"macros/kinds_{n}.sql": MACRO.format(n=n) for n in range(MACROS)}
    files |= {f"models/model_{n}.sql": _model(n) for n in range(MODELS)}
    write_files(root, files)
    return root


def _model(number: int) -> str:
    """Each model pivots a seed by the kinds in it; most read another model."""
    seed = f"seed_{number % SEEDS}"
    read = seed if number < SEEDS else f"model_{number - SEEDS}"
    return MODEL.format(n=number % MACROS, seed=seed, read=read)


if __name__ == "__main__":
    main()
