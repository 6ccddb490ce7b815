"""Telemetry: what was done, told to the systems that others watch with."""
