"""The messy world outside the project: a shop, its web site, its CRM, and the ingestion that brings them in."""

from importlib import import_module
from types import ModuleType

MODULES = ("generate", "ingest", "receive")


def __getattr__(name: str) -> ModuleType:
    """`world.generate` and its neighbours, imported when first asked for: `world.ingest` brings dlt with it."""
    if name in MODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"The world has no {name}; it has {', '.join(MODULES)}.")
