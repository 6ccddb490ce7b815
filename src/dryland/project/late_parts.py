"""Stands for parts of a kept project that are read from its files only when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dryland.project.jinja.marks import in_values
from dryland.project.jinja.state import Said, Scope
from dryland.project.jinja.world import Stage, World
from dryland.timings import timed

if TYPE_CHECKING:
    from dryland.project.graph.parts import Parts
    from dryland.project.jinja.templates import Templates


class Loading:
    """Stands for a part of a project that is read from its files only when somebody looks at it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._load(), name)


class OpeningTemplates:
    """Stands for the templates of what is read first: most of that is plain YAML, and needs no Jinja."""

    def __init__(self, world: World) -> None:
        self._world = world

    def value(self, value: Any, scope: Scope, *, stage: Stage) -> Any:
        """As `Templates.value`."""
        return in_values(value, scope, lambda text, where: self._templates.value(text, where, stage=stage))

    @cached_property
    def _templates(self) -> Templates:
        with timed("imports"):
            from dryland.project.jinja.templates import Templates

        return Templates(self._world)


class LoadingTemplates(Loading):
    """Stands for the templates; what a run tells all of them waits until one is rendered."""

    def __init__(self, load: Callable[[], Parts]) -> None:
        super().__init__(self._read)
        self._load_parts = load
        self._templates: Templates | None = None
        self._words: list[Callable[[Templates], None]] = []

    def listen(self, listener: Callable[[Said], None]) -> None:
        """From then on, hand over what templates say to people."""
        self._tell(lambda templates: templates.listen(listener))

    def start_run(self) -> None:
        """From then on, a run's templates are rendered."""
        self._tell(lambda templates: templates.start_run())

    def _tell(self, word: Callable[[Templates], None]) -> None:
        if self._templates is None:
            self._words.append(word)
        else:
            word(self._templates)

    def _read(self) -> Templates:
        if self._templates is None:
            self._templates = self._load_parts().templates
            for word in self._words:
                word(self._templates)
        return self._templates
