"""Tells what came of the faults: as a table of text, and as the tables of a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from faulty.fault import Fault
from faulty.judge import Finding, Reason, totals

HEADINGS = {
    "rows": "Rows and keys", "values": "Values", "shape": "Shape of a table", "load": "Loads", "code": "Code",
}  # fmt: skip
WORDS_MAX = 60
BEGIN, END = "<!-- found -->\n", "<!-- /found -->\n"


def as_table(faults: Iterable[Fault], findings: Sequence[Finding]) -> list[str]:
    """Lines for a terminal: one for each fault, then how many ended how."""
    known = {fault.name: fault for fault in faults}
    lines = [
        f"{finding.end:<12} {finding.seconds:4.1f} s  {finding.fault:<24} {known[finding.fault].what}\n"
        + "".join(f"{'':<22}{line}\n" for line in _said(finding))
        for finding in findings
    ]
    return ["".join(lines), summary(findings)]


def summary(findings: Sequence[Finding]) -> str:
    """How many ended how, in one sentence."""
    counted = totals(tuple(findings))
    return (
        f"{len(findings)} faults: {counted['stopped']} stopped, {counted['in part']} stopped in part, "
        f"{counted['absorbed']} absorbed, {counted['not stopped']} not stopped"
    )


def reasons(by: Sequence[Reason], most: int = 1) -> str:
    """What said no, the first of it in the order of the project, and how much else."""
    named = "; ".join(f"{kind} {_short(which)}" for kind, which in by[:most])
    return named + f" (+{len(by) - most})" * (len(by) > most)


def as_page(text: str, faults: Iterable[Fault], findings: Sequence[Finding]) -> str:
    """A page with what was found between its two marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + "\n".join(page_lines(faults, findings)) + "\n" + END + after


def page_lines(faults: Iterable[Fault], findings: Sequence[Finding]) -> list[str]:
    """The tables of the page, one for each kind of place."""
    found = {finding.fault: finding for finding in findings}
    lines = [summary(findings) + ".", ""]
    for where, heading in HEADINGS.items():
        lines += [f"### {heading}", "", "| What goes wrong | | By what |", "|---|---|---|"]
        lines += [_row(fault, found[fault.name]) for fault in faults if fault.where == where and fault.name in found]
        lines.append("")
    return lines[:-1]


def _row(fault: Fault, finding: Finding) -> str:
    end = finding.end if finding.end in ("stopped", "absorbed") else f"**{finding.end}**"
    return f"| `{fault.name}`: {fault.what} | {end} | {_cell(finding)} |"


def _cell(finding: Finding) -> str:
    words = [reasons([(kind, which.partition(":")[0]) for kind, which in finding.by])] if finding.by else []
    if finding.wrong and finding.by:
        words.append(f"wrong rows in {_few(finding.wrong)}")
    if finding.end == "not stopped" and finding.plan_said:
        words.append(f"the plan said: {finding.plan_said}")
    if finding.end == "not stopped" and finding.warned:
        words.append(f"warned by {_few(finding.warned)}")
    return "; ".join(words).replace("|", "\\|")


def _said(finding: Finding) -> list[str]:
    lines = [f"by {reasons(finding.by, 3)}"] if finding.by else []
    lines += [f"wrong in {_few(finding.wrong)}"] if finding.wrong else []
    lines += [f"warned by {_few(finding.warned)}"] if finding.warned else []
    return lines + ([f"plan: {finding.plan_said}"] if finding.plan_said else [])


def _few(names: Sequence[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + f" and {len(names) - most} more" * (len(names) > most)


def _short(words: str) -> str:
    line = re.sub(r"\s+", " ", words).replace("`", "'")
    return line if len(line) <= WORDS_MAX else line[: WORDS_MAX - 1].rstrip() + "…"
