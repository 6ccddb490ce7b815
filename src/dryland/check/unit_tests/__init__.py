"""Unit tests: many at once, and none whose answer is known."""
