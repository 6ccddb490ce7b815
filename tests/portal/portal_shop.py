"""A shop with a history: two releases, a failing check, hostile words wherever people may write; and its portal."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi.testclient import TestClient

from dryland.build.progress import Event
from dryland.platform import Platform
from dryland.portal.app import portal
from dryland.portal.serve import Telling, bound, desk_for
from dryland.portal.visits import Desk

EVIL = "<script>alert(1)</script>"
IMAGE = "\"'><img src=x onerror=alert(2)>"
TEMPLATE = "{{ 7 * 7 }}"  # in what is no template of dbt's
HOSTILE = f"{EVIL}{IMAGE}</code></pre></textarea><svg onload=alert(3)>"


def make_history(workspace: Any) -> None:
    """Release a second time, with hostile words in everything that is free text; then a check says no."""
    workspace.write(
        "models/marts/hostile.sql",
        f"""
        -- {EVIL} </code></pre>{IMAGE}
        select
            1 as "{IMAGE.replace('"', '""')}", 'a@example.org' as email,
            date '2026-01-02' as born_on, '{EVIL}' as "order"
        """,
    )
    workspace.write(
        "models/marts/hostile.yml",
        f"""
        version: 2
        groups:
          - name: evil
            owner: {{name: {HOSTILE!r}, email: {HOSTILE!r}}}
        models:
          - name: hostile
            description: {_yaml(HOSTILE)}
            config:
              group: evil
              tags: [{_yaml(HOSTILE)}]
              meta: {{owner: {_yaml(HOSTILE)}, sla: {_yaml(HOSTILE)}, note: {_yaml(HOSTILE)}}}
            columns:
              - name: email
                description: {_yaml(HOSTILE)}
                config: {{tags: [pii], meta: {{pii: true}}}}
                data_tests: [not_null]
              - name: order
                data_tests:
                  - accepted_values: {{arguments: {{values: ['2']}}, config: {{severity: warn}}, name: evil_values}}
        exposures:
          - name: hostile_dashboard
            type: dashboard
            label: {_yaml(HOSTILE)}
            description: {_yaml(HOSTILE)}
            url: "javascript:alert(4)"
            owner: {{name: {_yaml(HOSTILE)}, email: ana@example.org}}
            depends_on: [ref('hostile')]
        """.replace(repr(HOSTILE), _yaml(HOSTILE)),
    )
    workspace.edit("models/marts/big_spenders.sql", "> 20", "> 10")
    workspace.dryland("apply", "--yes", "-m", f"{HOSTILE}{TEMPLATE}")
    workspace.write(
        "models/late.yml",
        """
        version: 2
        models:
          - name: big_spenders
            columns:
              - name: revenue
                data_tests:
                  - accepted_values: {arguments: {values: [1, 2]}}
        """,
    )
    workspace.dryland("check", code=1)


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def desk_at(root: Path, *, clock: Callable[[], float] = time.monotonic) -> tuple[Platform, Desk]:
    """The desk of a project's portal."""

    def opened(tell: Callable[[Event], None] | None = None) -> Platform:
        return Platform.open(root, wait_s=1.0, progress=Telling(tell) if tell else None)

    platform = opened()
    return platform, desk_for(platform, opened, clock)


@dataclass
class Portal:
    """A portal without a network, as a browser would talk to it."""

    root: Path
    desk: Desk
    client: TestClient

    def get(self, path: str, code: int = 200, **headers: str) -> Any:
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == code, f"{path}: {answer.status_code}\n{answer.text[:2000]}"
        return answer

    def page(self, path: str, code: int = 200) -> str:
        return str(self.get(path, code).text)


@contextmanager
def portal_of(root: Path, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Portal]:
    """The portal of a project."""
    platform, desk = desk_at(root, clock=clock)
    with platform, TestClient(portal(desk), base_url="http://localhost", follow_redirects=False) as client:
        yield Portal(root, desk, client)
        desk.actions.finish()
        desk.rows.close()


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The same at a port of this machine; its address."""
    platform, desk = desk_at(root)
    with platform, bound("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(portal(desk), log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, args=([listening],), name="portal")
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            desk.actions.finish()
            desk.rows.close()


def copied(source: Path, target: Path) -> Path:
    """The same project somewhere else, for whoever changes it."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return target
