"""Unit tests: many at once in memory, and none whose answer is known."""
