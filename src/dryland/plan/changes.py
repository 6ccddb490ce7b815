"""Says what changed and whom it hits, down to columns and exposures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from dryland.engines.relation import Relation
from dryland.plan.definition import HOOKS, QUERY, compiled_sql, is_as_written
from dryland.plan.growing_columns import query_hash
from dryland.plan.impact import Impact
from dryland.plan.plan import Category, Change, Step, Target
from dryland.plan.request import Question
from dryland.plan.salt import hook_hash
from dryland.plan.versions import columns_moved
from dryland.project.batches import Window
from dryland.sql.difference import PartsChanged, changed_parts
from dryland.sql.meaning import ROWS, WHOLE
from dryland.state.records import Definition, Pointer, Versions
from dryland.values import dataclass

ORDER = "*order*"  # stands for the order of columns: only who reads the whole depends on it
CULPRITS_SHOWN_MAX = 3


def changes_of(question: Question, targets: Mapping[str, Target], steps: Iterable[Step]) -> tuple[Change, ...]:
    """At most one change for each node that is published anew or dropped, in the order of the steps.

    A view that somebody removed is made again without being a change.
    """
    comparison = _Comparison(question, targets, Impact(question))
    found = []
    for step in steps:
        if step.action == "publish":
            found.append(comparison.published(step))
        elif step.action == "drop":
            found.append(comparison.removed(step.node))
    return tuple(change for change in found if change is not None)


@dataclass(frozen=True, slots=True)
class _Comparison:
    question: Question
    targets: Mapping[str, Target]
    impact: Impact

    def published(self, step: Step) -> Change | None:
        node, pointer = step.node, self.question.pointer(step.node)
        if pointer is None:
            return Change(node, "added", reason="new", sql_after=self._sql(node))
        change = self._whatever_its_name(step, pointer)
        old, new = Relation(*pointer.published), step.relation
        if new is None or old == new:
            return change
        change = change or Change(node, "renamed")  # readers outside of the project find it no longer
        return replace(change, category="breaking", name_before=told(old, new), name_after=told(new, old))

    def _whatever_its_name(self, step: Step, pointer: Pointer) -> Change | None:
        node = step.node
        before, definition, target = (
            self.question.meaning_before(node),
            self.question.definition(node),
            self.targets[node],
        )
        if definition is None or before is None:
            return self._own(node, PartsChanged(rows_altered=True), "takes the place of what stood there", definition)
        parts = changed_parts(before, target.meaning)
        if parts:
            return self._own(node, parts, self._why(node, parts, definition), definition)
        if definition.body.get(HOOKS, "") != hook_hash(
            self.question.project.nodes[node], self.question.request.dialect
        ):
            return self._own(node, PartsChanged(rows_altered=True), "its hooks changed", definition)
        if definition.body.get(QUERY, "") != query_hash(target.meaning):
            return self._own(node, parts, "its code changed, the columns of its table do not", definition)
        if definition.body.get("config") != target.config_hash:
            return self._own(node, parts, "its configuration changed", definition)
        if step.key != pointer.build_key:
            return self._carried(step, pointer, target)
        return self._recorded(step, pointer, target)

    def removed(self, node: str) -> Change:
        readers = self.impact.readers_of_all(node)
        exposures = self.impact.exposures([node])
        before = self.question.definition(node)
        return Change(
            node=node,
            change="removed",
            category="breaking" if readers or exposures else "non_breaking",
            reason="no longer in the project",
            readers=tuple(readers),
            reader_columns=readers,
            exposures=exposures,
            sql_before=before.sql if before else "",
        )

    def _own(self, node: str, parts: PartsChanged, reason: str, before: Definition | None) -> Change:
        """The node itself is another: who reads the parts that changed?"""
        touched = _touched(parts)
        readers = self.impact.readers(node, touched) if touched else {}
        by_name = [node] if any(part != ORDER for part in touched) else []  # people read columns by their names
        exposures = self.impact.exposures([*by_name, *readers])
        return Change(
            node=node,
            change="changed",
            category=_category(parts, bool(readers or exposures)),
            reason=reason,
            columns_added=parts.added,
            columns_removed=parts.removed,
            columns_altered=parts.altered,
            rows_altered=parts.rows_altered,
            readers=tuple(readers),
            reader_columns=readers,
            exposures=exposures,
            sql_before=before.sql if before else "",
            sql_after=self._sql(node),
        )

    def _carried(self, step: Step, pointer: Pointer, target: Target) -> Change:
        """Its own code is as before; something that it reads changed, or its data moved."""
        moved = columns_moved(*self._compared(pointer, target))
        window = self.question.window(step.node)
        return Change(
            node=step.node,
            change="moved" if self.question.request.verb == "run" else "rebuilt",
            reason=asked_for(window) if window else self._culprits(target) or step.reason,
            columns_altered=tuple(column for column in moved if column not in (ROWS, WHOLE)),
            rows_altered=ROWS in moved or WHOLE in moved,
        )

    def _recorded(self, step: Step, pointer: Pointer, target: Target) -> Change | None:
        """The build stays; perhaps what is remembered of it does not."""
        if pointer.definition != target.definition:
            return Change(step.node, "changed", "metadata", "documentation or checks")
        return None

    def _why(self, node: str, parts: PartsChanged, before: Definition) -> str:
        own, project = self.question.project.nodes[node], self.question.project
        if own.language == "sql" and is_as_written(before, own, project, self.question.request.dialect):
            return "what it reads has other columns"
        only_order = parts.order_changed and not (parts.added or parts.removed or parts.altered or parts.rows_altered)
        return "the order of its columns changed" if only_order else "its code changed"

    def _culprits(self, target: Target) -> str:
        """What of its inputs moved, as far as it reads it: `reads stg_orders (amount)`."""
        reads: dict[str, set[str]] = {}
        for part in (target.meaning.rows, *(target.meaning.columns or {}).values()):
            for unique_id, column in part.reads:
                reads.setdefault(unique_id, set()).add(column)
        moved = {uid: self._moved(uid, columns) for uid, columns in sorted(reads.items()) if uid in self.targets}
        named = [f"{self.question.project.name_of(uid)} ({', '.join(what)})" for uid, what in moved.items() if what]
        if not named and target.meaning.volatile and self.question.request.verb == "run":
            return f"reads the clock: {', '.join(target.meaning.volatile)}"
        if not named:
            named = [self._outside(uid) for uid in sorted(reads) if uid not in self.targets]
        more = ", ..." if len(named) > CULPRITS_SHOWN_MAX else ""
        return f"reads {', '.join(named[:CULPRITS_SHOWN_MAX])}{more}" if named else ""

    def _moved(self, unique_id: str, columns: set[str]) -> tuple[str, ...]:
        pointer, target = self.question.pointer(unique_id), self.targets[unique_id]
        if pointer is None:
            return ("new",)
        moved = columns_moved(*self._compared(pointer, target))
        if WHOLE in columns or WHOLE in moved:
            return tuple("rows" if each == ROWS else "all" if each == WHOLE else each for each in moved)
        return tuple("rows" if each == ROWS else each for each in moved if each in columns)

    def _compared(self, pointer: Pointer, target: Target) -> tuple[Versions, Versions]:
        is_run = self.question.request.verb == "run"
        return (pointer.data, target.data) if is_run else (pointer.code, target.code)

    def _outside(self, unique_id: str) -> str:
        is_source = unique_id in self.question.project.sources
        return self.question.project.name_of(unique_id) if is_source else unique_id.partition(":")[2] or unique_id

    def _sql(self, node: str) -> str:
        return compiled_sql(self.question.project.nodes[node], self.question.project, self.question.request.dialect)


def asked_for(window: Window) -> str:
    """Why a microbatch model is built although nothing moved."""
    return f"its batches of {window} are asked for"


def told(name: Relation, other: Relation) -> str:
    """A name, with its database where only that tells it from the other."""
    return str(name) if str(name) != str(other) else f"{name.database}.{name}"


def _touched(parts: PartsChanged) -> tuple[str, ...]:
    rows = (ROWS,) if parts.rows_altered else ()
    order = (ORDER,) if parts.order_changed else ()
    return (*rows, *order, *parts.altered, *parts.removed)


def _category(parts: PartsChanged, is_read: bool) -> Category:
    """Other rows are other numbers for people too, even where no reader is known."""
    return "breaking" if is_read or parts.rows_altered else "non_breaking"
