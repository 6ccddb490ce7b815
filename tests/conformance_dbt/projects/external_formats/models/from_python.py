def model(dbt, session):
    dbt.config(materialized="external", location="out/py.parquet")
    return session.sql("select 7 as seven, 'x' as x")
