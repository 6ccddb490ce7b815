"""The kinds of check that can share one scan of a table: one file each, listed in `catalogue`."""
