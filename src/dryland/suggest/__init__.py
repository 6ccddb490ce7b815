"""What a table is like to checks that it would keep: what is worth watching, and what speaks for it."""
