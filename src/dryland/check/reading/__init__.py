"""Tests' queries, understood: what they say of rows, sums, groups and other tables."""
