"""Makes the graph of a benchmark's project: any number of models in layers, the same ones each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from scale import kinds
from scale.model import Model

EVENTS = ("orders", "payments", "shipments", "refunds", "visits", "clicks", "tickets", "invoices", "reviews")
SEED = 20_240_229
STAGING, INTERMEDIATE = 0.35, 0.35
VIEWS = {"staging": 0.5, "intermediate": 0.25, "marts": 0.2}
LEAST = 10


def models(count: int, *, seed: int = SEED) -> tuple[Model, ...]:
    """`count` models, each after all that it reads: a third staging, a third intermediate, the rest marts."""
    assert count >= LEAST, f"a project has {LEAST} models at least"
    random = Random(seed)
    staged = [kinds.customers(), *_staging(max(2, round(count * STAGING)) - 1, random)]
    between = list(_intermediate(round(count * INTERMEDIATE), staged[1:], random))
    return (*staged, *between, *_marts(count - len(staged) - len(between), between, random))


def leaf(project: Sequence[Model]) -> Model:
    """A table that nothing reads."""
    read = {name for model in project for name in model.reads}
    return next(model for model in reversed(project) if model.name not in read and not model.is_view)


def _staging(count: int, random: Random) -> Iterator[Model]:
    for at in range(count):
        table = EVENTS[at % len(EVENTS)]
        yield kinds.staging(f"stg_{table}_{at:05}", table, is_view=_is_view("staging", random), random=random)


def _intermediate(count: int, staged: Sequence[Model], random: Random) -> Iterator[Model]:
    """Events are enriched now and then, and what comes of that is summed up as staged events are."""
    events = list(staged)
    for at in range(count):
        kind = (kinds.totals, kinds.pivoted, kinds.enriched)[at % 3]
        read = random.choice(events)
        is_view = _is_view("intermediate", random) and not (read.is_view and read.layer != "staging")
        model = kind(f"int_{kind.__name__}_{at:05}", read.name, is_view=is_view, random=random)
        if kind is kinds.enriched:
            events.append(model)
        yield model


def _marts(count: int, between: Sequence[Model], random: Random) -> Iterator[Model]:
    """Views read tables only, or queries would be in queries to any depth."""
    customers = [model for model in between if model.columns[0] == "customer_id"]
    made: list[Model] = []
    for at in range(count):
        is_view = _is_view("marts", random)
        if at % 3 == 2:
            read = random.choice([model for model in made if not model.is_view] or customers)
            made.append(kinds.ranked(f"top_{at:05}", read.name, is_view=is_view, random=random))
        else:
            reads = random.sample(customers, min(len(customers), random.randint(1, 3)))
            names = tuple(model.name for model in reads)
            is_view = is_view and not any(model.is_view for model in reads)
            made.append(kinds.combined(f"mart_{at:05}", names, is_view=is_view, random=random))
    yield from made


def _is_view(layer: str, random: Random) -> bool:
    return random.random() < VIEWS[layer]
