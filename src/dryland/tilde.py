"""Has sqlglot leave DuckDB's `a ~ b` what it is, for whoever imports this and writes SQL that it has read.

DuckDB 1 compares the whole text with the pattern, DuckDB 2 looks for it anywhere; sqlglot writes the latter for both.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp
from sqlglot.generators.duckdb import DuckDBGenerator
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import TokenType

TILDE = "~"


def _read(parser: sqlglot.Parser, this: exp.Expr) -> exp.Expr:
    return parser.expression(exp.Operator(this=this, operator=exp.var(TILDE), expression=parser._parse_bitwise()))


def _written(generator: sqlglot.Generator, operator: exp.Operator) -> str:
    """DuckDB 2 knows no `OPERATOR(~)` of texts."""
    if operator.text("operator") != TILDE:
        return generator.binary(operator, "")
    return f"{generator.sql(operator, 'this')} {TILDE} {generator.sql(operator, 'expression')}"


DuckDBParser.RANGE_PARSERS[TokenType.TILDE] = _read
DuckDBGenerator.TRANSFORMS[exp.Operator] = _written
