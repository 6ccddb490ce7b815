"""Shows the environments: what each shows, where it came from, and how far it is from the default one."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from dryland.portal.pages.runs import standing_now
from dryland.portal.visits import AtDesk, Desk, Visiting
from dryland.state.records import Environment, Release
from dryland.values import dataclass

router = APIRouter()


@dataclass(frozen=True, slots=True)
class EnvironmentStanding:
    """An environment, and how it stands."""

    environment: Environment
    live: Release | None
    datasets: int
    stale: int
    different: int  # datasets that are other builds than in the default environment


@router.get("/environments")
def environments(visit: Visiting, desk: AtDesk) -> Response:
    """All of them."""
    standings = visit.catalogue.once("environments", lambda: standings_of(desk))
    work, default = standing_now(desk.state), desk.library.default_environment
    return visit.page("environments.html", standings=standings, default=default, work=work)


def standings_of(desk: Desk) -> tuple[EnvironmentStanding, ...]:
    """The default one first."""
    state, default = desk.state, desk.library.default_environment
    with state.together():
        known = state.environments()
        shown = {
            name: state.marks(each.live_release) if each.live_release is not None else {}
            for name, each in known.items()
        }
        live = {
            name: state.release(each.live_release) if each.live_release is not None else None
            for name, each in known.items()
        }
    usual = {node: mark.build_key for node, mark in shown.get(default, {}).items()}
    standings = []
    for name in sorted(known, key=lambda each: (each != default, each)):
        keys = {node: mark.build_key for node, mark in shown[name].items()}
        different = sum(keys.get(node) != usual.get(node) for node in {*keys, *usual})
        stale = sum(mark.is_stale for mark in shown[name].values())
        standings.append(EnvironmentStanding(known[name], live[name], len(keys), stale, different))
    return tuple(standings)
