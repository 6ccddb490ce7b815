"""Little is enough: what docs/postgres-roles.md gives to roles suffices, and nobody can do more with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg import errors, sql
from walled_server import Walled

pytestmark = pytest.mark.slow  # each has a database of its own on a server of its own

PAGE = Path(__file__).parents[2] / "docs" / "postgres-roles.md"
FENCE = re.compile(r"^```(\w+) (?:as|title)=(\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BUILD, READER = "dryland_build", "ana"
PASSWORDS = {BUILD: "a long one", READER: "another one"}
ROLES = (BUILD, READER, "dryland_readers")


@pytest.fixture
def estate(walled: Walled) -> Iterator[str]:
    """An empty database that is called as on the page, without the page's roles."""
    with walled.owner() as connection:
        connection.execute("create database shop")
        yield "shop"
        connection.execute("drop database shop with (force)")
        for role in ROLES:
            connection.execute(sql.SQL("drop role if exists {}").format(sql.Identifier(role)))


def of_page(kind: str, who: str) -> str:
    """What the page says of one kind to one person, in order."""
    return "".join(
        text for language, title, text in FENCE.findall(PAGE.read_text()) if (language, title) == (kind, who)
    )


def profile(walled: Walled, **more: Any) -> str:
    """The page's profile, at the port and with the authority of the test."""
    said = yaml.safe_load(of_page("yaml", "profiles.yml"))
    output = said["shop"]["outputs"]["prod"]
    assert (output["host"], output["sslmode"]) == ("db.example.org", "verify-full")
    output |= {"port": walled.port, "sslrootcert": f"{walled.papers}/ca.pem", **more}
    return str(yaml.safe_dump(said))


def build(walled: Walled, shop: Any, *words: str, code: int | None = 0, **more: Any) -> Any:
    """A verb of the sample project as the role that builds; its host's name leads to the test's server."""
    shop.write("profiles.yml", profile(walled, **more))
    return shop.dryland(
        *words, code=code, PGHOSTADDR="127.0.0.1", SHOP_PASSWORD=PASSWORDS[more.get("user", BUILD)]
    )  # fmt: skip


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Statements of a block, each with the error that the page expects of it."""
    yield from re.findall(r"^([a-z][^;]*);\n(?:-- (.+)\n)?", text, re.MULTILINE)


@pytest.fixture
def prepared(walled: Walled, estate: str) -> Callable[[], None]:
    """Says what the page has an administrator say."""

    def say() -> None:
        with walled.owner(estate) as connection:
            for statement, _ in statements(of_page("sql", "admin")):
                connection.execute(statement)

    return say


def test_every_statement_of_the_page_does_what_it_says(walled: Walled, prepared: Any, shop: Any) -> None:
    prepared()
    with walled.owner("shop") as connection:
        connection.execute("revoke all on database shop from public; grant connect on database shop to dryland_readers")
    shop.write("dryland.yml", of_page("yaml", "dryland.yml").replace("example.org/", f"example.org:{walled.port}/"))
    shop.write("models/paid.sql", "select id, amount from raw.payments")
    assert "Published release" in build(walled, shop, "apply", "--yes").out
    assert "to dev_ana" in build(walled, shop, "apply", "-e", "dev_ana", "--yes", "--quiet").out
    tried = list(statements(of_page("sql", "ana")))
    assert len(tried) >= 6 and sum(bool(error) for _, error in tried) == len(tried) - 1
    with walled.somebody("shop", READER, PASSWORDS[READER]) as ana:
        for statement, error in tried:
            if error:
                with pytest.raises(errors.InsufficientPrivilege, match=re.escape(error)):
                    ana.execute(statement)
            else:
                assert ana.execute(statement).fetchone() == (3,)
    with walled.owner("shop") as connection:
        found = connection.execute("select to_regclass('dryland_state.releases')::text").fetchone()
    assert found == ("dryland_state.releases",)


def test_a_reader_can_read_no_build_however_it_is_asked(walled: Walled, prepared: Any, shop: Any) -> None:
    """Not by name, not by number, not through a view or function of the reader's own, nor by becoming who builds."""
    prepared()
    build(walled, shop, "apply", "--yes", "--quiet")
    with walled.owner("shop") as owner:
        found = owner.execute(
            "select quote_ident(relname) from pg_class where relnamespace = 'dryland_store'::regnamespace "
            "and relkind = 'r'"
        ).fetchall()
        for (table,) in found:
            with walled.somebody("shop", READER, PASSWORDS[READER]) as ana:
                for way in (
                    f"select * from dryland_store.{table}",
                    f"create temporary view peek as select * from dryland_store.{table}",
                    f"copy dryland_store.{table} to stdout",
                    f"begin; lock table dryland_store.{table}",
                    f"rollback; set session authorization {BUILD}",
                    f"grant {BUILD} to {READER}",
                ):
                    with pytest.raises(errors.InsufficientPrivilege):
                        ana.execute(way)
        assert len(found) >= 6
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            walled.somebody("shop", BUILD, PASSWORDS[READER])


