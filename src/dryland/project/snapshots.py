"""Reads snapshots: the blocks of files in the snapshot folders, and those that YAML describes by a `relation`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from dryland.errors import ConfigError, TemplateError
from dryland.project.config import from_project
from dryland.project.drafts import Draft, configured, scanned
from dryland.project.jinja.templates import Templates
from dryland.project.layout import Layout
from dryland.project.nodes import Place
from dryland.project.properties import Patch, Properties, files_below
from dryland.project.text_file import read_text
from dryland.values import dataclass

TAG = re.compile(
    r"""
    \{\#.*?\#\}
  | \{%[-+]?\s*raw\s*[-+]?%\}.*?\{%[-+]?\s*endraw\s*[-+]?%\}
  | \{%[-+]?\s*snapshot\b\s*(?P<opens>.*?)\s*[-+]?%\}
  | (?P<closes>\{%[-+]?\s*endsnapshot\s*[-+]?%\})
    """,
    re.VERBOSE | re.DOTALL,
)
ABOVE = re.compile(r"\A\{#\n*#\}")
FOLDERS = ("model", "seed", "snapshot", "analysis", "macro", "test")  # in which a YAML file may describe one


@dataclass(frozen=True, slots=True)
class Block:
    """One `{% snapshot %}` of a file: its name, what stands in it, and on which lines."""

    name: str
    text: str
    line: int  # of the tag
    text_line: int  # of the first character after the tag


def read_snapshots(
    layout: Layout, properties: Properties, templates: Templates, override: Mapping[str, Any]
) -> Iterator[Draft]:
    """Drafts of a project's snapshots, as `read_models` gives those of models.

    Raises:
        TemplateError: a block is left open, or has no name.
        ConfigError: a `relation` is neither a ref nor a source.
    """

    def draft(name: str, fqn: tuple[str, ...], place: Place, raw: str, patch: Patch | None) -> Draft:
        config = configured(layout.section("snapshots"), fqn, patch, templates)
        uid = f"snapshot.{layout.name}.{name}"
        made = Draft(
            uid, "snapshot", name, layout.name, place, "sql", raw, "", fqn, {"materialized": "snapshot", **config},
            layout, patch, last_word=from_project(override, fqn),
        )  # fmt: skip
        return scanned(made, templates)

    for folder in layout.folders("snapshot"):
        for path in files_below(layout.root, [folder], (".sql",)):
            shown = layout.shown(path)
            inner = path.relative_to(layout.root / folder).with_suffix("")
            for block in blocks_of(read_text(path, shown), shown):
                patch = properties.snapshots.get(block.name)
                fqn = (layout.name, *inner.parts, block.name)
                yield draft(block.name, fqn, Place(shown, block.line), at_line(block.text, block.text_line), patch)
    for patch in properties.snapshots.values():
        if "relation" in patch.body:
            fqn = (layout.name, *_folders_of(patch, layout), patch.name)
            query = f"select * from {{{{ {_relation(patch)} }}}}"
            yield draft(patch.name, fqn, patch.place, at_line(query, patch.body.line_of("relation")), patch)


def blocks_of(text: str, shown: str) -> Iterator[Block]:
    """The snapshots of a file, in order.

    Raises:
        TemplateError: a block is left open, has no name, or stands in another.
    """
    opened: re.Match[str] | None = None
    for tag in TAG.finditer(text):
        line = text.count("\n", 0, tag.start()) + 1
        if tag["opens"] is not None:
            if opened:
                raise TemplateError("a snapshot is opened inside another.", path=shown, line=line, hint=CLOSE)
            if not tag["opens"].isidentifier():
                raise TemplateError(
                    f"`{tag['opens']}` is no name for a snapshot.", path=shown, line=line,
                    hint="{% snapshot orders_history %} ... {% endsnapshot %}",
                )  # fmt: skip
            opened = tag
        elif tag["closes"] and opened:
            inner_line = text.count("\n", 0, opened.end()) + 1
            inside = text[opened.end() : tag.start()]
            yield Block(opened["opens"], inside, text.count("\n", 0, opened.start()) + 1, inner_line)
            opened = None
    if opened:
        line = text.count("\n", 0, opened.start()) + 1
        raise TemplateError(f"the snapshot `{opened['opens']}` is not closed.", path=shown, line=line, hint=CLOSE)


CLOSE = "close it with {% endsnapshot %}."


def at_line(text: str, line: int) -> str:
    """A template that stands further down in a file: a comment holds the lines above, so that errors find theirs."""
    return f"{{#{chr(10) * (line - 1)}#}}{text}" if line > 1 else text


def without_lines_above(text: str) -> str:
    """The inverse of `at_line`: what counts as code, wherever it stands in its file."""
    return ABOVE.sub("", text)


def _folders_of(patch: Patch, layout: Layout) -> tuple[str, ...]:
    """Where the YAML file stands, below the folder that is searched."""
    path = PurePosixPath(patch.place.path.removeprefix(layout.prefix))
    for folder in (folder for kind in FOLDERS for folder in layout.folders(kind)):
        if path.is_relative_to(folder):
            return path.relative_to(folder).parent.parts
    return path.parent.parts


def _relation(patch: Patch) -> str:
    """The text of a `relation`: a call of `ref` or `source`, and nothing else."""
    text = str(patch.body["relation"]).strip()
    try:
        call = ast.parse(text, mode="eval").body
    except SyntaxError:
        call = None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("ref", "source"):
        return text
    raise ConfigError(
        f"the snapshot `{patch.name}` has the relation `{text}`.", path=patch.place.path,
        line=patch.body.line_of("relation"), hint="relation: ref('a_model'), or source('a_source', 'a_table')",
    )  # fmt: skip
