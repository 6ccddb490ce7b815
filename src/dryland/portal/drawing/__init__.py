"""Draws what people would rather look at: lineage, runs, measures over time."""