def test_who_may_make_no_schema_is_told_which_statement_makes_it(walled: Walled, estate: str, shop: Any) -> None:
    """And once an administrator has said what the error says, the release goes on."""
    with walled.owner(estate) as owner:
        owner.execute(f"create role {BUILD} login password '{PASSWORDS[BUILD]}'")
        said = []
        for _ in range(4):
            answer = build(walled, shop, "apply", "--yes", "--quiet", code=None)
            if answer.code == 0:
                break
            assert answer.code == 3 and "permission denied for database shop" in answer.err
            said += re.findall(r"hint: `(.+?)`", answer.err)
            owner.execute(said[-1])
        assert said == [
            f'create schema "dryland_store" authorization "{BUILD}"', f'create schema "main" authorization "{BUILD}"'
        ]  # fmt: skip
    assert answer.code == 0


@pytest.mark.parametrize(
    ("taken", "told"),
    [
        ("revoke all on schema raw from dryland_build", 'grant usage on schema "raw" to "dryland_build"'),
        ("revoke all on raw.payments from dryland_build", 'grant select on "payments" to "dryland_build"'),
        ("alter schema main owner to postgres", 'grant usage on schema "main" to "dryland_build"'),
        (
            "revoke all on database shop from dryland_build, public; grant connect on database shop to dryland_build",
            'grant temporary on database "shop" to "dryland_build"',
        ),
    ],
    ids=["schema of a source", "table of a source", "readers' schema", "temporary tables"],
)
def test_a_right_that_is_missing_is_named_with_what_gives_it(
    taken: str, told: str, walled: Walled, prepared: Any, shop: Any
) -> None:
    prepared()
    hook = "{{ config(pre_hook='create temporary table scratch as select 1 as x') }}" if "temporary" in told else ""
    shop.write("models/paid.sql", f"{hook}select id, amount from raw.payments")
    with walled.owner("shop") as owner:
        owner.execute(taken)
        answer = build(walled, shop, "apply", "--yes", "--quiet", code=None)
        assert (answer.code, told in answer.err + answer.out) == (3, True), answer
        assert "docs/postgres-roles.md" in answer.err + answer.out


def test_why_a_release_was_refused_is_told_to_who_may_make_no_schema(walled: Walled, prepared: Any, shop: Any) -> None:
    """What was refused is shown in schemas of its own; where none can be made, the reason counts all the same."""
    prepared()
    with walled.owner("shop") as owner:
        owner.execute("revoke create on database shop from dryland_build")
    build(walled, shop, "apply", "--yes", "--quiet")
    shop.edit("models/staging/stg_orders.sql", "id as order_id", "1 as order_id")
    answer = build(walled, shop, "apply", "--yes", "--quiet", code=1)
    assert "unique" in answer.out and "stg_orders" in answer.out
    assert "cannot be looked at in prod_refused" in answer.err
    assert 'create schema "main__prod_refused" authorization "dryland_build"' in answer.err
    shop.edit("models/staging/stg_orders.sql", "1 as order_id", "id as order_id")
    build(walled, shop, "apply", "--yes", "--quiet")


