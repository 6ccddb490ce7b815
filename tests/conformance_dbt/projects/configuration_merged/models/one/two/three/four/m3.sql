{{ config(enabled=true, contract={'enforced': false}) }}
{{ config({'tags': 'z', 'materialized': 'view'}) }}
{% do config.set('alias', 'm_three') %}
select $${{ config.get("tags") }} {{ config.get("meta") }} {{ this.identifier }} {{ model.fqn }} {{ model.path }} {{ model.config.materialized }} {{ model.config.tags }} {{ model.config.meta }} {{ model.unique_id }} {{ model.resource_type }} {{ model.original_file_path }} {{ model.alias }} {{ model.config.alias }} {{ model.config.get('zz', 'dflt') }}$$ as x
