"""Says which tables stay as they are: those that a new build would only repeat, whatever happened to their inputs.

An input was built anew, and its reader finds in it what it found in the one before: then the reader's table is what
a new build would give. Compared is what went into that very table, never what a version promises. Only tables stay: a
view is made again over its new inputs, for what it reads tomorrow must come from their new code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dryland.build.comparing import Looked
from dryland.build.seen_again import Seeing
from dryland.engines.protocol import Session
from dryland.plan.compose import asks
from dryland.plan.functions import functions_hash
from dryland.plan.key import build_key, build_versions
from dryland.plan.versions import is_same
from dryland.project.nodes import Node
from dryland.sql.meaning import ROWS, WHOLE, reads_of
from dryland.sql.versions import evaluate
from dryland.state.records import Build, Versions

if TYPE_CHECKING:
    from dryland.build.obtain import Stock


def staying(node: Node, stock: Stock, session: Session, asked: str = "") -> Build | None:
    """The table that readers see, if a new one would be the same; `asked` stands for what only the build knows."""
    job = stock.job
    pointer = job.pointers.get(node.unique_id)
    if pointer is None:
        return None
    shown = stock.standing_build(pointer.build_key)
    if shown is None or shown.kind != "table" or shown.is_outside:
        return None
    made_of = stock.comparing.earlier.made_of(shown)
    is_same_code = _adds_by_same_code if node.grows else _is_same_code
    if not is_same_code(node, stock, made_of, asked):
        return None
    reads = reads_of(job.plan.targets[node.unique_id].meaning)
    inputs = {
        each: Looked(shown, then, stock.build_of(each), reads[each]) for each, then in made_of.items() if each in reads
    }
    seeing = Seeing(node, inputs, stock)
    found = (_is_found_again(each, stock, session) or seeing.is_again(each, session) for each in inputs.values())
    return shown if all(found) else None


def is_still(node: Node, build: Build, stock: Stock) -> bool:
    """Whether a view shows the same rows for good: all that it reads is known, and what that reads stays what it is."""
    job = stock.job
    meaning = job.plan.targets[node.unique_id].meaning
    if build.kind != "view" or build.is_outside or meaning.columns is None or meaning.volatile:
        return False
    if node.pre_hooks or node.post_hooks or functions_hash(node, job.project):
        return False
    return meaning.inputs <= job.project.nodes.keys() and all(stock.build_of(each).is_fixed for each in meaning.inputs)


def _is_found_again(looked: Looked, stock: Stock, session: Session) -> bool:
    now, then = looked.now.versions, looked.then.versions
    is_told = all(_of(now, column) == _of(then, column) for column in (ROWS, *looked.columns))
    return is_told or stock.comparing.is_same(looked, session)


def _of(versions: Versions, column: str) -> str:
    if column == ROWS:
        return versions.rows
    return versions.whole if column == WHOLE else versions.of(column)


def _is_same_code(node: Node, stock: Stock, made_of: Mapping[str, Build], asked: str) -> bool:
    """Whether its key would be that of the shown table, if all nodes that it reads were what they were."""
    job = stock.job
    target = job.plan.targets[node.unique_id]
    inputs = {each: _before(each, stock, made_of) for each in target.meaning.inputs}
    versions = build_versions(target.meaning, inputs, salt=target.salt + asked)
    return build_key(node, versions, target.config_hash) == job.pointers[node.unique_id].build_key


def _before(unique_id: str, stock: Stock, made_of: Mapping[str, Build]) -> Versions:
    return made_of[unique_id].versions if unique_id in made_of else stock.versions_of(unique_id)


def _adds_by_same_code(node: Node, stock: Stock, made_of: Mapping[str, Build], asked: str) -> bool:
    """Whether what would be put in was put in already, by this very code; each generation has a key of its own.

    Whoever asks for data has it read again: only an edit leaves such a table as it is.
    """
    job, unique_id = stock.job, node.unique_id
    target, pointer = job.plan.targets[unique_id], job.pointers[unique_id]
    if job.plan.verb != "apply" or asked or asks(node, job.project) or node.materialization_macro:
        return False
    if target.meaning.volatile or target.base_key != pointer.build_key or target.definition != pointer.definition:
        return False
    if not target.meaning.inputs or not target.meaning.inputs <= made_of.keys() & job.pointers.keys():
        return False
    code = {each: job.pointers[each].code for each in target.meaning.inputs}
    return is_same(pointer.code, evaluate(target.meaning, code, salt=target.salt))
