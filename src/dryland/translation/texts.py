"""Says in PostgreSQL's words what DuckDB makes of texts: parts of them, patterns, and their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from dryland.tilde import TILDE
from dryland.translation.kinds import kind_of
from dryland.translation.notes import Notes
from dryland.translation.wording import made

Rule = Callable[[exp.Expr, Notes], exp.Expr | None]

OTHERWISE = re.compile(r"\\[pPzQEZACG]|\(\?[^:im)]|\(\?[im]+:|[*+?}]\?")
"""What DuckDB's regular expressions have and PostgreSQL's have not, or mean otherwise."""
HINT_OF_REGEX = "write it with classes, groups and greedy repetitions only, or give the model its own SQL by `dialect`."


def _pattern(node: exp.Expr, notes: Notes, *, is_found: bool) -> exp.Expr | None:
    """The regular expression as PostgreSQL reads it; `is_found`: which text it matches counts, not only whether."""
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        notes.say(node, "a regular expression has to stand there as a text, for the dialects differ in them",
                  HINT_OF_REGEX)  # fmt: skip
        return None
    text = pattern.name
    if OTHERWISE.search(text):
        notes.say(node, "this regular expression means something else to PostgreSQL, or nothing", HINT_OF_REGEX)
        return None
    if is_found and "|" in text:
        notes.say(node, "of alternatives DuckDB takes the first that fits, PostgreSQL the longest", HINT_OF_REGEX)
        return None
    said = re.sub(r"(?<!\\)((?:\\\\)*)\\([bB])", lambda found: f"{found[1]}\\{'y' if found[2] == 'b' else 'Y'}", text)
    if "." in said and not said.startswith("(?"):
        said = f"(?p){said}"  # a dot is no line break
    return exp.Literal.string(said)


def _like_regex(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    if node.args.get("flag"):
        notes.say(node, "flags of regexp_matches are not translated", "write (?i) in front of the pattern.")
        return None
    pattern = _pattern(node, notes, is_found=False)
    return made("a ~ b", a=node.this, b=pattern) if pattern is not None else None


def _whole_regex(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    pattern = _pattern(node, notes, is_found=False)
    if pattern is None:
        return None
    flags = re.match(r"\(\?[a-z]+\)", pattern.name)
    head = flags[0] if flags else ""
    whole = exp.Literal.string(f"{head}^(?:{pattern.name[len(head) :]})$")
    return made("a ~ b", a=node.this, b=whole)


def _tilde(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    if node.text("operator") != TILDE:
        notes.say(node, "there is no translation of this operator")
        return None
    return _whole_regex(node, notes)


def _replace_regex(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    pattern, put = _pattern(node, notes, is_found=True), node.args.get("replacement")
    if pattern is None:
        return None
    if not isinstance(put, exp.Literal):
        notes.say(node, "what is put in has to stand there as a text", HINT_OF_REGEX)
        return None
    said = exp.Literal.string(put.name.replace(r"\0", r"\&"))
    flags = node.args.get("modifiers")
    if flags is not None and not (isinstance(flags, exp.Literal) and set(flags.name) <= set("gi")):
        notes.say(node, "of the flags of regexp_replace `g` and `i` are translated")
        return None
    if flags is None:
        return made("REGEXP_REPLACE(a, b, c)", a=node.this, b=pattern, c=said)
    return made("REGEXP_REPLACE(a, b, c, d)", a=node.this, b=pattern, c=said, d=flags)


def _extract_regex(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """The empty text where nothing matches, as in DuckDB."""
    pattern, group = _pattern(node, notes, is_found=True), node.args.get("group") or exp.Literal.number(0)
    if pattern is None:
        return None
    return made(
        "CASE WHEN NOT a IS NULL THEN COALESCE(REGEXP_SUBSTR(a, b, 1, 1, '', c), '') END",
        a=node.this, b=pattern, c=group,
    )  # fmt: skip


def _like(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """A backslash is a backslash to DuckDB; to PostgreSQL it takes the meaning of what follows."""
    if isinstance(node.parent, exp.Escape):
        return None
    pattern = node.expression
    if isinstance(pattern, exp.Literal):
        if "\\" not in pattern.name:
            return None
        pattern.replace(exp.Literal.string(pattern.name.replace("\\", "\\\\")))
        return None
    return _with_pattern(node, made("REPLACE(a, b, c)", a=pattern, b=exp.Literal.string("\\"),
                                    c=exp.Literal.string("\\\\")))  # fmt: skip


def _with_pattern(node: exp.Expr, pattern: exp.Expr) -> exp.Expr:
    copied = node.copy()
    copied.set("expression", pattern)
    return copied


def _substring(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """A negative place counts from the end in DuckDB, and lies before the beginning in PostgreSQL."""
    start, length = node.args.get("start"), node.args.get("length")
    if start is None or (isinstance(start, exp.Literal) and not start.is_string):
        return None
    from_end = made("CASE WHEN b < 0 THEN LENGTH(a) + b + 1 ELSE b END", a=node.this, b=start)
    if length is None:
        return made("SUBSTRING(a, CAST(b AS INT))", a=node.this, b=from_end)
    return made("SUBSTRING(a, CAST(b AS INT), CAST(c AS INT))", a=node.this, b=from_end, c=length)


def _bracket(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    """Places in lists are the same, those in texts are substrings."""
    place = node.expressions[0] if node.expressions else None
    kind = kind_of(node.this)
    if isinstance(place, exp.Slice) and kind == "text":
        low, high = (each or exp.Literal.number(1) for each in (place.this, place.expression))
        if isinstance(low, exp.Literal) and isinstance(high, exp.Literal):
            return made("SUBSTRING(a, b, c)", a=node.this, b=low,
                        c=exp.Literal.number(max(int(high.name) - int(low.name) + 1, 0)))  # fmt: skip
    elif kind == "list" and (not isinstance(place, exp.Literal) or int(place.name) >= 0):
        return None
    notes.say(node, "what stands before the brackets is not known to be a list, or the place counts from the end",
              "use substr() for texts; cast lists to their type.")  # fmt: skip
    return None


def _length(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    kind = kind_of(node.this)
    counted = "CARDINALITY(a)" if kind == "list" else "LENGTH(a)"
    return made(f"CAST({counted} AS BIGINT)", a=node.this)


def _contains(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    return made("POSITION(b IN a) > 0", a=node.this, b=node.expression)


def _contains_item(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    return made("CASE WHEN NOT b IS NULL THEN COALESCE(b = ANY(a), FALSE) END", a=node.this, b=node.expression)


def _sha(node: exp.Expr, notes: Notes) -> exp.Expr | None:
    if node.text("length") not in ("", "256"):
        notes.say(node, "there is no translation of this hash")
        return None
    return made("ENCODE(SHA256(CONVERT_TO(a, 'UTF8')), 'hex')", a=node.this)


TEXTS: Mapping[type[exp.Expr], Rule] = {
    exp.RegexpLike: _like_regex,
    exp.RegexpFullMatch: _whole_regex,
    exp.SimilarTo: _whole_regex,
    exp.Operator: _tilde,
    exp.RegexpReplace: _replace_regex,
    exp.RegexpExtract: _extract_regex,
    exp.Like: _like,
    exp.ILike: _like,
    exp.Substring: _substring,
    exp.Bracket: _bracket,
    exp.Length: _length,
    exp.ArraySize: lambda node, notes: made("CAST(CARDINALITY(a) AS BIGINT)", a=node.this),
    exp.Contains: _contains,
    exp.ArrayContains: _contains_item,
    exp.EndsWith: lambda node, notes: made("RIGHT(a, LENGTH(b)) = b", a=node.this, b=node.expression),
    exp.Split: lambda node, notes: made(
        "CASE WHEN a = '' THEN ARRAY[''] ELSE STRING_TO_ARRAY(a, b) END", a=node.this, b=node.expression
    ),
    exp.SHA2: _sha,
}
"""What of a tree is about texts -> how PostgreSQL says it; None leaves it as it is."""
