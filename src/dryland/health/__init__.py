"""What of a project's data is looked after, what is not, and what to do about it first. Pure."""
