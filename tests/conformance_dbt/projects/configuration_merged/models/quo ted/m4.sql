{{ config(contract={'enforced': false}, **{'materialized': 'table', 'my-key': 5}) }}
select $${{ config.get("tags") }} {{ config.get("my-key") }} {{ config.get("meta", "nometa") }}$$ as x
