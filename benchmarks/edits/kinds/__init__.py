"""Lists what people do to such a project, one theme in each file."""
