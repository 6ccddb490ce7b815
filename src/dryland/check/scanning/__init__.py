"""One look at a table: all that is asked of it, in as little work as there is."""
