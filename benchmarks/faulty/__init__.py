"""Holds what goes wrong with data and code, a stage to let it go wrong on, and a judge of what readers saw of it."""
