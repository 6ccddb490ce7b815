"""The interface does what its description says, whatever it is asked: no error of ours, no answer that is not named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from portal_team import Team, serving

from dryland.access.person import PERMISSIONS
from dryland.portal.door.reach import Reach

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
EXAMPLES_MAX = 12  # of each address, as its description says, and as many that it does not allow
BOUNDED = settings(
    max_examples=EXAMPLES_MAX, derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


@pytest.fixture(scope="module")
def described(team_once: Team) -> Iterator[Any]:
    """The description, as the server of a team gives it to whoever has a token."""
    import schemathesis

    assert team_once.desk.door
    team_once.desk.door.limits.clock = itertools.count(0.0, 1.0).__next__  # it is not this that is looked at
    headers = {"authorization": f"Bearer {team_once.token('ada', *PERMISSIONS)}"}
    with serving(team_once, Reach(wants_sign_in=True)) as port:
        address = f"http://127.0.0.1:{port}/api/v1/openapi.json"
        allowed = {
            "negative_data_rejection": [400, 404, 405, 413, 414, 422],
            "positive_data_acceptance": ["2xx", 400, 403, 404, 409, 422],  # a text is no query because it is a text
        }
        checks = {name: {"expected-statuses": statuses} for name, statuses in allowed.items()}
        config = schemathesis.Config.from_dict({"checks": checks})
        yield schemathesis.openapi.from_url(address, headers=headers, config=config), headers


def test_every_address_says_how_one_proves_who_one_is(described: Any) -> None:
    raw = described[0].raw_schema
    assert raw["security"] == [{"token": []}, {"session": []}]
    assert raw["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert raw["components"]["securitySchemes"]["session"]["in"] == "cookie"
    for path, methods in raw["paths"].items():
        for method, operation in methods.items():
            assert {"401", "403", "422", "429"} <= operation["responses"].keys(), (method, path)


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_whatever_is_asked_the_answer_is_one_that_is_described(described: Any, mode: str) -> None:
    from schemathesis import GenerationMode
    from schemathesis.specs.openapi.checks import ignored_auth  # it takes away what it did not give; see the rights

    schema, headers = described
    asked = 0
    for operation in schema.get_all_operations():

        @BOUNDED
        @given(case=operation.ok().as_strategy(generation_mode=GenerationMode[mode]))
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers=headers, excluded_checks=[ignored_auth])

        ask()
    assert asked > 50
