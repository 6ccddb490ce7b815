"""Project and environment to plan: keys, changes, impact. Pure."""
