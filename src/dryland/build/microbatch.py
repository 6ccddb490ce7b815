"""Builds a microbatch model: batch after batch, each in place of what was there of the same stretch of time."""

from __future__ import annotations

from dryland.build.compose_batch import within
from dryland.build.contract import make_table, verify_columns
from dryland.build.incremental import delta_of, put_in
from dryland.build.incremental_own import has_own_strategy
from dryland.build.incremental_settings import growth_of
from dryland.build.request import BuildRequest
from dryland.engines.protocol import Session
from dryland.errors import UnsupportedError
from dryland.project.batches import batching_of


def build_microbatch(request: BuildRequest, session: Session) -> None:
    """Make every batch of the run, one after the other: a later one may read what an earlier one wrote.

    All of them are one transaction, so a failed batch needs no second try of its own: the whole run is tried again.

    Raises:
        UnsupportedError: the project has a macro of its own for batches.
        ConfigError: columns changed and `on_schema_change` is `fail`, or the contract is not kept.
    """
    assert request.batch_sql is not None
    if has_own_strategy(request):
        raise UnsupportedError(
            "the macro `get_incremental_microbatch_sql` changes how batches are written, which Dryland writes itself.",
            path=request.node.place.path, hint="write a strategy of another name.",
        )  # fmt: skip
    event_time = batching_of(request.node).event_time
    growth = growth_of(request.node, request.dialect)
    delta = delta_of(request)
    is_there = request.base is not None
    for batch in request.batches:
        sql = request.batch_sql(batch, is_there, session)
        if not is_there:
            make_table(request, session, sql)
            is_there = True
            continue
        verify_columns(request, session, sql)
        session.create_table_as(delta, sql)
        put_in(request, session, delta, growth.within(within(batch, event_time, request.dialect, request.node)))
