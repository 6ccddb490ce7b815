"""Writes an answer as a stream of Arrow's record batches."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.access.answer import Answer
from dryland.access.exporting.arrow_types import batch_of, schema_of
from dryland.access.exporting.extras import imported
from dryland.access.exporting.sink import Sink


def arrow(answer: Answer) -> Iterator[bytes]:
    """The stream, piece by piece."""
    pyarrow, sink = imported("pyarrow", "arrow"), Sink()
    schema = schema_of(pyarrow, answer.columns)
    with pyarrow.ipc.new_stream(pyarrow.PythonFile(sink, "w"), schema) as writer:
        for block in answer.blocks():
            writer.write_batch(batch_of(pyarrow, schema, block))
            yield sink.taken()
    yield sink.taken()
