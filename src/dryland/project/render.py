"""Renders templates again when they are used: those that ask the warehouse what to write."""

from __future__ import annotations

from dataclasses import replace

from dryland.engines.relation import Relation
from dryland.project.batches import Batch
from dryland.project.jinja.cte import cte_name
from dryland.project.jinja.state import Scope
from dryland.project.jinja.world import Pass
from dryland.project.nodes import Node, Rendered
from dryland.project.project import Project
from dryland.project.rendering import TextTemplate
from dryland.values import dataclass


def rendered_again(project: Project, rendered: Rendered, how: Pass) -> Rendered:
    """The SQL with its questions answered by the warehouse of `how`, over the relations of `how`.

    What stood fast when the project was read is given back as it is.

    Raises:
        TemplateError: it refers to something that it did not refer to when the project was read.
        QueryError: the warehouse refused a question.
    """
    if not rendered.needs_warehouse:
        return rendered
    known = KnownNames(project, _seen(project, rendered))
    node = project.nodes.get(rendered.template.scope.unique_id)
    spoken = str(node.config.get("dialect") or "") if node else ""
    templates = project.templates.speaking(spoken) if spoken else project.templates
    sql, state = rendered.template.ask(templates, replace(how, execute=True, resolver=known))
    found = replace(rendered, sql=sql, relations=dict(state.texts), needs_warehouse=False)
    if project.late is None:
        return found
    made: Rendered = project.late.rendered(found, node)
    return made


def _seen(project: Project, rendered: Rendered) -> frozenset[str]:
    """The nodes that it may refer to; hooks around a run may refer to any, for all are there or none is waited for."""
    kind = rendered.template.scope.unique_id.partition(".")[0]
    return frozenset(project.nodes) if kind == "operation" else frozenset((*rendered.refs, *rendered.sources))


def rendered_batch(project: Project, node: Node, batch: Batch, how: Pass) -> Rendered:
    """A microbatch model's SQL for one batch, which its template sees as `model.batch`.

    Raises:
        TemplateError, QueryError: as for `rendered_again`.
    """
    scope = Scope(node.place.path, node.package, node.unique_id, node.name, model={"batch": batch.as_template_value()})
    once = Rendered("", refs=node.depends_on, needs_warehouse=True, template=TextTemplate(node.raw, scope, node.config))
    return rendered_again(project, once, how)


@dataclass(frozen=True, slots=True)
class KnownNames:
    """Finds refs among those that the first rendering found: what is read must be built before."""

    project: Project
    seen: frozenset[str]

    def ref(self, name: str, package: str, version: str, asking: Scope) -> tuple[str, Relation | str]:
        """Unique id and relation of a node."""
        found = [node for uid in self.seen if (node := self.project.nodes.get(uid)) and node.name == name]
        meant = [node for node in found if package in ("", node.package) and version in ("", node.version)]
        for node in sorted(meant, key=lambda node: not node.is_latest):
            ephemeral = node.materialized == "ephemeral"
            return node.unique_id, cte_name(node.relation) if ephemeral else node.relation
        raise LookupError(
            f"ref({name!r}) was not seen when the project was read; add `-- depends_on: {{{{ ref('{name}') }}}}`"
        )

    def source(self, source: str, table: str, asking: Scope) -> tuple[str, Relation]:
        """Unique id and relation of a source: of any, as in dbt, for nobody has to build it before."""
        for found in self.project.sources.values():
            if (found.source_name, found.name) == (source, table):
                return found.stands_for, found.relation
        raise LookupError(f"refers to the source `{source}.{table}`, which no YAML declares")
