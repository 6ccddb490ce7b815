"""Secrets stay where they were put: nothing that comes out of any verb has one, whether it ends well or badly."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from planted import Planted, watched
from walled_server import Walled

pytestmark = pytest.mark.slow  # it runs every verb, some of them in processes of their own

VERBS = (
    "plan", "plan --json", "plan --timings --trace trace.json", "apply --yes --json", "run --yes --json", "check",
    "check --json", "test --json", "freshness", "health --json", "ls --json", "ls", "show stg_orders --json",
    "show asks --json", "lineage stg_orders --json", "query --json 'select * from stg_orders'", "env create dev_ana",
    "env list --json", "env show dev_ana --json", "diff dev_ana", "diff dev_ana --json --html diff.html --examples 3",
    "release list --json", "release show --json", "artifacts", "check suggest", "contract export stg_orders",
    "rollback --yes --json", "gc --yes --json", "state dump dump.jsonl", "version", "env drop dev_ana --yes",
    "query 'select * from nothing'", "show nothing", "apply --yes --trace apply.json",
)  # fmt: skip
"""Every verb once, also as machines ask it, and some that must fail."""

ASKS = """
{% set key = env_var('API_KEY') %}
select {{ 1 if key else 2 }} as x, '{{ target.name }}' as target
"""


@pytest.fixture
def planted() -> Planted:
    return Planted(
        "password", "wrong_password", "literal_password", "options", "metadata", "webhook", "export", "asked",
        "duckdb_secret", "duckdb_setting", "duckdb_attach", "plugin", "persistent", "duckdb_config",
    )  # fmt: skip


@pytest.fixture
def role(walled: Walled, planted: Planted) -> str:
    return walled.new_role("keeper", planted["password"])


@pytest.fixture
def database(walled: Walled, role: str) -> Iterator[str]:
    name = walled.server.new_database()
    with walled.owner() as owner:
        owner.execute(f'grant create on database {name} to "{role}"')
    with walled.owner(name) as owner:
        owner.execute(f'create schema meta authorization "{role}"')
    yield name
    walled.server.drop_database(name)


@pytest.fixture
def estate(walled: Walled, planted: Planted, role: str, database: str, shop: Any) -> Any:
    """The sample project on PostgreSQL, with a secret wherever one can stand."""
    output = walled.settings(
        database, role, "{{ env_var('SHOP_PASSWORD') }}", options=f"-c shop.key={planted['options']}", retries=0
    )
    shop.write("profiles.yml", str(yaml.safe_dump({"shop": {"target": "dev", "outputs": {"dev": output}}})))
    address = f"{role}:{{{{ env_var('META_PASSWORD') }}}}@127.0.0.1:{walled.port}/{database}"
    shop.write("dryland.yml", f"""
        state: "postgresql+psycopg://{address}?options=-csearch_path%3Dmeta"
        notifications:
          - {{name: journal, file: releases.jsonl, on: [published, refused, failed, blocked]}}
          - {{name: chat, webhook: "http://127.0.0.1:1/hook/{planted["webhook"]}", on: [published, refused, failed]}}
        exports:
          - {{name: away, model: stg_orders, to: "postgresql+psycopg://x:{planted["export"]}@127.0.0.1:1/nowhere"}}
        """)  # fmt: skip
    shop.write("models/asks.sql", ASKS)
    return shop


class Heard:
    """Everything that verbs said, and where they wrote."""

    def __init__(self, planted: Planted, shop: Any, cache: Path) -> None:
        self.planted, self.shop, self.cache = planted, shop, cache
        self.environment = {
            "SHOP_PASSWORD": planted["password"], "META_PASSWORD": planted["password"], "API_KEY": planted["asked"],
            "DRYLAND_CACHE": str(cache), "DRYLAND_DEBUG": "1", "HOME": str(cache),
        }  # fmt: skip
        self.leaks: list[str] = []
        self.codes: dict[str, int] = {}

    def run(self, words: str, *, process: bool = False, **environment: str) -> int:
        """One verb; how it ended."""
        import shlex

        call = self.shop.process if process else self.shop.dryland
        answer = call(*shlex.split(words), code=None, **{**self.environment, **environment})
        self.leaks += [f"{words}: {place}" for place in self.planted.found_in((answer.out + answer.err).encode())]
        self.codes[words] = answer.code
        return int(answer.code)

    def all_leaks(self) -> list[str]:
        """What was told, and what stands in files that nobody wrote a secret into."""
        written = [self.shop.root / name for name in ("profiles.yml", "dryland.yml", "lib/plugged.py")]
        return self.leaks + self.planted.found_below([self.shop.root, self.cache], but=written)


@pytest.fixture
def heard(planted: Planted, estate: Any, tmp_path_factory: Any) -> Heard:
    return Heard(planted, estate, tmp_path_factory.mktemp("cache"))


def test_no_verb_tells_a_secret_nor_leaves_one_anywhere(heard: Heard, walled: Walled, planted: Planted) -> None:
    with walled.owner() as owner, watched(owner) as seen:
        assert heard.run("apply --yes", process=True) == 0
        for words in VERBS:
            heard.run(words)
        heard.shop.write("models/asks.sql", ASKS + "\nwhere 1 = 1")
        heard.shop.write("models/staging/broken.sql", "select nothing from {{ ref('stg_orders') }}")
        assert heard.run("apply --yes --json") == 3
    assert heard.codes["query 'select * from nothing'"] != 0
    fine = [words for words, code in heard.codes.items() if code == 0]
    assert len(fine) >= len(VERBS) - 6, heard.codes
    assert heard.all_leaks() == []
    assert planted.found_in(b"\0".join(seen)) == []
    assert planted.found_in(walled.log.encode()) == []


@pytest.mark.parametrize("process", [True, False])
def test_who_cannot_get_in_is_told_no_secret(heard: Heard, planted: Planted, process: bool) -> None:
    """A wrong password, a host that is not there, addresses that cannot be read: for warehouse and metadata."""
    wrong = planted["wrong_password"]
    assert heard.run("apply --yes", process=process, SHOP_PASSWORD=wrong) == 3
    assert heard.run("query 'select 1'", process=process, SHOP_PASSWORD=wrong) == 3
    assert heard.run("plan", process=process, META_PASSWORD=wrong) == 3
    for broken in (
        f"postgresql//x:{planted['metadata']}@127.0.0.1/nowhere",
        f"postgresql://x:{planted['metadata']}@127.0.0.1:port/nowhere",
        f"postgresql+nothing://x:{planted['metadata']}@127.0.0.1/nowhere",
        f"postgresql+psycopg://x:{planted['metadata']}@127.0.0.1:1/nowhere",
        f"postgresql+psycopg://x@127.0.0.1:1/nowhere?password={planted['metadata']}",
        f"nothing:{planted['metadata']}",
    ):
        heard.shop.write("dryland.yml", f'state: "{broken}"\n')
        assert heard.run("apply --yes", process=process) in (2, 3), broken
    heard.shop.write("dryland.yml", "{}")
    for old, new in (
        ("host: 127.0.0.1", "host: nowhere.invalid"), ("nowhere.invalid", "127.0.0.1\n      sslmode: sometimes"),
        ("sslmode: sometimes", "passwort: " + planted["literal_password"]),
        ("passwort", "password: [a]\n      passwrd"), ("threads: 2", "threads: many"),
    ):  # fmt: skip
        heard.shop.edit("profiles.yml", old, new)
        assert heard.run("apply --yes", process=process) in (2, 3), new
    assert heard.all_leaks() == []


def test_options_that_the_server_refuses_are_not_told(heard: Heard, planted: Planted) -> None:
    """libpq's complaints about a connection's settings quote them."""
    for options in (f"-c nothing={planted['options']}", f"--{planted['options']}", f"password={planted['options']}"):
        profile = yaml.safe_load((heard.shop.root / "profiles.yml").read_text())
        profile["shop"]["outputs"]["dev"]["options"] = options
        heard.shop.write("profiles.yml", str(yaml.safe_dump(profile)))
        assert heard.run("query 'select 1'") == 3
    assert heard.all_leaks() == []


def test_an_interrupted_release_tells_no_secret(heard: Heard, walled: Walled, planted: Planted) -> None:
    heard.shop.write("models/endless.sql", "select count(*) as n from generate_series(1, 600000000) a, "
                     "generate_series(1, 60000) b where a + b = 7")  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin", "NO_COLOR": "1", "PYTHONPATH": ":".join(sys.path), **heard.environment}
    with walled.owner() as owner, watched(owner) as seen:
        running = subprocess.Popen(
            [sys.executable, "-m", "dryland", "apply", "--yes"], cwd=heard.shop.root, text=True, env=environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(200):
            time.sleep(0.1)
            if owner.execute("select 1 from pg_stat_activity where query like '%%60000) b%%' and pid <> "
                             "pg_backend_pid()").fetchone():  # fmt: skip
                break
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert planted.found_in((out + err).encode() + b"\0".join(seen)) == []
    assert heard.all_leaks() == []


def test_secrets_of_duckdb_stay_in_the_profile(planted: Planted, shop: Any, tmp_path_factory: Any) -> None:
    profile = {
        "type": "duckdb", "path": "warehouse.duckdb", "schema": "main", "threads": 2, "module_paths": ["lib"],
        "secrets": [{"type": "http", "name": "prices", "bearer_token": planted["duckdb_secret"]}],
        "settings": {"http_proxy_password": planted["duckdb_setting"]},
        "plugins": [{"module": "plugged", "config": {"token": planted["plugin"]}}],
    }  # fmt: skip
    shop.write("lib/plugged.py", "class Plugin:\n    def initialize(self, config):\n        self.config = config\n")
    shop.write("models/asks.sql", ASKS)
    shop.write("dryland.yml", f"""
        notifications:
          - {{name: chat, webhook: "http://127.0.0.1:1/hook/{planted["webhook"]}", on: [published, refused, failed]}}
        """)  # fmt: skip

    def say(**more: Any) -> None:
        outputs = {"dev": {**profile, **more}}
        shop.write("profiles.yml", str(yaml.safe_dump({"shop": {"target": "dev", "outputs": outputs}})))

    heard = Heard(planted, shop, tmp_path_factory.mktemp("cache"))
    say()
    for words in VERBS:
        heard.run(words)
    assert heard.codes["apply --yes --json"] == heard.codes["run --yes --json"] == heard.codes["plan"] == 0
    secret = {"type": "http", "nam": "prices", "bearer_token": planted["duckdb_secret"]}
    for broken in (
        {"secrets": [{"type": "http", "bearer_tokn": planted["duckdb_secret"]}]}, {"secrets": [secret]},
        {"secrets": [{"type": planted["duckdb_secret"]}]}, {"secrets": planted["duckdb_secret"]},
        {"settings": {"s3_secret_key": planted["duckdb_setting"]}},
        {"attach": [{"path": f"postgres:host=127.0.0.1 port=1 password={planted['duckdb_attach']}"}]},
        {"attach": [{"path": "x.db", "options": {"encryption_key": planted["duckdb_attach"]}, "type": "nothing"}]},
        {"config_options": {"nothing": planted["duckdb_config"]}},
        {"motherduck_token": planted["persistent"], "passwrd": planted["persistent"]},
        {"plugins": [{"module": "missing", "config": {"token": planted["plugin"]}}]},
    ):  # fmt: skip
        say(**broken)
        heard.run("query 'select 1'")
        heard.run("apply --yes", process=True)
    assert heard.all_leaks() == []
