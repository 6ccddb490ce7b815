"""Counts what an edit to a project of 300 models costs: in models that are built again, by Dryland and by others."""
