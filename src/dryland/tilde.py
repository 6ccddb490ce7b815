"""Has sqlglot leave DuckDB's `a ~ b` what it is, for whoever imports this and writes SQL that it has read.

DuckDB 1 compares the whole text with the pattern, DuckDB 2 looks for it anywhere; sqlglot writes the latter for both.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import TokenType


def _read(parser: sqlglot.Parser, this: exp.Expr) -> exp.Expr:
    return parser.expression(exp.Operator(this=this, operator=exp.var("~"), expression=parser._parse_bitwise()))


DuckDBParser.RANGE_PARSERS[TokenType.TILDE] = _read
