"""Lends every test of this room what the tests of alerts are made of."""

from __future__ import annotations

from world_of_alerts import clock, hook, mailbox, project_of, state

__all__ = ["clock", "hook", "mailbox", "project_of", "state"]
