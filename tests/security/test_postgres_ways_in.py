"""The ways into PostgreSQL that libpq knows work through the profile: TLS, service files, files of passwords."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from walled_server import Walled

from dryland.engines.protocol import Engine
from dryland.engines.registry import Address, open_engine
from dryland.errors import WarehouseError

pytestmark = pytest.mark.slow  # it starts a server of its own

PASSWORD = "only the right one"
Entered = Callable[..., dict[str, Any]]


@pytest.fixture
def role(walled: Walled) -> str:
    return walled.new_role("builder", PASSWORD)


@pytest.fixture
def entered(walled: Walled, role: str, tmp_path: Path) -> Iterator[Entered]:
    """Opens the warehouse with a profile; what the server then knows of the connection."""
    database = walled.server.new_database()
    with walled.owner() as owner:
        owner.execute(f'grant create on database {database} to "{role}"')

    def enter(*without: str, **more: Any) -> dict[str, Any]:
        settings = {**walled.settings(database, role, PASSWORD), "retries": 0}
        kept = {key: value for key, value in settings.items() if key not in without}
        address = Address({**kept, **more}, database, tmp_path, "dryland_store")
        engine: Engine = open_engine("postgres", address)
        with engine.session() as session:
            user, program = session.fetch("select current_user::text, current_setting('application_name')").rows[0]
            program = program.partition(" ")[0] if program.startswith("dryland ") else program  # and which process
            found = {"user": user, "program": program, "tls": session.python_session().pgconn.ssl_in_use}
        engine.close()
        return found

    enter.database = database  # type: ignore[attr-defined]
    yield enter
    walled.server.drop_database(database)


def test_tls_is_as_strict_as_the_profile_says(walled: Walled, role: str, entered: Entered, monkeypatch: Any) -> None:
    ca, stranger = str(walled.papers / "ca.pem"), str(walled.papers / "stranger.pem")
    assert entered(sslmode="require") == {"user": role, "program": "dryland", "tls": True}
    assert entered(sslmode="verify-ca", sslrootcert=ca)["tls"]
    with pytest.raises(WarehouseError, match="certificate verify failed"):
        entered(sslmode="verify-ca", sslrootcert=stranger)
    with pytest.raises(WarehouseError, match=r'"db.example.org".* does not match host name "127.0.0.1"'):
        entered(sslmode="verify-full", sslrootcert=ca)
    with pytest.raises(WarehouseError, match=r"root certificate file .* does not exist"):
        entered(sslmode="verify-full", sslrootcert="missing.pem")
    with pytest.raises(WarehouseError, match="cannot be reached"):
        entered(sslmode="disable")
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    assert entered(host="db.example.org", sslmode="verify-full", sslrootcert=ca)["tls"]


def test_only_the_right_password_opens(entered: Entered, monkeypatch: Any) -> None:
    for key in ("password", "pass"):
        with pytest.raises(WarehouseError, match="password authentication failed") as refused:
            entered("password", **{key: "a wrong one"})
        assert "a wrong one" not in str(refused.value)
    assert entered("password", **{"pass": PASSWORD})["tls"]
    with pytest.raises(WarehouseError, match="no password supplied"):
        entered("password")


def test_a_service_says_where_and_who_and_the_profile_has_the_last_word(
    walled: Walled, role: str, entered: Entered, tmp_path: Path, monkeypatch: Any
) -> None:
    services = tmp_path / "services.conf"
    services.write_text(
        f"[shop]\nhost=db.example.org\nhostaddr=127.0.0.1\nport={walled.port}\nuser={role}\npassword={PASSWORD}\n"
        f"dbname={entered.database}\nsslmode=verify-full\nsslrootcert={walled.papers}/ca.pem\n"  # type: ignore[attr-defined]
        "application_name=from the service\n"
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    away = ("host", "port", "user", "password", "dbname")
    assert entered(*away, service="shop") == {"user": role, "program": "from the service", "tls": True}
    assert entered(*away, service="shop", application_name="nightly")["program"] == "nightly"
    with pytest.raises(WarehouseError, match=r"service shop cannot be reached.*password authentication failed") as told:
        entered(*away, service="shop", password="a wrong one")
    assert "a wrong one" not in str(told.value)
    with pytest.raises(WarehouseError, match='definition of service "stop" not found'):
        entered(*away, service="stop")


def test_a_file_of_passwords_is_read(walled: Walled, role: str, entered: Entered, tmp_path: Path) -> None:
    passwords = tmp_path / "pgpass"
    passwords.write_text(f"127.0.0.1:{walled.port}:*:{role}:{PASSWORD}\n")
    passwords.chmod(0o600)
    assert entered("password", passfile=str(passwords))["user"] == role
    passwords.write_text(f"127.0.0.1:{walled.port}:*:{role}:another one\n")
    with pytest.raises(WarehouseError, match="password authentication failed") as told:
        entered("password", passfile=str(passwords))
    assert "another one" not in str(told.value)
