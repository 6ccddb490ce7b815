"""Writes a model's SQL for one build: with ephemeral models in it, and what it asks of the warehouse answered.

What the answers made of a template is part of the build's name, and so of what its readers depend on.
"""

from __future__ import annotations

from collections.abc import Mapping

from dryland.asking import Located, reads_outside, rendered_over
from dryland.build.job import Job, relation_of
from dryland.digest import digest
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.plan.compose import asks, inlined
from dryland.plan.environment import published_relation
from dryland.project.engine_asked import EngineAsked
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.sql.substitute import statement, substitute
from dryland.state.records import Build
from dryland.values import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A model's SQL, and where its inputs' names stand in it."""

    sql: str
    texts: Mapping[str, str]  # relation text -> unique id
    salt: str = ""  # stands for what it asked while it was rendered; empty when it asked nothing
    is_outside: bool = False  # it asked for, or reads, what is no node and no source

    def named(self, engine: Engine, relations: Mapping[str, Relation]) -> str:
        """The SQL over these relations."""
        return named(self.sql, self.texts, engine, relations)


def written(job: Job, node: Node, base: Build | None, relations: Mapping[str, Relation]) -> Written:
    """Write the SQL of a build that grows from `base`, or starts from nothing; `relations` are its inputs.

    Raises:
        DrylandError: the template asked for something that cannot be.
    """
    is_grown = base is not None and node.materialized == "incremental"  # to dbt nothing else is incremental
    form = node.rendered_incremental if is_grown and node.rendered_incremental else node.rendered
    if not asks(node, job.project):
        sql, texts = inlined(form, job.project, job.engine.dialect)
        return Written(statement(sql, job.engine.dialect), texts)
    this = {"this": _before(job, node, base, relations)}
    warehouse = Located.of(job.project, EngineAsked(job.engine), {**relations, **this}, node)
    how = Pass(is_incremental=is_grown, full_refresh=job.plan.full_refresh, selected=job.selected)

    def again(rendered: Rendered) -> Rendered:
        return rendered_over(job.project, rendered, warehouse, node=node, how=how)

    sql, texts = inlined(again(form), job.project, job.engine.dialect, again=again)
    sql = statement(sql, job.engine.dialect)
    is_unforeseen = not set(texts.values()) <= {"this", *relations}  # a source that it names only now
    is_outside = warehouse.is_outside or is_unforeseen or reads_outside(sql, texts, job.engine.dialect)
    moving = job.started_at.isoformat() if is_outside else ""
    return Written(sql, texts, digest([substitute(sql, texts), moving]), is_outside)


def _before(job: Job, node: Node, base: Build | None, relations: Mapping[str, Relation]) -> Relation:
    """Where what is asked of `this` is answered: by the last build of this environment, and no other."""
    if base is not None:
        return relation_of(job, base)
    default = job.project.settings.default_environment
    return relations.get(node.unique_id) or published_relation(node.relation, job.plan.environment, default)


def named(sql: str, texts: Mapping[str, str], engine: Engine, relations: Mapping[str, Relation]) -> str:
    """A text of SQL over these relations."""
    return substitute(sql, {text: engine.render(relations[uid]) for text, uid in texts.items() if uid in relations})
