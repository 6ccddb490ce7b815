{# What PostgreSQL does in its own way: names of one database, indexes, materialized views, tables without a log. #}

{# --- schemas: their names bring no database along --- #}
{% macro postgres__create_schema(relation) -%}
    {{ _own_database(relation.database) }}
    {%- call statement('create_schema') -%}
        create schema if not exists {{ relation.without_identifier().include(database=false) }}
    {%- endcall -%}
{%- endmacro %}

{% macro postgres__drop_schema(relation) -%}
    {{ _own_database(relation.database) }}
    {%- call statement('drop_schema') -%}
        drop schema if exists {{ relation.without_identifier().include(database=false) }} cascade
    {%- endcall -%}
{%- endmacro %}

{% macro postgres__list_schemas(database) -%}
    {{ _own_database(database) }}
    {{ return(run_query('select nspname from pg_catalog.pg_namespace')) }}
{%- endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
    {{ _own_database(information_schema.database) }}
    {{ return(run_query(
        "select count(*) from pg_catalog.pg_namespace where nspname = '" ~ adapter.escape_sql_string(schema) ~ "'"
    )) }}
{%- endmacro %}

{% macro postgres__information_schema_name(database) -%}
    {{ return('information_schema') }}
{%- endmacro %}

{% macro _own_database(database) -%}
    {{ adapter.verify_database(database) if database }}
{%- endmacro %}

{# --- what stands --- #}
{% macro postgres__list_relations_without_caching(schema_relation) -%}
    {{ return(run_query(
        "select current_database()::text as database, c.relname::text as name, n.nspname::text as schema, "
        "case c.relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type "
        "from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p', 'f', 'v', 'm') "
        "and lower(n.nspname) = lower('" ~ adapter.escape_sql_string(schema_relation.schema) ~ "')"
    )) }}
{%- endmacro %}

{# --- names: what is longer than the server keeps gives way before its ending --- #}
{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) -%}
    {%- set ending = suffix ~ (modules.datetime.datetime.now().strftime('%H%M%S%f') if dstring else '') -%}
    {%- set room = base_relation.relation_max_name_length() - ending | length -%}
    {%- if room < 0 -%}
        {%- do exceptions.raise_compiler_error('the ending of a name is longer than a name may be: ' ~ ending) -%}
    {%- endif -%}
    {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ ending})) }}
{%- endmacro %}

{% macro postgres__make_intermediate_relation(base_relation, suffix) -%}
    {{ return(postgres__make_relation_with_suffix(base_relation, suffix, false)) }}
{%- endmacro %}

{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) -%}
    {{ return(postgres__make_relation_with_suffix(base_relation, suffix, false).incorporate(type=backup_relation_type)) }}
{%- endmacro %}

{# Temporary tables are the session's own and stand in no schema that has a name. #}
{% macro postgres__make_temp_relation(base_relation, suffix) -%}
    {%- set found = postgres__make_relation_with_suffix(base_relation, suffix, true) -%}
    {{ return(found.incorporate(path={'database': none, 'schema': none})) }}
{%- endmacro %}

{# --- tables --- #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
    {{ sql_header_of_config() }}
    create {{ 'temporary ' if temporary else 'unlogged ' if config.get('unlogged') }}table {{ relation }}
    {{- dryland_filled(temporary, relation, sql) }};
{%- endmacro %}

{# --- indexes --- #}
{% macro postgres__get_create_index_sql(relation, index_dict) -%}
    {%- set index = adapter.parse_index(index_dict) -%}
    create {{ 'unique ' if index.unique }}index if not exists "{{ index.render(relation) }}"
    on {{ relation }} {{ 'using ' ~ index.type if index.type }} ({{ index.columns | join(', ') }})
{%- endmacro %}

{% macro postgres__get_drop_index_sql(relation, index_name) -%}
    drop index if exists {{ adapter.quote(relation.schema) }}.{{ adapter.quote(index_name) }}
{%- endmacro %}

{% macro postgres__get_show_indexes_sql(relation) -%}
    select i.relname as name, m.amname as method, x.indisunique as "unique",
        array_to_string(array_agg(a.attname), ',') as column_names
    from pg_catalog.pg_index x
    join pg_catalog.pg_class i on i.oid = x.indexrelid
    join pg_catalog.pg_am m on m.oid = i.relam
    join pg_catalog.pg_class t on t.oid = x.indrelid
    join pg_catalog.pg_namespace n on n.oid = t.relnamespace
    join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = any(x.indkey)
    where t.relname = '{{ adapter.escape_sql_string(relation.identifier) }}'
        and n.nspname = '{{ adapter.escape_sql_string(relation.schema) }}'
        and t.relkind in ('r', 'm')
    group by 1, 2, 3
    order by 1, 2, 3
{%- endmacro %}

{% macro postgres__drop_indexes_on_relation(relation) -%}
    {%- for row in run_query(get_show_indexes_sql(relation)) or [] -%}
        {%- do run_query(get_drop_index_sql(relation, row[0])) -%}
    {%- endfor -%}
{%- endmacro %}

{# --- comments and grants --- #}
{% macro postgres__alter_relation_comment(relation, relation_comment) -%}
    comment on {{ 'materialized view' if relation.is_materialized_view else relation.type }} {{ relation.render() }}
    is '{{ adapter.escape_sql_string(relation_comment) }}'
{%- endmacro %}

{% macro postgres__copy_grants() -%}
    {{ return(false) }}
{%- endmacro %}

{% macro postgres__get_show_grant_sql(relation) -%}
    select grantee, privilege_type
    from {{ relation.information_schema('role_table_grants') }}
    where grantor = current_role and grantee <> current_role
        and table_schema = '{{ adapter.escape_sql_string(relation.schema) }}'
        and table_name = '{{ adapter.escape_sql_string(relation.identifier) }}'
{%- endmacro %}

{# --- materialized views, for materializations of a project's own --- #}
{% macro postgres__get_create_materialized_view_as_sql(relation, sql) -%}
    create materialized view if not exists {{ relation }} as {{ sql }};
    {% for index in config.get('indexes') or [] -%}
        {{ get_create_index_sql(relation, index) }};
    {% endfor -%}
{%- endmacro %}

{% macro postgres__refresh_materialized_view(relation) -%}
    refresh materialized view {{ relation }}
{%- endmacro %}

{% macro postgres__get_rename_materialized_view_sql(relation, new_name) -%}
    alter materialized view {{ relation }} rename to {{ adapter.quote(new_name) }}
{%- endmacro %}

{# --- incremental models --- #}
{% macro postgres__get_incremental_default_sql(arg_dict) -%}
    {%- set write = get_incremental_delete_insert_sql if arg_dict['unique_key'] else get_incremental_append_sql -%}
    {{ return(write(arg_dict)) }}
{%- endmacro %}

{% macro postgres__get_incremental_microbatch_sql(arg_dict) -%}
    {%- if not arg_dict['unique_key'] -%}
        {%- do exceptions.raise_compiler_error('microbatch on PostgreSQL merges batches: it needs a `unique_key`.') -%}
    {%- endif -%}
    {{ return(get_incremental_merge_sql(arg_dict)) }}
{%- endmacro %}
