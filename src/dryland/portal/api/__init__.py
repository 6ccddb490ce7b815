"""Answers programs: the same facts as the pages, as JSON, files and streams."""
