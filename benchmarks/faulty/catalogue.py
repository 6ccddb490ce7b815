"""Lists every fault: what goes wrong with rows, values, shapes, loads and code."""

from __future__ import annotations

from dataclasses import replace

from faulty.code import CODE
from faulty.fault import Fault
from faulty.loads import LOADS
from faulty.rows import ROWS
from faulty.shape import SHAPE
from faulty.values import VALUES

FAULTS: tuple[Fault, ...] = (
    *(replace(fault, where="rows") for fault in ROWS),
    *(replace(fault, where="values") for fault in VALUES),
    *(replace(fault, where="shape") for fault in SHAPE),
    *(replace(fault, where="load") for fault in LOADS),
    *CODE,
)
