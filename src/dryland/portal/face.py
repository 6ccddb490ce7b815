"""Fills templates: what a page is given, and how its words and numbers look."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FunctionLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from dryland.access.person import LOCAL, Person
from dryland.portal import wording
from dryland.portal.code import coloured
from dryland.portal.door.tokens import COOKIE, FIELD, cookie_name
from dryland.portal.facts.catalogue import Catalogue
from dryland.portal.navigation import PLACES, place_of
from dryland.portal.prose import prose, words
from dryland.portal.texts import TEXTS

ASSETS = ("portal.css", "theme.js", "portal.js", "lineage.js", "console.js", "htmx.min.js", "icon.svg")


@dataclass(frozen=True)
class Face:
    """The templates of the portal."""

    @cached_property
    def environment(self) -> Environment:
        """Everything is escaped, and what a template names must be there."""
        made = Environment(
            loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True, auto_reload=False,
        )  # fmt: skip
        made.filters.update(
            number=wording.number, percent=wording.percent, duration=wording.length, plainly=wording.plainly,
            moment=wording.moment_of, prose=prose, words=words,
            segment=lambda text: quote(str(text), safe=""),
        )  # fmt: skip
        made.globals.update(t=TEXTS, asset=asset_path, coloured=coloured, token_field=FIELD)
        return made

    def filled(self, template: str, values: Mapping[str, Any]) -> str:
        """The text of a page."""
        return self.environment.get_template(template).render(values)


@dataclass(frozen=True)
class Visit:
    """One request for a page: what it is about, and who may send forms from it."""

    face: Face
    catalogue: Catalogue
    now: datetime
    path: str
    token: str
    is_partial: bool = False  # htmx asks for a piece of the page
    parameters: Mapping[str, str] = field(default_factory=dict)
    new_visitor: str = ""  # what the browser is to be known by from now on
    is_secure: bool = False
    origin: str = ""  # how the portal is called from where the request came
    person: Person = LOCAL  # who looks; templates ask `visit.person.may("release")` before they show a button
    signs_in: bool = False  # whether there is anything like signing in here

    def link(self, path: str, **parameters: object) -> str:
        """An address of the portal in the same environment, as it stands in a page or is shared."""
        given = {name: str(value) for name, value in parameters.items() if value not in ("", None)}
        if not self.catalogue.is_default and "env" not in given:
            given["env"] = self.catalogue.environment
        return f"{path}?{urlencode(given)}" if given else path

    def dataset_link(self, unique_id: str) -> str:
        """The address of a dataset's page."""
        return self.link(f"/datasets/{quote(unique_id, safe='')}")

    def ago(self, moment: datetime | None) -> str:
        """How long ago it was."""
        return wording.ago(moment, self.now)

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page."""
        text = self.face.filled(
            template,
            {
                **values, "visit": self, "link": self.link, "dataset_link": self.dataset_link, "ago": self.ago,
                "places": [each for each in PLACES if self.person.may(each.needs)],
                "catalogue": self.catalogue, "here": place_of(self.path), "now": self.now,
            },
        )  # fmt: skip
        response = HTMLResponse(text, status, {"cache-control": "no-store", "vary": "hx-request"})
        known_as(response, self.new_visitor, is_secure=self.is_secure)
        return response


def known_as(response: Response, new_visitor: str, *, is_secure: bool) -> None:
    """Have a browser that is new here be known from now on."""
    if new_visitor:
        response.set_cookie(
            cookie_name(COOKIE, is_secure), new_visitor, httponly=True, samesite="strict", secure=is_secure, path="/"
        )


def asset_path(name: str) -> str:
    """The address of a file that never changes under it."""
    return f"/assets/{asset_hash(name)}/{name}"


def asset(name: str) -> bytes:
    """What is in a file of the front."""
    return files("dryland.portal").joinpath("assets", name).read_bytes()


_HASHES: dict[str, str] = {}


def asset_hash(name: str) -> str:
    """What tells a file from what it was before."""
    if name not in _HASHES:
        _HASHES[name] = hashlib.blake2b(asset(name), digest_size=6).hexdigest()
    return _HASHES[name]


def _template(name: str) -> str:
    return files("dryland.portal").joinpath("templates", name).read_text(encoding="utf-8")
