def model(dbt, session):
    """A frame of pandas."""
    dbt.config(materialized="table")
    factor = dbt.config.get("factor")
    frame = dbt.ref("base").df()
    frame["score"] = frame["id"] * factor
    return frame
