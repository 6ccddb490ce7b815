"""Puts together what a materialisation needs: the final SQL, with every name pointing into the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from dryland.asking import Located, rendered_over
from dryland.build.compose_batch import batch_sql, batches_of
from dryland.build.hook import Hook
from dryland.build.job import Job, relation_of
from dryland.build.request import BuildRequest
from dryland.build.written import Written, named, written
from dryland.engines.protocol import Session
from dryland.engines.relation import Relation
from dryland.plan.key import is_pinned
from dryland.project.batches import is_microbatch
from dryland.project.engine_asked import EngineAsked
from dryland.project.external_file import is_external
from dryland.project.hook_entry import hook_entry
from dryland.project.incremental_macro import incremental_macro
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.snapshot_strategy import told_strategy
from dryland.state.records import Build


def request_for(
    job: Job,
    node: Node,
    target: Relation,
    base: Build | None,
    relations: Mapping[str, Relation],
    sql: Written | None = None,
) -> BuildRequest:
    """Compose the request to build `node` at `target`; `relations` says where its inputs are.

    `sql` is what was written for it already.
    """
    here = {**relations, "this": target}
    text = (sql or written(job, node, base, relations)) if _has_sql(node) else None
    request = _of_any_kind(job, node, base, here, text)
    if node.kind == "seed":
        return replace(request, seed_types=_seed_types(job, node))
    if node.kind == "snapshot":
        return replace(request, strategy=_strategy(job, node, here, request.base))
    if is_microbatch(node):
        batches = batches_of(job, node, is_first=base is None)
        return replace(request, batches=batches, batch_sql=batch_sql(job, node, here))
    return request


def _of_any_kind(
    job: Job, node: Node, base: Build | None, here: Mapping[str, Relation], sql: Written | None
) -> BuildRequest:  # fmt: skip
    """What every node is asked for; `here` says where its inputs are, and where it is made itself."""
    is_incremental = base is not None and node.materialized == "incremental"
    asks_for_more = _asks_for_more(job, node)
    return BuildRequest(
        node=node,
        target=here["this"],
        root=job.project.root,
        dialect=job.engine.dialect,
        sql=sql.named(job.engine, here) if sql else "",
        base=relation_of(job, base) if base else None,
        inputs={unique_id: here[unique_id] for unique_id in _inputs(job, node) if unique_id in here},
        names=_python_names(job, node) if node.language == "python" else {},
        pinned=is_pinned(
            node,
            job.plan.targets[node.unique_id].meaning.inputs,
            job.project.nodes,
            job.project.settings.views_over_sources,
        ),
        pre_hooks=tuple(_hook(job, node, hook, here, is_incremental=is_incremental) for hook in node.pre_hooks),
        post_hooks=tuple(_hook(job, node, hook, here, is_incremental=is_incremental) for hook in node.post_hooks),
        header=str(node.config.get("sql_header") or ""),
        moment=job.started_at,
        project=job.project if asks_for_more else None,
        engine=job.engine if asks_for_more else None,
        full_refresh=job.plan.full_refresh,
    )


def _asks_for_more(job: Job, node: Node) -> bool:
    """Whether its macros make it, or it goes to a file: that takes more than SQL."""
    return bool(node.materialization_macro or is_external(node) or incremental_macro(job.project.templates, node))


def _has_sql(node: Node) -> bool:
    return node.language == "sql" and not is_microbatch(node)


def _strategy(job: Job, node: Node, relations: Mapping[str, Relation], base: Relation | None) -> Mapping[str, str]:
    how = Pass(warehouse=EngineAsked(job.engine), this=base or relations["this"], relations=relations)
    return told_strategy(job.project, node, how, target_exists=base is not None)


def _hook(job: Job, node: Node, hook: Rendered, relations: Mapping[str, Relation], *, is_incremental: bool) -> Hook:
    how = Pass(is_incremental=is_incremental, full_refresh=job.plan.full_refresh, selected=job.selected)

    def render(session: Session) -> str:
        warehouse = Located.of(job.project, EngineAsked(job.engine, session), relations, node)
        found = rendered_over(job.project, hook, warehouse, node=node, how=how)
        return named(hook_entry(found.sql).sql, found.relations, job.engine, relations)

    return Hook(render, hook.in_transaction)


def _inputs(job: Job, node: Node) -> frozenset[str]:
    """Everything it reads, with ephemeral models seen through."""
    return frozenset(node.depends_on) | job.plan.targets[node.unique_id].meaning.inputs


def _python_names(job: Job, node: Node) -> dict[tuple[str, ...], str]:
    names: dict[tuple[str, ...], str] = {}
    for unique_id in node.refers_to:
        if unique_id in job.project.sources:
            source = job.project.sources[unique_id]
            names["source", source.source_name, source.name] = source.stands_for
            continue
        other = job.project.nodes[unique_id]
        names["ref", other.name] = names["ref", other.package, other.name] = unique_id
        if other.version:
            names["ref", other.name, other.version] = names["ref", other.package, other.name, other.version] = unique_id
    return names


def _seed_types(job: Job, node: Node) -> dict[str, str]:
    declared = {str(name): str(kind) for name, kind in (node.config.get("column_types") or {}).items()}
    assert node.file is not None, node.unique_id
    kinds = job.engine.infer_seed_types(str(node.file), str(node.config.get("delimiter", ",")), declared)
    is_quoted = node.config.get("quote_columns") is not False
    return kinds if is_quoted else {job.engine.unquoted(name): kind for name, kind in kinds.items()}
