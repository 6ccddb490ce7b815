def model(dbt, session):
    """Only what is new."""
    dbt.config(materialized="incremental", unique_key="id", incremental_strategy="delete+insert")
    rows = dbt.ref("base")
    if dbt.is_incremental:
        newest = session.execute(f"select max(id) from {dbt.this}").fetchone()[0]
        rows = rows.filter(f"id > {newest}")
    return rows
