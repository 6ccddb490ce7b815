def model(dbt, session):
    dbt.config(materialized="table", tags=["python"])
    orders = dbt.ref("stg_orders").df()
    customers = dbt.source("raw", "customers").df()
    return orders.merge(customers, left_on="customer_id", right_on="id")
