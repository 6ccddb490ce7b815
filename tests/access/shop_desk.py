"""A shop in a warehouse, with people who may see more or less of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dryland.access.desk import Desk, Request
from dryland.access.journal import Journal
from dryland.access.person import Person
from dryland.engines.protocol import Engine
from dryland.engines.relation import Relation
from dryland.project.access_rules import AccessLimits, AccessSettings, Rule
from dryland.project.nodes import ColumnDoc, Node, Place
from dryland.project.project import Project, Settings, Warehouse
from dryland.state.records import Pointer, Versions
from dryland.state.store import State

KEY = "the key of pseudonyms"
SHOP = {
    "orders": """select * from (values
        (10, 1, cast(20.50 as decimal(10, 2)), date '2026-01-01', 'web'),
        (11, 1, 5.00, date '2026-01-02', 'web'), (12, 2, 7.25, date '2026-02-02', null),
        (13, 3, 100.00, date '2026-03-09', 'shop')) as t(order_id, customer_id, amount, ordered_on, channel)""",
    "customers": """select * from (values
        (1, 'Ana', 'ana@example.org', '4111111111111111', 'pt', cast('{"tier": "gold", "tags": ["a", "b"]}' as json)),
        (2, 'Bo', 'bo@example.org', '4222', 'se', cast('{"tier": "tin", "tags": []}' as json)),
        (3, 'Chi', null, null, 'ng', null)) as t(customer_id, name, email, card, country, extra)""",
    "payroll": "select * from (values ('Ana', 90000), ('Bo', 1)) as t(name, salary)",
    "secrets": "select * from (values ('hunter2')) as t(word)",
}
PLAIN = Person("ana", ("analyst",))
PEOPLE = {
    "analyst": PLAIN,
    "viewer": Person("vic", ("viewer",)),
    "marketing": Person("mia", ("analyst",), ("marketing",)),
    "hr": Person("hal", ("analyst",), ("hr",)),
    "admin": Person("ada", ("admin",)),
    "nobody": Person("nobody"),
}
RULES = (
    Rule(("hr",), select="payroll customers", pii="plain"),
    Rule(("*",), select="payroll", is_denial=True),
    Rule(("marketing",), select="customers", masks={"email": "partial", "card": "hidden"}),
    Rule(("analyst",), select="customers", masks={"card": "last4"}),
)


def filled(engine: Engine) -> None:
    """Tables in the store, views for readers, and something that is none of Dryland's."""
    with engine.session() as session:
        session.create_schema([(engine.database, "dryland_store"), (engine.database, "main")])
        for name, query in SHOP.items():
            session.create_table_as(Relation(engine.database, "dryland_store", f"{name}__1"), query)
            if name != "secrets":
                view = Relation(engine.database, "main", name)
                session.create_view(view, f'select * from dryland_store."{name}__1"')
        session.create_table_as(Relation(engine.database, "main", "private_notes"), "select 'psst' as note")


def desk_over(engine: Engine, state: State, **access: Any) -> Desk:
    """The shop under rules."""
    settings = AccessSettings(**{"rules": RULES, "limits": AccessLimits(timeout_s=20), **access})
    nodes = {f"model.shop.{name}": _node(engine, name) for name in SHOP if name != "secrets"}
    project = Project(
        "shop", Path(), Warehouse(engine.name, engine.database, "main"), nodes, {}, {},
        settings=Settings(access=settings),
    )  # fmt: skip
    pointers = {
        unique_id: Pointer(unique_id, "1", (engine.database, "main", node.name), Versions(""), Versions(""), "")
        for unique_id, node in nodes.items()
    }
    return Desk(project, "prod", pointers, lambda: engine, Journal(state), key=KEY)


def _node(engine: Engine, name: str) -> Node:
    personal = {"customers": ("name", "email", "card")}.get(name, ())
    columns = tuple(ColumnDoc(column, meta={"pii": True}) for column in personal)
    return Node(
        f"model.shop.{name}", "model", name, "shop", Place(f"models/{name}.sql"), "sql", "", "", "table",
        Relation(engine.database, "main", name), ("shop", name), columns=columns,
    )  # fmt: skip


def rows(desk: Desk, sql: str, person: Person = PLAIN, **request: Any) -> list[tuple[Any, ...]]:
    """What somebody is answered."""
    with desk.ask(Request(person, **request), sql) as answer:
        return answer.all_rows()
