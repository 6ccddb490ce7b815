"""Stands for parts of a kept project that are read from its files only when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dryland.project.jinja.state import Said
from dryland.project.jinja.templates import Templates
from dryland.project.project import Project


class Loading:
    """Stands for a part of a project that is read from its files only when somebody looks at it."""

    def __init__(self, part: str, load: Callable[[], Project]) -> None:
        self._part, self._load = part, load

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(getattr(self._load(), self._part), name)


class LoadingTemplates(Loading):
    """Stands for the templates; what a run tells all of them waits until one is rendered."""

    def __init__(self, load: Callable[[], Project]) -> None:
        super().__init__("templates", self._read)
        self._whole = load
        self._project: Project | None = None
        self._words: list[Callable[[Templates], None]] = []

    def listen(self, listener: Callable[[Said], None]) -> None:
        """From then on, hand over what templates say to people."""
        self._tell(lambda templates: templates.listen(listener))

    def start_run(self) -> None:
        """From then on, a run's templates are rendered."""
        self._tell(lambda templates: templates.start_run())

    def _tell(self, word: Callable[[Templates], None]) -> None:
        if self._project is None:
            self._words.append(word)
        else:
            word(self._project.templates)

    def _read(self) -> Project:
        if self._project is None:
            self._project = self._whole()
            for word in self._words:
                word(self._project.templates)
        return self._project
