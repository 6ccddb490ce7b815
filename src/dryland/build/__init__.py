"""Plan to candidate tables: one runner, one file per materialisation."""
