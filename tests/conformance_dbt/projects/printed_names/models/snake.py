def model(dbt, session):
    """Its own name."""
    dbt.config(materialized="table")
    frame = dbt.ref("base").df()
    frame["me"] = dbt.this.identifier
    return frame
