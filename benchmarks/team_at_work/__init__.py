"""A team that works on one warehouse at once."""
