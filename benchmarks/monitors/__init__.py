"""Monitors scored on histories of known truth, beside Elementary's method."""
