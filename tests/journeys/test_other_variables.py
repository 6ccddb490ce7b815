"""A scheduler gives another date in `--vars` each day: what does not depend on it is not worked out again."""

from __future__ import annotations

from typing import Any

import pytest

from dryland.plan import asked_query
from dryland.project.jinja import compiled

LIMIT = """
models:
  - name: orders_total
    columns:
      - {name: total, data_tests: [{accepted_values: {values: ["{{ var('right') }}"], quote: false}}]}
"""


@pytest.fixture
def of_a_day(branches: Any) -> Any:
    """The project with one model that the day of the run decides about."""
    branches.write("models/daily.sql", "select id, '{{ var('day', 'none') }}' as day from {{ ref('stg_orders') }}")
    return branches


def test_only_what_depends_on_them_is_worked_out_again(of_a_day, monkeypatch) -> None:
    of_a_day.dryland("apply", "--yes", "--vars", "{day: 2026-11-21}")
    asked: list[str] = []
    real = asked_query.AskedQuery.meaning
    monkeypatch.setattr(asked_query.AskedQuery, "meaning", lambda query: asked.append(query.path) or real(query))
    monkeypatch.setattr(compiled, "_compiled", lambda *text: pytest.fail(f"compiled again: {text}"))
    assert of_a_day.building("--vars", "{day: 2026-11-22}") == ["daily"]
    assert asked == ["models/daily.sql"]


def test_each_day_has_its_own_rows(of_a_day) -> None:
    for day in ("2026-11-21", "2026-11-22", "2026-11-21"):
        of_a_day.dryland("apply", "--yes", "--vars", f"{{day: {day}}}")
        assert of_a_day.sql("select distinct day from main.daily") == [(day,)]


def test_checks_are_those_of_the_variables_that_were_given(branches) -> None:
    """What a check asks for is kept among the pieces that all days share."""
    branches.write("models/limit.yml", LIMIT)
    branches.dryland("apply", "--yes", "--vars", "{right: 10}")
    for right, code in (("10", 0), ("11", 1), ("10", 0)):
        said = branches.dryland("check", "--vars", f"{{right: {right}}}", code=None)
        assert said.code == code, said.out
