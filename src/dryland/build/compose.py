"""Puts together what a materialisation needs: the final SQL, with every name pointing into the store."""

from __future__ import annotations

from collections.abc import Mapping

from dryland.build.job import Job, relation_of
from dryland.build.request import BuildRequest
from dryland.engines.relation import Relation
from dryland.plan.compose import inlined
from dryland.plan.key import is_pinned
from dryland.project.nodes import Node, Rendered
from dryland.project.render import render_node
from dryland.sql.substitute import statement, substitute
from dryland.state.records import Build


def request_for(
    job: Job, node: Node, target: Relation, base: Build | None, relations: Mapping[str, Relation]
) -> BuildRequest:
    """Compose the request to build `node` at `target`; `relations` says where its inputs are."""
    base_relation = relation_of(job, base) if base else None
    here = {**relations, "this": target}
    return BuildRequest(
        node=node,
        target=target,
        root=job.project.root,
        dialect=job.engine.dialect,
        sql=_sql(job, node, here, base_relation) if node.language == "sql" else "",
        base=base_relation,
        inputs={unique_id: here[unique_id] for unique_id in _inputs(job, node) if unique_id in here},
        names=_python_names(job, node) if node.language == "python" else {},
        pinned=is_pinned(
            node,
            job.plan.targets[node.unique_id].meaning.inputs,
            job.project.nodes,
            job.project.settings.views_over_sources,
        ),
        pre_hooks=tuple(_named(job, hook, here) for hook in node.pre_hooks),
        post_hooks=tuple(_named(job, hook, here) for hook in node.post_hooks),
        seed_types=_seed_types(job, node) if node.kind == "seed" else {},
    )


def _sql(job: Job, node: Node, relations: Mapping[str, Relation], base: Relation | None) -> str:
    """What a template asks while it renders is answered by the base: the copy of it is made later."""
    incremental = base is not None
    rendered = node.rendered_incremental if incremental and node.rendered_incremental else node.rendered
    if rendered.needs_warehouse:
        rendered = render_node(
            job.project,
            node,
            engine=job.engine,
            relations=relations,
            this=base or relations["this"],
            is_incremental=incremental,
        )
    sql, texts = inlined(rendered, job.project, job.engine.dialect)
    return _substituted(job, statement(sql, job.engine.dialect), texts, relations)


def _named(job: Job, hook: Rendered, relations: Mapping[str, Relation]) -> str:
    return _substituted(job, hook.sql, hook.relations, relations)


def _substituted(job: Job, sql: str, texts: Mapping[str, str], relations: Mapping[str, Relation]) -> str:
    names = {text: job.engine.render(relations[uid]) for text, uid in texts.items() if uid in relations}
    return substitute(sql, names)


def _inputs(job: Job, node: Node) -> frozenset[str]:
    """Everything it reads, with ephemeral models seen through."""
    return frozenset(node.depends_on) | job.plan.targets[node.unique_id].meaning.inputs


def _python_names(job: Job, node: Node) -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for unique_id in node.depends_on:
        if unique_id in job.project.sources:
            source = job.project.sources[unique_id]
            names["source", source.source_name, source.name] = unique_id
            continue
        other = job.project.nodes[unique_id]
        names["ref", other.name] = names["ref", other.package, other.name] = unique_id
        if other.version:
            names["ref", other.name, other.version] = names["ref", other.package, other.name, other.version] = unique_id
    return names


def _seed_types(job: Job, node: Node) -> dict[str, str]:
    declared = {str(name): str(kind) for name, kind in (node.config.get("column_types") or {}).items()}
    assert node.file is not None, node.unique_id
    return job.engine.infer_seed_types(str(node.file), str(node.config.get("delimiter", ",")), declared)
