"""Plans what a release would do now, for whoever looks at it, with a warehouse that is held no longer than that."""

from __future__ import annotations

import threading
import time
from dataclasses import field
from datetime import datetime

from dryland.errors import BusyError, DrylandError, WarehouseLockedError
from dryland.plan.plan import Change, Plan
from dryland.plan.render import as_json
from dryland.portal.actions import Actions
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.facts.changes import code_diff
from dryland.portal.rows.warehouse import TRY_AGAIN_S, Warehouse
from dryland.values import dataclass

FAILED_S = 10.0  # for which what failed is told again and not tried: readers of a file are kept out meanwhile
Asked = tuple[str, datetime | None]
"""An environment, and as of when it was looked at."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, and what pages say of it."""

    plan: Plan
    names: dict[str, str]  # unique id -> as people say it
    data: dict[str, object]  # as `dryland plan --json` gives it

    def changes(self, kind: str) -> tuple[Change, ...]:
        """The changes of one kind, in the order of the plan."""
        return tuple(each for each in self.plan.changes if each.change == kind)

    def code(self, change: Change) -> tuple[tuple[str, str], ...]:
        """The lines of its SQL that differ."""
        return code_diff(change.sql_before, change.sql_after) if change.change == "changed" else ()

    def work(self, action: str) -> int:
        """How many steps there are of an action."""
        return sum(step.action == action for step in self.plan.steps)


@dataclass(frozen=True)
class Planning:
    """Plans of the catalogues that are shown: one for each, made when it is first looked at."""

    actions: Actions
    warehouse: Warehouse
    _busy: threading.Lock = field(default_factory=threading.Lock)
    _failed: dict[Asked, tuple[float, DrylandError]] = field(default_factory=dict)  # until when it is not tried again

    def of(self, catalogue: Catalogue) -> Planned:
        """What `dryland apply` would do to its environment.

        Raises:
            DrylandError: the project cannot be read, or the warehouse not be asked.
        """
        if catalogue.knows("planned"):
            return catalogue.once("planned", lambda: self._made(catalogue.environment))
        asked = catalogue.environment, catalogue.made_at
        until, trouble = self._failed.get(asked, (0.0, None))
        if trouble is not None and time.monotonic() < until:
            raise trouble
        if not self._busy.acquire(blocking=False):  # a thread of the few that answer everybody is not for waiting
            raise BusyError("what would be released is being planned.", retry_after_s=TRY_AGAIN_S)
        try:
            return catalogue.once("planned", lambda: self._made(catalogue.environment))
        except DrylandError as error:
            told = _told(error)
            self._failed.clear()
            self._failed[asked] = time.monotonic() + FAILED_S, told
            raise told from None
        finally:
            self._busy.release()

    def _made(self, environment: str) -> Planned:
        with self.warehouse.shut(is_urgent=False), self.actions.opened(lambda event: None) as platform:
            plan = platform.plan(environment)
            mentioned = {name for each in plan.changes for name in (each.node, *each.reader_columns, *each.exposures)}
            names = {unique_id: platform.project.name_of(unique_id) for unique_id in mentioned}
            return Planned(plan, names, as_json(plan, platform.project))


def _told(error: DrylandError) -> DrylandError:
    """Who holds the warehouse, and with which words he was called, is not for everybody."""
    if isinstance(error, WarehouseLockedError):
        return WarehouseLockedError("the warehouse is held by others.", hint="ask again in a moment.")
    return error
