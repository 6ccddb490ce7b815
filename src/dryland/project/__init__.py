"""Files to `Project`: a dbt project and `dryland.yml`, Jinja, nodes."""
