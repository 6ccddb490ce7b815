"""Chooses nodes and checks, and finds out what selectors need to know: what is live, how runs ended, what moved."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dryland.errors import UsageError
from dryland.plan.choice import Choice, Known, is_partial, methods_of, values_of
from dryland.plan.select import select, select_checks
from dryland.workshop import Workshop

ENDED = {"done": "success", "rejected": "success", "failed": "error"}  # of steps; anything else was not begun
REMEMBERED = frozenset({"success", "error", "skipped"})  # what the metadata knows; of checks it keeps no run
RUNS_LOOKED_AT = 200
COMPARED = ("manifest.json", "run_results.json", "sources.json")
WHAT_TO_KEEP = "keep a copy of what `target` holds after dbt, `dryland apply` or `dryland artifacts`, and name that."
WRITERS = {
    "manifest.json": "dbt, `dryland apply` and `dryland artifacts` write it: keep a copy of it in that folder.",
    "sources.json": "dryland freshness writes it.",
}


def chosen_nodes(workshop: Workshop, choice: Choice, environment: str) -> frozenset[str] | None:
    """The nodes that are chosen; None when nothing is left out."""
    return _chosen(select, workshop, choice, environment)


def chosen_checks(workshop: Workshop, choice: Choice, environment: str) -> frozenset[str] | None:
    """The same of checks, which come with what they look at."""
    return _chosen(select_checks, workshop, choice, environment)


def _chosen(
    choose: Callable[..., Iterable[str]], workshop: Workshop, choice: Choice, environment: str
) -> frozenset[str] | None:
    verify_state_folder(workshop, choice)
    if not is_partial(choice, workshop.project):
        return None
    return frozenset(choose(workshop.project, choice, known=known_for(workshop, environment, choice)))


def known_for(workshop: Workshop, environment: str, choice: Choice) -> Known:
    """As much as the choice asks for; an environment without a name is the default one.

    Raises:
        UsageError: it asks for something that nobody remembers.
    """
    verify_state_folder(workshop, choice)
    methods = methods_of(choice, workshop.project)
    name = environment or workshop.project.settings.default_environment
    return Known(
        states=_states(workshop, name, choice) if "state" in methods else {},
        results=_results(workshop, name, choice) if "result" in methods else {},
        fresher=_fresher(workshop, choice) if "source_status" in methods else frozenset(),
    )


def verify_state_folder(workshop: Workshop, choice: Choice) -> None:
    """Whoever names a folder to compare with means one that is there, whether anything is asked of it or not.

    Raises:
        UsageError: there is none, or it holds nothing that could be compared with.
    """
    if not choice.state_dir:
        return
    folder = _folder(workshop, choice)
    if not folder.is_dir():
        raise UsageError(f"--state names {folder}, which is no folder.", hint=WHAT_TO_KEEP)
    if not any((folder / name).is_file() for name in COMPARED):
        raise UsageError(f"there is no manifest.json in {folder}, and no results either.", hint=WHAT_TO_KEEP)


def _states(workshop: Workshop, environment: str, choice: Choice) -> Mapping[str, frozenset[str]]:
    """By state, what is in it: against the manifest in `--state`, or against what is live."""
    if not choice.state_dir:
        from dryland.planning import states_against  # here and below: few selectors ask for it

        return states_against(workshop, environment)
    from dryland.artifacts.states import states_since
    from dryland.project.graph import graph_of
    from dryland.project.graph.macros import macros

    path = _folder(workshop, choice) / "manifest.json"
    before = _read(path)
    if not isinstance(before, Mapping) or not {"nodes", "sources", "macros"} <= before.keys():
        raise UsageError(f"{path} is no manifest.", hint=WHAT_TO_KEEP)
    parts = workshop.project.parts
    now = {**graph_of(parts), "macros": {each["unique_id"]: each for each in macros(parts)}}
    return states_since(now, before, parts.templates.macros.uses_of)


def _results(workshop: Workshop, environment: str, choice: Choice) -> Mapping[str, frozenset[str]]:
    """By status, what ended so: in `--state`, or in the last run of the environment."""
    if choice.state_dir:
        listed = _read(_folder(workshop, choice) / "run_results.json")["results"]
        return _by_status((str(each["status"]), str(each["unique_id"])) for each in listed)
    asked = {str(value) for value in values_of(choice, workshop.project, "result")}
    if asked - REMEMBERED:
        raise UsageError(
            f"`result:{min(asked - REMEMBERED)}` asks how checks ended, and the metadata keeps that of no run.",
            hint="--state target reads the run_results.json of the last apply, run, check or test.",
        )
    runs = workshop.state.runs(limit=RUNS_LOOKED_AT)
    last = next((run for run in runs if run.environment == environment and run.status != "running"), None)
    if last is None:
        raise UsageError(
            f"no run of {environment} is remembered.", hint="--state names a folder with a run_results.json."
        )
    ended = {step.node: ENDED.get(step.status, "skipped") for step in workshop.state.steps(last.id)}
    blocked = last.summary.get("blocked")
    skipped = dict.fromkeys(blocked, "skipped") if isinstance(blocked, Mapping) else {}
    return _by_status((status, node) for node, status in {**skipped, **ended}.items())


def _fresher(workshop: Workshop, choice: Choice) -> frozenset[str]:
    """Sources with newer rows in the target folder's sources.json than in that of `--state`."""
    if not choice.state_dir:
        raise UsageError(
            "`source_status:` compares two sources.json.",
            hint="keep the one of before in a folder, ask `dryland freshness`, then say --state FOLDER.",
        )
    from dryland.artifacts.invocation import target_folder

    before = _newest(_folder(workshop, choice) / "sources.json")
    now = _newest(target_folder(workshop.project, os.environ) / "sources.json")
    return frozenset(
        uid for uid, at in now.items() if at and (uid not in before or ((old := before[uid]) and at > old))
    )


def _newest(path: Path) -> dict[str, datetime | None]:
    """By source; None for one that could not be asked."""
    found = {}
    for each in _read(path)["results"]:
        text = each.get("max_loaded_at")
        found[str(each["unique_id"])] = datetime.fromisoformat(text) if text else None
    return found


def _folder(workshop: Workshop, choice: Choice) -> Path:
    return workshop.project.root / choice.state_dir  # an absolute path stays what it is


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        hint = WRITERS.get(path.name, "apply, run, check and test write it.")
        raise UsageError(f"there is no {path}.", hint=hint) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error


def _by_status(ended: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for status, unique_id in ended:
        found.setdefault(status, set()).add(unique_id)
    return {status: frozenset(unique_ids) for status, unique_ids in found.items()}
