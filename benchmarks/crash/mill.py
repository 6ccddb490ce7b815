"""Writes the project that is killed: every relation shows which release made it, and grows by rows that are known.

A release is told by its mark: the number of its code, and the newest batch of data that went into it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

IDS = (1, 2, 3, 4)  # of each batch, a row for each
SEEDED = (1, 2, 3)
BULK_ROWS = 20_000  # so that a statement takes long enough to be cut in two
RELEASES_KEPT = 3
LEASE_S = 1.0  # without a sign of life, and others may take over

CHECKED: Mapping[str, tuple[str, ...]] = {
    "arrivals": ("not_null_arrivals_id", "not_negative_arrivals_amount"),
    "now": ("unique_now_mark", "not_null_now_mark"),
    "totals": ("unique_totals_id",),
    "growing": ("unique_growing_row_id",),
    "appended": ("unique_appended_mark",),
    "guarded": ("not_negative_guarded_amount", "relationships_guarded_id__id__ref_totals_"),
    "report_view": ("not_null_report_view_mark",),
    "kept": ("not_null_kept_id",),
    "bulk": ("unique_bulk_i",),
}
"""Relation -> the checks that no release may be without."""

_FILES = {
    "profiles.yml": """
        mill:
          target: dev
          outputs:
            dev: {profile}
        """,
    "dryland.yml": """
        retention: {{releases: {kept}}}
        lease: {lease:g}
        state: "{state}"
        """,
    "macros/not_negative.sql": """
        {% test not_negative(model, column_name) %}
        select * from {{ model }} where {{ column_name }} < 0
        {% endtest %}
        """,
    "models/arrivals.sql": """
        select id, batch, amount, arrived_at, {{ var('code') }} * 100000 + max(batch) over () as mark
        from {{ source('raw', 'arrivals') }}
        """,
    "models/now.sql": "select max(batch) as batch, max(mark) as mark from {{ ref('arrivals') }}",
    "models/head.sql": "{{ config(materialized='ephemeral') }} select mark from {{ ref('now') }}",
    "models/totals.sql": """
        select id, sum(amount) as total, max(batch) as batch, max(arrived_at) as updated_at,
            (select mark from {{ ref('head') }}) as mark
        from {{ ref('arrivals') }} group by id
        """,
    "models/totals_view.sql": """
        {{ config(materialized='view') }} select id, total, mark from {{ ref('totals') }}
        """,
    "models/growing.sql": """
        {{ config(materialized='incremental', unique_key='row_id', incremental_strategy='delete+insert') }}
        select batch * 10 + id as row_id, batch, amount, mark from {{ ref('arrivals') }}
        {% if is_incremental() %} where batch > (select max(batch) from {{ this }}) {% endif %}
        union all select 0 as row_id, 0 as batch, 0 as amount, mark from {{ ref('now') }}
        """,
    "models/appended.sql": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select mark, batch from {{ ref('now') }}
        {% if is_incremental() %} where mark not in (select mark from {{ this }}) {% endif %}
        """,
    "snapshots/kept.sql": """
        {% snapshot kept %}
        {{ config(unique_key='id', strategy='timestamp', updated_at='updated_at') }}
        select id, total, batch, updated_at from {{ ref('totals') }}
        {% endsnapshot %}
        """,
    "models/report.sql": """
        select max(mark) as mark, count(*) as grown, (select count(*) from {{ ref('appended') }}) as marks,
            (select count(*) from {{ ref('kept') }}) as versions
        from {{ ref('growing') }}
        """,
    "models/report_view.sql": """
        {{ config(materialized='view') }}
        select r.mark, r.grown, r.marks, r.versions, m.code, m.id
        from {{ ref('report') }} r cross join {{ ref('marks') }} m
        """,
    "models/bulk.sql": """
        select i, h.mark, md5(cast(i + h.mark as varchar)) as digest
        from generate_series(1, 20000) t(i) cross join {{ ref('head') }} h
        """,
    "models/guarded.sql": """
        select id, mark, case when {{ var('bad') }} = 1 then -total else total end as amount from {{ ref('totals') }}
        """,
}  # fmt: skip

_PROPERTIES = """
version: 2
sources:
  - name: raw
    schema: raw
    tables: [{name: arrivals}]
models:
"""


def files_of(profile: str, state: str) -> dict[str, str]:
    """Every file that no release changes; `profile` is an output in YAML, `state` where the metadata is."""
    files = {path: textwrap.dedent(text).lstrip("\n") for path, text in _FILES.items()}
    files["profiles.yml"] = files["profiles.yml"].replace("{profile}", profile)
    files["dryland.yml"] = files["dryland.yml"].format(kept=RELEASES_KEPT, state=state, lease=LEASE_S)
    files["models/properties.yml"] = _PROPERTIES + "".join(map(_model, (each for each in CHECKED if each != "kept")))
    files["snapshots/properties.yml"] = "version: 2\nsnapshots:\n" + _model("kept")
    return files


def code_files(code: int, *, is_bad: bool = False) -> dict[str, str]:
    """The files of one number of the code; code that is bad makes rows which a check rejects."""
    rows = "".join(f"{id},{code}\n" for id in SEEDED)  # noqa: A001 - the column's name
    return {
        "dbt_project.yml": "name: mill\nversion: '1.0'\nprofile: mill\nmodels: {mill: {+materialized: table}}\n"
        f"vars: {{code: {code}, bad: {int(is_bad)}}}\n",
        "seeds/marks.csv": f"id,code\n{rows}",
    }


def batch_rows(batch: int) -> list[tuple[int, int, int, str]]:
    """What arrives: id, batch, amount, arrived_at."""
    return [(each, batch, batch * 10 + each, _moment(batch)) for each in IDS]


def _moment(batch: int) -> str:
    return f"2026-{1 + batch // 672:02}-{1 + batch // 24 % 28:02} {batch % 24:02}:00:00"


def _model(name: str) -> str:
    tests: dict[str, list[str]] = {}
    for check in CHECKED[name]:
        kind, _, rest = check.partition(f"_{name}_")
        column, _, other = rest.partition("__id__ref_")
        wanted = f"{kind}: {{to: ref('{other.rstrip('_')}'), field: id}}" if other else kind
        tests.setdefault(column, []).append(f"          - {wanted}\n")
    columns = (f"      - name: {column}\n        data_tests:\n{''.join(kinds)}" for column, kinds in tests.items())
    return f"  - name: {name}\n    columns:\n{''.join(columns)}"
