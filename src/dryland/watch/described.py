"""Tells of an incident what people ask first: what broke, whose it is, who is hit, and what probably did it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dryland.project.project import Project
from dryland.sql.meaning import Meaning
from dryland.state.incident_records import Incident
from dryland.watch.blast import blast_radius
from dryland.watch.family import Family
from dryland.watch.owners import owner_of, tags_of
from dryland.watch.suspects import Circumstances, suspect


@dataclass(frozen=True)
class Describing:
    """What is known of the project while an incident is described; meanings are asked for only then."""

    project: Project
    family: Family
    meanings: Callable[[], Mapping[str, Meaning]]
    circumstances: Callable[[Incident], Circumstances]

    def __call__(self, incident: Incident) -> Incident:
        """The incident with all that is told of it."""
        found = suspect(incident, self.project, self.family, self.circumstances(incident))
        kept = incident.probably if incident.probably.get("what") and not found.get("what") else found
        return replace(
            incident,
            title=title_of(incident, self.project),
            owner=owner_of(self.project, incident.cause) or _owner_below(incident, self.project),
            tags=tags_of(self.project, incident.cause),
            hit=blast_radius(self.project, self.meanings(), incident.cause, incident.symptoms),
            probably=kept,
        )


def title_of(incident: Incident, project: Project) -> str:
    """One line: the dataset, and what is wrong with it."""
    about = [each for each in incident.still if each.dataset == incident.cause]
    said = about[0].message if about else incident.symptoms[0].message
    more = f" (and {len(about) - 1} more)" if len(about) > 1 else ""
    name = project.name_of(incident.cause)
    return f"{said}{more}" if said.startswith(f"{name} ") else f"{name}: {said}{more}"


def _owner_below(incident: Incident, project: Project) -> str:
    """Where nobody owns the cause, the owner of what else fails."""
    return next((owner for each in incident.still if (owner := owner_of(project, each.dataset))), "")
