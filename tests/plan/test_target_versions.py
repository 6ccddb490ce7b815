"""What was foreseen of a build is taken only where working it out would give the same."""

from __future__ import annotations

from dryland.plan.key import build_versions
from dryland.plan.plan import Target
from dryland.plan.target_versions import versions_of
from dryland.sql.meaning import ROWS, Meaning, Part
from dryland.state.records import Versions

SOURCE = Versions("arrived", {"id": "ids"})
MEANING = Meaning(
    Part("from", frozenset({("source", ROWS)})),
    {"id": Part("id", frozenset({("source", "id")}))},
    frozenset({"source"}),
)


def target(salt: str = "salt") -> Target:
    data = build_versions(MEANING, {"source": SOURCE}, salt=salt)
    return Target("node", Versions("code"), data, "config", "definition", MEANING, salt=salt)


def test_what_was_foreseen_is_taken_over_inputs_that_are_as_foreseen() -> None:
    known = target()
    found = versions_of(known, {"source": SOURCE}, {"source": SOURCE, "node": known.data}, base_key="")
    assert found is known.data
    assert found == build_versions(MEANING, {"source": SOURCE}, salt="salt")


def test_everything_else_is_worked_out() -> None:
    known = target()
    foreseen = {"source": SOURCE, "node": known.data}
    moved = {"source": Versions("moved", {"id": "ids"})}
    assert versions_of(known, moved, foreseen, base_key="") == build_versions(MEANING, moved, salt="salt")
    grown = versions_of(known, {"source": SOURCE}, foreseen, base_key="generation")
    assert grown == build_versions(MEANING, {"source": SOURCE}, salt="salt", base_key="generation") != known.data
    asked = versions_of(known, {"source": SOURCE}, foreseen, base_key="", asked="answers")
    assert asked == build_versions(MEANING, {"source": SOURCE}, salt="saltanswers") != known.data
    stands = versions_of(known, {"source": SOURCE}, {"source": SOURCE}, base_key="")  # it is not built by the plan
    assert stands is not known.data and stands == known.data
