"""Puts together the SQL of one batch: every input with an event time is read for the batch's stretch of it only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC
from functools import partial

import sqlglot
from sqlglot import exp

from dryland.build.job import Job
from dryland.engines.protocol import Session
from dryland.engines.relation import Relation
from dryland.errors import ConfigError
from dryland.plan.batched_meaning import event_time
from dryland.plan.compose import inlined
from dryland.project.batches import Batch, batching_of
from dryland.project.engine_asked import EngineAsked
from dryland.project.ephemeral import is_ephemeral
from dryland.project.jinja.relation import EVERY_ROW
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.render import rendered_again, rendered_batch
from dryland.sql.substitute import statement, substitute


def batches_of(job: Job, node: Node, *, is_first: bool) -> tuple[Batch, ...]:
    """The batches that this run makes: those of the plan's window, or those up to now. Times without a zone are UTC."""
    now = job.started_at if job.started_at.tzinfo else job.started_at.replace(tzinfo=UTC)
    return batching_of(node).batches(now.astimezone(UTC), is_first=is_first, window=job.plan.window)


def batch_sql(job: Job, node: Node, relations: Mapping[str, Relation]) -> Callable[[Batch, bool, Session], str]:
    """What gives the SQL of a batch when its turn comes; what its template asks sees the batches before."""

    def sql_of(batch: Batch, is_incremental: bool, session: Session) -> str:
        asks = node.rendered.needs_warehouse
        how = Pass(
            is_incremental=is_incremental, warehouse=EngineAsked(job.engine, session), relations=relations,
            this=relations["this"] if asks else node.relation, selected=job.selected,
        )  # fmt: skip
        rendered = rendered_batch(job.project, node, batch, how)
        called = _called(job, rendered)
        stretches = _narrowed(job, node, rendered, batch, relations)
        narrowed = replace(rendered, sql=substitute(rendered.sql, stretches, called))
        again = partial(rendered_again, job.project, how=how)
        sql, texts = inlined(narrowed, job.project, job.engine.dialect, again=again)
        names = {text: job.engine.render(relations[uid]) for text, uid in texts.items() if uid in relations}
        return substitute(statement(sql, job.engine.dialect), names, called)

    return sql_of


def _called(job: Job, rendered: Rendered) -> dict[str, str]:
    """What queries call the tables by, which templates of batches name as they stand in the store."""
    known = {**{uid: node.relation for uid, node in job.project.nodes.items()},
             **{uid: source.relation for uid, source in job.project.sources.items()}}  # fmt: skip
    names = {text: known[uid].name for text, uid in rendered.relations.items() if uid in known}
    return {text: str(exp.to_identifier(name, quoted=True).sql()) for text, name in names.items()}


def _narrowed(
    job: Job, node: Node, rendered: Rendered, batch: Batch, relations: Mapping[str, Relation]
) -> dict[str, str]:
    """What stands for each input that has an event time: a subquery of the batch's rows, unless all were asked for."""
    found = {}
    for text, unique_id in rendered.relations.items():
        is_cte = is_ephemeral(unique_id, job.project.nodes)
        time = event_time(unique_id, job.project)
        if time and (is_cte or unique_id in relations):
            name = text if is_cte else job.engine.render(relations[unique_id])
            condition = within(batch, time, job.engine.dialect, node).sql(dialect=job.engine.dialect)
            is_whole = text.endswith(EVERY_ROW)
            found[text] = name if is_whole else f"(SELECT * FROM {name} WHERE {condition})"
    return found


def within(batch: Batch, time: str, dialect: str, node: Node) -> exp.Expr:
    """The condition that a row's event time lies in the batch.

    Raises:
        ConfigError: the event time is no expression.
    """
    try:
        tree = sqlglot.parse_one(time, dialect=dialect)
    except sqlglot.errors.SqlglotError as error:
        raise ConfigError(
            f"an event_time that `{node.name}` is cut by does not parse: {time}", path=node.place.path,
            hint="event_time: the column that says when a row happened.",
        ) from error  # fmt: skip
    side = tree if isinstance(tree, exp.Column) else exp.paren(tree)
    start, end = (exp.Literal.string(str(moment)) for moment in (batch.start, batch.end))
    return exp.and_(exp.GTE(this=side, expression=start), exp.LT(this=side.copy(), expression=end))
