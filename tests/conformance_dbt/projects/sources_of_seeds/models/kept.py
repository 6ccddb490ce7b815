def model(dbt, session):
    dbt.config(materialized="table")
    return dbt.source("crm", "people").filter("id > 1")
