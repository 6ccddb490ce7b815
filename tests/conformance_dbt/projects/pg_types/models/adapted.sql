-- depends_on: {{ ref('all_of_it') }}
{% set r = ref('all_of_it') %}
select $${{ adapter.type() }}$$ as kind, $${{ adapter.quote('a') }}$$ as quoted, $${{ adapter.verify_database(target.database) }}$$ as verified,
    $${{ r.get('metadata').type }}$$ as class_, $${{ r.relation_max_name_length() }}$$ as longest, $${{ r }}$$ as printed,
    $${{ load_relation(r).can_be_renamed if execute }}$$ as renamed, $${{ r.include(database=false) }}$$ as without_database,
    $${{ r.information_schema('columns') }}$$ as catalogue, $${{ api.Column('a', 'character varying', 10).data_type }}$$ as sized,
    $${{ api.Column('a', 'text').data_type }}|{{ api.Column('a', 'character varying').data_type }}$$ as unsized,
    $${{ api.Column.translate_type('string') }}|{{ api.Column.string_type(5) }}|{{ api.Column.numeric_type('numeric', 5, 2) }}$$ as words,
    $${{ adapter.parse_index({'columns': ['a', 'b'], 'unique': true, 'type': 'hash'}).columns }}$$ as index_,
    $${{ make_temp_relation(r).schema }}|{{ make_intermediate_relation(r) }}|{{ make_backup_relation(r, 'view').type }}$$ as made,
    $${{ adapter.check_schema_exists(target.database, 'raw') if execute }}|{{ adapter.check_schema_exists(target.database, 'RAW') if execute }}$$ as there
