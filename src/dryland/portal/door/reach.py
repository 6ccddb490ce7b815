"""Decides who can reach the portal, by which names and which way, and so whether people sign in."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path

from dryland.errors import UsageError
from dryland.values import dataclass

NAME = re.compile(r"[A-Za-z0-9_.-]+|[0-9A-Fa-f:]+")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - every address of this machine, which is no name that one calls


@dataclass(frozen=True, slots=True)
class Reach:
    """Where the portal listens, and who is behind what arrives there."""

    host: str = LOOPBACK[0]
    port: int | None = None
    names: tuple[str, ...] = ()  # by which people call it, besides those of this machine itself
    certificate: Path | None = None
    key: Path | None = None
    proxies: tuple[str, ...] = ()  # addresses and networks whose word on who asks is believed
    wants_sign_in: bool = False
    allows_plain_http: bool = False  # passwords can be read on the way: for a network that is trusted

    @property
    def is_for_others(self) -> bool:
        """Whether anybody but this machine's own people can get here."""
        return self.host not in LOOPBACK or bool(self.names or self.proxies)

    @property
    def signs_in(self) -> bool:
        """Whether people say who they are."""
        return self.is_for_others or self.wants_sign_in

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that it answers to."""
        return (*(name.lower() for name in self.names), *(() if self.host in ANYWHERE else (self.host.lower(),)))

    @property
    def networks(self) -> tuple[str, ...]:
        """The proxies, as networks.

        Raises:
            UsageError: one of them is none.
        """
        return tuple(_network(each) for each in self.proxies)

    @property
    def address(self) -> str:
        """Where people find it, but for the port that it gets."""
        scheme = "https" if self.certificate else "http"
        host = LOOPBACK[0] if self.host in ANYWHERE else self.host
        name = self.names[0] if self.names and self.certificate else host
        return f"{scheme}://{f'[{name}]' if ':' in name else name}"

    def verify(self, *, can_sign_in: bool) -> None:
        """Refuse to serve what would let in whom nobody knows.

        Raises:
            UsageError: passwords could be read on the way, nobody could sign in, or a name is missing.
        """
        _ = self.networks
        if self.key is not None and self.certificate is None:
            raise UsageError("there is a --key, and no --certificate that it is of.")
        for file in (self.certificate, self.key):
            if file is not None and not file.is_file():
                raise UsageError(f"there is no file {file}.")
        if self.is_for_others and not (self.certificate or self.proxies or self.allows_plain_http):
            raise UsageError(
                f"the portal is not served at {self.host} over plain http: passwords could be read on the way.",
                hint="--certificate FILE --key FILE, or --behind-proxy ADDRESS of what speaks https for it;"
                " --plain-http in a network that everybody in it trusts.",
            )
        if not self.names and (self.host in ANYWHERE or self.proxies):
            raise UsageError(
                "nobody knows by which name people call this portal.",
                hint="--name portal.example.org, once for each; under other names it does not answer.",
            )
        strange = next((name for name in self.names if not NAME.fullmatch(name)), None)
        if strange is not None:
            raise UsageError(f"`{strange}` is no name of a machine.", hint="--name portal.example.org, without a port.")
        if self.signs_in and not can_sign_in:
            raise UsageError(
                "nobody could sign in: there are no users, and no provider.",
                hint="dryland access user add NAME --role admin, or `access: {oidc: ...}` in dryland.yml.",
            )


def is_loopback(address: str) -> bool:
    """Whether an address is of this very machine.

    >>> is_loopback("127.0.0.7"), is_loopback("::1"), is_loopback("10.0.0.1"), is_loopback("?")
    (True, True, False, False)
    """
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def address_in(client: Iterable[object] | None) -> str:
    """Where a request comes from; what is no address, whoever wrote it, is a question mark.

    >>> address_in(("10.0.0.1", 80)), address_in(("<script>", 0)), address_in(None), address_in(("::ffff:10.0.0.1", 1))
    ('10.0.0.1', '?', '?', '10.0.0.1')
    """
    try:
        found = ipaddress.ip_address(str(next(iter(client or ()))).partition("%")[0])  # without its network card
    except (ValueError, StopIteration):
        return "?"
    return str((found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None) or found)


def neighbourhood(address: str) -> str:
    """What is counted together: of IPv6 the network, for whoever has one address has all of it.

    >>> neighbourhood("10.0.0.1"), neighbourhood("2001:db8::1")
    ('10.0.0.1', '2001:db8::/64')
    """
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if ":" in address else address


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError as error:
        hint = "--behind-proxy 10.0.0.7, or 10.0.0.0/24"
        raise UsageError(f"`{text}` is no address of a proxy.", hint=hint) from error
