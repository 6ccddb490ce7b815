{{ config(materialized='table', contract={'enforced': false}) }}
-- {{ ref('m1') }}
{% if execute %}{% set n = graph.nodes['model.configuration_merged.m1'] %}select $${{ n.columns.keys() | list }} {{ n.columns.a.description }} {{ n.columns.a.meta }} {{ n.columns.a.data_type }} {{ n.columns.b.quote }} {{ n.columns.a.tags }} {{ n.description }} {{ n.config.contract.enforced }} {{ n.config.persist_docs }} {{ n.config.docs }}$$ as x{% else %}select 1{% endif %}
