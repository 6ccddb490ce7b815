{{ config(tags=['infile'], meta={'level': 'file', 'f': true}, post_hook=["insert into log_hooks select count(*), 'file {{ this.name }}' from log_hooks", {"sql": "insert into log_hooks select count(*), 'file2 {{ this.schema }}' from log_hooks", "transaction": false}]) }}
{{ config(pre_hook="insert into log_hooks select count(*), 'pre {{ this }} {{ model.name }}' from log_hooks") }}
{{ config(tags='second', meta={'second': 1}) }}
select '{{ config.get("tags") | join(",") }}' as tags, '{{ config.get("meta") | tojson }}' as meta, '{{ config.get("materialized") }}' as m,
 '{{ config.get("nothing", "dflt") }}' as n, '{{ config.get("nothing") }}' as nn, '{{ model.config.tags | join(",") }}' t2, '{{ show(config) }}' via_macro,
 '{{ config.require("materialized") }}' r, '{{ model.tags | join("|") }}' as t3, '{{ config.get("meta").get("level") }}' as lvl,
 '{{ config.meta_get("level") }}' as mg
