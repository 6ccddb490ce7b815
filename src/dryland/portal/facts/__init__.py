"""Finds what pages tell: the catalogue of an environment, and what follows from it."""
