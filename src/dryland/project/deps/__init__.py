"""Packages of a dbt project: what it lists, which versions those are, and how they come to its folder."""
