"""What is worth a check: one file for each sort, listed in `catalogue`."""
