"""Describes a column of a table to templates: its name, its type in dbt's words, and how it is written in SQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dryland.errors import TemplateError

LABELS = {"STRING": "TEXT"}  # dbt's names of types that are not the warehouse's
STRINGS = frozenset({"text", "character varying", "character", "varchar"})
NUMERICS = frozenset({"numeric", "decimal"})
FLOATS = frozenset({"real", "float", "float4", "float8", "double"})
INTEGERS = frozenset(
    "tinyint smallint integer bigint hugeint utinyint usmallint uinteger ubigint "
    "int1 int2 int4 int8 short int signed long".split()
)
STRING_SIZE = 256  # what dbt says of text whose size nobody gave


@dataclass(frozen=True)
class ColumnValue:
    """A column of a table: dbt's `api.Column`."""

    column: str
    dtype: str
    char_size: int | None = None
    numeric_precision: Any = None
    numeric_scale: Any = None
    fields: list[ColumnValue] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.is_struct() and not self.fields:
            self.fields.extend(_fields(self.dtype))

    def __hash__(self) -> int:
        return hash((self.column, self.dtype))

    @classmethod
    def found(cls, name: str, kind: str) -> ColumnValue:
        """A column of a table, by the warehouse's own name of its type."""
        return cls(name, kind)

    @classmethod
    def of_answer(cls, name: str, kind: str) -> ColumnValue:
        """A column of a query's answer, by the warehouse's own name of its type."""
        return cls.found(name, kind)

    @classmethod
    def create(cls, name: str, label_or_dtype: str) -> ColumnValue:
        """A column of one of dbt's types."""
        return cls(name, cls.translate_type(label_or_dtype))

    @classmethod
    def from_description(cls, name: str, raw_data_type: str) -> ColumnValue:
        """A column whose type is written with its size: `varchar(20)`, `decimal(10,2)`."""
        found = re.fullmatch(r"([^(]+)(?:\((\d+)(?:\s*,\s*(\d+))?\))?", raw_data_type.strip())
        if found is None:
            raise TemplateError(f"`{raw_data_type}` is not a type with a size.", hint="varchar(20) or decimal(10,2).")
        kind, first, second = found[1], found[2], found[3]
        if second is not None:
            return cls(name, kind, None, int(first), int(second))
        return cls(name, kind, int(first) if first else None)

    @staticmethod
    def translate_type(dtype: str) -> str:
        """The warehouse's name of one of dbt's types."""
        return LABELS.get(dtype.upper(), dtype)

    @staticmethod
    def string_type(size: int) -> str:
        """The type of text of a size."""
        return f"character varying({size})"

    @staticmethod
    def numeric_type(dtype: str, precision: Any, scale: Any) -> str:
        """The type of decimals with so many digits."""
        return dtype if precision is None or scale is None else f"{dtype}({precision},{scale})"

    @property
    def name(self) -> str:
        """Its name."""
        return self.column

    @property
    def quoted(self) -> str:
        """Its name, quoted."""
        return '"' + self.column.replace('"', '""') + '"'

    @property
    def data_type(self) -> str:
        """Its type, as dbt writes it in SQL."""
        if self.is_string():
            return self.string_type(self.string_size())
        if self.is_numeric():
            return self.numeric_type(self.dtype, self.numeric_precision, self.numeric_scale)
        return self.dtype

    expanded_data_type = data_type

    def is_string(self) -> bool:
        """Whether it holds text."""
        return self.dtype.lower() in STRINGS

    def is_numeric(self) -> bool:
        """Whether it holds decimals of which only the kind is known."""
        return self.dtype.lower() in NUMERICS

    def is_integer(self) -> bool:
        """Whether it holds whole numbers."""
        return self.dtype.lower() in INTEGERS

    def is_float(self) -> bool:
        """Whether it holds floating-point numbers."""
        return self.dtype.lower() in FLOATS

    def is_number(self) -> bool:
        """Whether it holds numbers of any kind."""
        return self.is_numeric() or self.is_integer() or self.is_float()

    def is_struct(self) -> bool:
        """Whether it holds fields of its own."""
        return self.dtype.lower().startswith("struct")

    def string_size(self) -> int:
        """How long its text may be."""
        if not self.is_string():
            raise TemplateError(f"`{self.column}` holds no text but {self.dtype}.", hint="ask is_string() first.")
        return STRING_SIZE if self.dtype == "text" or self.char_size is None else int(self.char_size)

    def can_expand_to(self, other_column: ColumnValue) -> bool:
        """Whether the other column holds longer text."""
        both = self.is_string() and other_column.is_string()
        return both and other_column.string_size() > self.string_size()

    def literal(self, value: Any) -> str:
        """A value of its type in SQL."""
        return f"{value}::{self.data_type}"

    def flatten(self) -> list[ColumnValue]:
        """Itself, or the fields within it by their full names."""
        if not self.is_struct():
            return [self]
        inner = [each for one in self.fields for each in one.flatten()]
        return [ColumnValue(f"{self.column}.{each.column}", each.dtype) for each in inner]


def _fields(dtype: str) -> list[ColumnValue]:
    """The fields of a `STRUCT(name type, ...)`."""
    inside = re.fullmatch(r"struct\((.*)\)", dtype, re.IGNORECASE | re.DOTALL)
    parts, depth = [""], 0
    for character in inside[1] if inside else "":
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    named = (part.strip().split(" ", 1) for part in parts if part.strip())
    return [ColumnValue(each[0], each[1]) for each in named if len(each) == 2]
