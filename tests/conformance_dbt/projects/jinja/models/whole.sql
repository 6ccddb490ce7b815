{{ config(materialized='table') }}
{{ whole_model([{'id': 1, 'name': 'ana'}, {'id': 2, 'name': 'bo'}], extra='two rows') }}
