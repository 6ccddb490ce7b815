"""Dryland: release changes to data the way good teams release software."""

__version__ = "0.1.0"
