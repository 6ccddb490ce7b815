"""Holds what every verb works with: project, warehouse and memory, and what the project means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from dryland.build.progress import watched
from dryland.digest import digest
from dryland.opened import Opened
from dryland.project.keeping import Shelf, shared
from dryland.project.session_settings import deciding_settings
from dryland.timings import timed

if TYPE_CHECKING:
    from dryland.engines.protocol import Engine
    from dryland.engines.relation import Column
    from dryland.sql.meaning import Meaning

T = TypeVar("T")
MEANINGS = "what the SQL means"  # told to who watches


class Workshop(Opened):
    """What verbs work with. Use as a context manager: the warehouse is held only while open."""

    @timed("close")
    def close(self) -> None:
        """Let go of the warehouse and the metadata, and keep what was worked out."""
        super().close()
        if "_shelf" in vars(self):
            self._shelf.save(is_whole=True)

    @cached_property
    @timed("source columns")
    def source_columns(self) -> Mapping[str, tuple[Column, ...]]:
        """The columns of every source that exists, asked for in one query."""
        return self.columns_of_sources(self.engine)

    def columns_of_sources(self, engine: Engine) -> Mapping[str, tuple[Column, ...]]:
        """The same, asked of a warehouse that somebody opened."""
        sources = self.project.sources
        found = engine.columns([source.relation for source in sources.values()])
        return {uid: found[source.relation] for uid, source in sources.items() if source.relation in found}

    def forget_source_columns(self) -> None:
        """Have sources asked again when their columns are needed next: somebody loaded some of them."""
        for part in ("source_columns", "meanings"):
            vars(self).pop(part, None)

    @cached_property
    def meanings(self) -> Mapping[str, Meaning]:
        """What every node means."""
        return self.meanings_settled(lambda node, meaning: meaning)

    def meanings_settled(self, settled: Callable[[str, Meaning], Meaning]) -> Mapping[str, Meaning]:
        """The same where something stands already, which `settled` knows."""
        return self.meanings_over(
            self.source_columns, accepts=lambda sql: self.engine.syntax_error(sql) is None, settled=settled
        )

    @timed("meanings")
    def meanings_over(
        self,
        source_columns: Mapping[str, tuple[Column, ...]],
        *,
        accepts: Callable[[str], bool],
        settled: Callable[[str, Meaning], Meaning] = lambda node, meaning: meaning,
    ) -> Mapping[str, Meaning]:
        """The same over sources with these columns; `accepts` says what the warehouse can parse."""
        with timed("imports"):
            from dryland.plan.meanings import meanings
            from dryland.workers import Workers

        asked_of = sum(node.kind == "model" and node.language == "sql" for node in self.project.nodes.values())
        with Workers() as workers, watched(self.progress, asked_of, MEANINGS) as tell:

            def prepared(work: Callable[[Any], bytes], asked: Mapping[str, Any]) -> None:
                self._shelf.prepare(work, asked, workers, tell)

            return meanings(
                self.project,
                source_columns,
                dialect=self.project.warehouse.type,
                accepts=accepts,
                settled=settled,
                remembered=self.remembered,
                prepared=prepared,
            )

    @property
    def may_work_ahead(self) -> bool:
        """Whether a project was read of which nothing was kept, and nothing was asked of its warehouse.

        To translate one takes the warehouse.
        """
        if "written" not in vars(self) or "engine" in vars(self) or self.is_translated:
            return False
        return self.written.kept is not None and self.written.kept.is_new

    @cached_property
    @timed("check hashes")
    def check_hashes(self) -> Mapping[str, str]:
        """The hash of every check's definition, each verified first."""
        project, dialect = self.project, self.project.warehouse.type

        def hashed() -> Mapping[str, str]:
            with timed("imports"):
                from dryland.check.hash import all_check_hashes  # brings sqlglot; most often they are known

            return all_check_hashes(project, dialect)

        if project.kept is None:
            return hashed()
        settings = deciding_settings(project.warehouse)
        read = [project.kept.file.name, project.kept.first]  # none depends on the text of a model
        key = digest(["check hashes", *read, dialect, settings])
        return self.remembered(key, hashed)

    def remembered(self, key: str, work: Callable[[], T], /) -> T:
        """What came out of a work under the same key before, or comes out now."""
        return self._shelf.remembered(key, work)

    @cached_property
    def _shelf(self) -> Shelf:
        """What was worked out about the project before."""
        kept = self.project.kept
        return Shelf(shared(kept.file, "meanings") if kept else None)
