"""Asks the checks of Dryland inside one process, alone or with the profile and content hash: FOLDER [profile]."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from dryland.check.run_checks import run_checks
from dryland.plan.choice import choice_of
from dryland.platform import Platform


def main(folder: Path, *, profile: bool) -> None:
    """Ask, and print what fails."""
    with Platform.open(folder) as platform:
        request = platform._live_checks("", choice_of((), ()), again=True)
        source = next(iter(platform.project.sources))
        with platform.engine.session() as session:
            outcome = run_checks(session, replace(request, profile_of=source if profile else ""))
        assert (outcome.profile is not None) == profile
        names = {uid: check.name for uid, check in platform.project.checks.items()}
    print(json.dumps({names[each.check]: each.failures for each in outcome.verdicts if each.status != "pass"}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), profile="profile" in sys.argv[2:])
