"""Project and outcome to dbt's artifacts: the files in `target/` that other tools read."""
