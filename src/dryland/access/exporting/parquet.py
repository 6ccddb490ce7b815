"""Writes an answer as Parquet, a row group for each block."""

from __future__ import annotations

from collections.abc import Iterator

from dryland.access.answer import Answer
from dryland.access.exporting.arrow_types import batch_of, schema_of
from dryland.access.exporting.extras import imported
from dryland.access.exporting.sink import Sink


def parquet(answer: Answer) -> Iterator[bytes]:
    """The file, piece by piece."""
    pyarrow, sink = imported("pyarrow", "parquet"), Sink()
    from pyarrow.parquet import ParquetWriter

    schema = schema_of(pyarrow, answer.columns)
    with ParquetWriter(pyarrow.PythonFile(sink, "w"), schema) as writer:
        for block in answer.blocks():
            writer.write_table(pyarrow.Table.from_batches([batch_of(pyarrow, schema, block)]))
            yield sink.taken()
    yield sink.taken()
