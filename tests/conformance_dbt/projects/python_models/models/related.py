def model(dbt, session):
    """A relation of DuckDB."""
    return dbt.source("raw", "t").filter("id > 0").project("id, upper(name) as name")