def test_the_role_of_the_profile_owns_what_is_made(walled: Walled, prepared: Any, shop: Any) -> None:
    prepared()
    with walled.owner("shop") as owner:
        refused = build(walled, shop, "apply", "--yes", "--quiet", code=3, user=READER, role=BUILD).err
        assert 'hint: `grant "dryland_build" to "ana"` lets it act as that role' in refused
        owner.execute(f"grant {BUILD} to {READER}")
        build(walled, shop, "apply", "--yes", "--quiet", user=READER, role=BUILD)
        owned = owner.execute(
            "select distinct tableowner::text from pg_tables where schemaname = 'dryland_store' "
            "union select viewowner::text from pg_views where schemaname = 'main'"
        ).fetchall()
    assert owned == [(BUILD,)]


def test_a_view_whose_owner_may_not_read_the_build_is_not_published(walled: Walled, prepared: Any, shop: Any) -> None:
    """A view reads with the rights of its owner: its readers would get an error from then on."""
    prepared()
    build(walled, shop, "apply", "--yes", "--quiet")
    with walled.owner("shop") as owner:
        owner.execute(f"grant {READER} to {BUILD}; grant create on schema main to {READER}")
        owner.execute(f"grant usage on schema dryland_store to {READER}")
        owner.execute(f"grant select on all tables in schema dryland_store to {READER}")
        owner.execute(f"alter view main.customer_orders owner to {READER}")
        before = owner.execute("select * from main.customer_orders order by 1").fetchall()
        shop.edit("models/marts/customer_orders.sql", "sum(o.amount)", "sum(o.amount * 2)")
        answer = build(walled, shop, "apply", "--yes", "--quiet", code=2)
        assert f"nobody could read main.customer_orders: the views belong to {READER}" in answer.err
        assert owner.execute("select * from main.customer_orders order by 1").fetchall() == before
        (mended,) = re.findall(r"`(alter view .+?)`", answer.err)
        owner.execute(mended)
        build(walled, shop, "apply", "--yes", "--quiet")
        assert owner.execute("select * from main.customer_orders order by 1").fetchall() != before
        owner.execute(f"alter view main.stg_orders owner to postgres; revoke {READER} from {BUILD}")
        shop.edit("models/staging/stg_orders.sql", "amount,", "amount + 1 as amount,")
        refused = build(walled, shop, "apply", "--yes", "--quiet", code=3).err
        assert 'alter view "shop"."main"."stg_orders" owner to "dryland_build"' in refused


def test_a_view_that_was_made_to_read_with_readers_rights_is_mended_by_its_next_release(
    walled: Walled, prepared: Any, shop: Any
) -> None:
    """Such a view is of no use to readers, who have no rights in the store."""
    prepared()
    build(walled, shop, "apply", "--yes", "--quiet")
    with walled.owner("shop") as owner, walled.somebody("shop", READER, PASSWORDS[READER]) as ana:
        owner.execute("alter view main.stg_orders set (security_invoker = true)")
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied"):
            ana.execute("select * from main.stg_orders")
        shop.edit("models/staging/stg_orders.sql", "amount,", "amount + 1 as amount,")
        build(walled, shop, "apply", "--yes", "--quiet")
        assert ana.execute("select count(*) from main.stg_orders").fetchone() == (4,)


def test_grants_of_models_give_readers_the_views_and_nothing_more(walled: Walled, prepared: Any, shop: Any) -> None:
    prepared()
    with walled.owner("shop") as owner:
        owner.execute(
            "alter default privileges for role dryland_build in schema main revoke select on tables "
            "from dryland_readers"
        )
    shop.edit("models/marts/big_spenders.sql", "materialized='view'",
              "materialized='view', grants={'select': ['dryland_readers']}")  # fmt: skip
    build(walled, shop, "apply", "--yes", "--quiet")
    with walled.somebody("shop", READER, PASSWORDS[READER]) as ana:
        assert ana.execute("select count(*) from main.big_spenders").fetchone() == (2,)
        with pytest.raises(errors.InsufficientPrivilege, match="permission denied for view customer_orders"):
            ana.execute("select * from main.customer_orders")
