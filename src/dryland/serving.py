"""Serves people: whom to let in, what each may see, and rows through the one desk that keeps to that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dryland.errors import RightsError, UsageError
from dryland.looking import Looking
from dryland.opened import PATIENCE_S
from dryland.timings import timed
from dryland.whereabouts import OWN_FOLDER, made_own_folder

if TYPE_CHECKING:
    from dryland.access.answer import Running
    from dryland.access.desk import Desk
    from dryland.access.journal import Journal
    from dryland.access.oidc import Provider
    from dryland.access.passwords import Passwords
    from dryland.access.person import Person
    from dryland.access.sessions import Sessions
    from dryland.access.sign_in import SignIn, Users
    from dryland.access.tokens import Tokens
    from dryland.engines.protocol import Engine
    from dryland.project.project import Project
    from dryland.state.records import Pointer


class Serving(Looking):
    """People, rights and rows."""

    def desk(self, environment: str = "", *, running: Running | None = None) -> Desk:
        """One environment, served to people under the project's rules; `running` is shared by who can stop queries."""
        name = self._shown(environment)
        return self.desk_over(self.written, name, self.pointers(name), lambda: self.reader, running)

    def desk_over(
        self, project: Project, environment: str, pointers: Mapping[str, Pointer], engine: Callable[[], Engine],
        running: Running | None = None,
    ) -> Desk:  # fmt: skip
        """The same, of what somebody knows already, over a warehouse that he opens and closes."""
        from dryland.access.desk import Desk
        from dryland.access.keys import derived

        key = derived(self.access_key, "pseudonyms").hex()
        return Desk(project, environment, pointers, engine, self.journal, key=key, running=running)

    @cached_property
    def reader(self) -> Engine:
        """The warehouse for reading alone; the open one where this process writes."""
        if "engine" in vars(self):
            return self.engine
        engine = self.open_reader()
        self._opened.append(engine)
        return engine

    def open_reader(self) -> Engine:
        """The warehouse for reading alone, with what can be locked locked; whoever asks closes it.

        What a crash left unfinished is not brought in order here: readers see what is published.
        """
        with timed("imports"):
            from dryland.engines.registry import Address, open_engine

        written, warehouse = self.written, self.written.warehouse
        address = Address(
            warehouse.settings, warehouse.database, written.root, written.settings.store_schema,
            wait_s=max(PATIENCE_S, self._opening.wait_s), on_wait=self._tell_waiting, is_read_only=True,
        )  # fmt: skip
        with timed("open warehouse"):
            return open_engine(warehouse.type, address)

    @cached_property
    def journal(self) -> Journal:
        """The audit log; what waits in it is written when the platform is closed."""
        from dryland.access.journal import Journal

        journal = Journal(self.state)
        self._opened.append(journal)
        return journal

    @cached_property
    def access_key(self) -> bytes:
        """What tokens, sessions and pseudonyms are hashed with."""
        from dryland.access.keys import read_key

        made_own_folder(self.written.root)
        return read_key(self.written.settings.access.key, self.written.root / OWN_FOLDER)

    @cached_property
    def passwords(self) -> Passwords:
        """How passwords are hashed."""
        from dryland.access.passwords import Passwords

        return Passwords()

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        from dryland.access.sessions import Sessions

        access = self.written.settings.access
        lasts, idle = timedelta(hours=access.session_hours), timedelta(minutes=access.idle_minutes)
        return Sessions(self.state, self.access_key, self.journal.clock, lasts, idle)

    @property
    def tokens(self) -> Tokens:
        """API tokens."""
        from dryland.access.tokens import Tokens

        return Tokens(self.state, self.access_key, self.journal.clock)

    @property
    def users(self) -> Users:
        """Who signs in with a password."""
        from dryland.access.sign_in import Users

        return Users(self.state, self.passwords, self.sessions, self.journal, self.journal.clock)

    @property
    def door(self) -> SignIn:
        """Where people sign in by name and password."""
        from dryland.access.sign_in import SignIn

        return SignIn(
            self.state, self.access_key, self.passwords, self.sessions, self.journal, self.journal.clock
        )  # fmt: skip

    @property
    def provider(self) -> Provider:
        """Where people sign in with OpenID Connect.

        Raises:
            UsageError: dryland.yml names no provider.
        """
        from dryland.access.oidc import Provider

        settings = self.written.settings.access.oidc
        if settings is None:
            raise UsageError(
                "there is no provider to sign in with.", hint="docs/access.md shows `access: {oidc: ...}`."
            )
        return Provider(settings, self.access_key, self.journal.clock)

    def rights(self, name: str, environment: str = "") -> dict[str, Any]:
        """Who sees which columns of a dataset, and how, as plain data."""
        from dryland.access.overview import rights_of

        return rights_of(self.written, self.state, self.pointers(environment), name)

    def somebody(self, name: str) -> Person:
        """A person as he would come: a local user by his name, or anybody of a role or group.

        Raises:
            RightsError: there is nobody of this name, and no such role or group.
        """
        from dryland.access.person import ROLES, Person
        from dryland.access.rights import role_words

        user = self.state.user(name.strip().lower())
        if user is not None:
            return Person(user.name, () if user.is_disabled else role_words(user.roles))
        if name in ROLES:
            return Person(f"any {name}", role_words([name]))
        groups = self.written.settings.access.groups
        if name in groups:
            return Person(f"any of {name}", ("analyst",), (name,))
        raise RightsError(
            f"there is no user, role or group `{name[:100]}`.",
            hint=f"`dryland access user list` shows users; roles are {', '.join(ROLES)}.",
        )
