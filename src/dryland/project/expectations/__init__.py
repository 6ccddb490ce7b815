"""Reads suites of Great Expectations, as files of them are: JSON."""
