"""Gives out rows and values, to whoever may see them."""
