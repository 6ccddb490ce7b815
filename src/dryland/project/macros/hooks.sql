{# What a materialisation does around its query: hooks, settings, indexes, comments, grants. #}

{# --- hooks --- #}
{% macro run_hooks(hooks, inside_transaction=true) -%}
    {%- for hook in hooks if hook.get('transaction') == inside_transaction -%}
        {%- set text = render(hook.get('sql')) | trim -%}
        {%- if text -%}
            {%- call statement(auto_begin=inside_transaction) -%}
                {{ text }}
            {%- endcall -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro make_hook_config(sql, inside_transaction) -%}
    {{ tojson({'sql': sql, 'transaction': inside_transaction}) }}
{%- endmacro %}

{% macro before_begin(sql) -%}
    {{ make_hook_config(sql, false) }}
{%- endmacro %}

{% macro in_transaction(sql) -%}
    {{ make_hook_config(sql, true) }}
{%- endmacro %}

{% macro after_commit(sql) -%}
    {{ make_hook_config(sql, false) }}
{%- endmacro %}

{# --- settings --- #}
{% macro set_sql_header(config) -%}
    {{ config.set('sql_header', caller()) }}
{%- endmacro %}

{% macro should_full_refresh() -%}
    {%- set own = config.get('full_refresh') -%}
    {{ return(flags.FULL_REFRESH if own is none else own) }}
{%- endmacro %}

{% macro should_store_failures() -%}
    {%- set own = config.get('store_failures') -%}
    {{ return(flags.STORE_FAILURES if own is none else own) }}
{%- endmacro %}

{# --- grants: DuckDB has none --- #}
{% macro copy_grants() -%}
    {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{%- endmacro %}

{% macro default__copy_grants() -%}
    {{ return(true) }}
{%- endmacro %}

{% macro should_revoke(existing_relation, full_refresh_mode=true) -%}
    {{ return(existing_relation and (copy_grants() if full_refresh_mode else true) or false) }}
{%- endmacro %}

{% macro apply_grants(relation, grant_config, should_revoke=true) -%}
    {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{%- endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=true) -%}
    {%- for privilege, grantees in (grant_config or {}).items() -%}
        {%- call statement('grants') -%}
            {{ get_grant_sql(relation, privilege, grantees) }}
        {%- endcall -%}
    {%- endfor -%}
{%- endmacro %}

{% macro duckdb__apply_grants(relation, grant_config, should_revoke=true) -%}
    {%- if grant_config -%}
        {%- do exceptions.warn('DuckDB has no grants: those of ' ~ relation.render() ~ ' are not applied.') -%}
    {%- endif -%}
{%- endmacro %}

{% macro get_show_grant_sql(relation) -%}
    {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro get_grant_sql(relation, privilege, grantees) -%}
    {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{% macro default__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro %}

{% macro get_revoke_sql(relation, privilege, grantees) -%}
    {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{%- endmacro %}

{% macro default__get_revoke_sql(relation, privilege, grantees) -%}
    revoke {{ privilege }} on {{ relation.render() }} from {{ grantees | map('string') | map('tojson') | join(', ') }}
{%- endmacro %}

{# --- indexes --- #}
{% macro create_indexes(relation) -%}
    {{ adapter.dispatch('create_indexes', 'dbt')(relation) }}
{%- endmacro %}

{% macro default__create_indexes(relation) -%}
    {%- for index in config.get('indexes') or [] -%}
        {%- set sql = get_create_index_sql(relation, index) -%}
        {%- if sql -%}
            {%- do run_query(sql) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{% macro get_create_index_sql(relation, index_dict) -%}
    {{ return(adapter.dispatch('get_create_index_sql', 'dbt')(relation, index_dict)) }}
{%- endmacro %}

{% macro default__get_create_index_sql(relation, index_dict) -%}
    {%- set columns = index_dict['columns'] -%}
    {%- set name = local_md5(columns | join('_') ~ '_' ~ relation.render() ~ '_' ~ index_dict.get('unique', false)) -%}
    create {{ 'unique ' if index_dict.get('unique') }}index "{{ name }}" on {{ relation.render() }} ({{ columns | join(', ') }})
{%- endmacro %}

{% macro get_drop_index_sql(relation, index_name) -%}
    {{ return(adapter.dispatch('get_drop_index_sql', 'dbt')(relation, index_name)) }}
{%- endmacro %}

{% macro get_show_indexes_sql(relation) -%}
    {{ return(adapter.dispatch('get_show_indexes_sql', 'dbt')(relation)) }}
{%- endmacro %}

{% macro drop_indexes_on_relation(relation) -%}
    {{ return(adapter.dispatch('drop_indexes_on_relation', 'dbt')(relation)) }}
{%- endmacro %}

{% macro duckdb__drop_indexes_on_relation(relation) -%}
    {%- set found = run_query(
        "select index_name from duckdb_indexes() where database_name = '" ~ adapter.escape_sql_string(relation.database)
        ~ "' and schema_name = '" ~ adapter.escape_sql_string(relation.schema)
        ~ "' and table_name = '" ~ adapter.escape_sql_string(relation.identifier) ~ "'"
    ) -%}
    {%- for row in found or [] -%}
        {%- do run_query('drop index ' ~ relation.incorporate(path={'identifier': row[0]}).render()) -%}
    {%- endfor -%}
{%- endmacro %}

{# --- comments --- #}
{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
    {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do run_query(alter_relation_comment(relation, model.description)) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() and model.columns -%}
        {%- set sql = alter_column_comment(relation, model.columns) -%}
        {%- if sql | trim -%}
            {%- do run_query(sql) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro alter_relation_comment(relation, relation_comment) -%}
    {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}

{% macro default__alter_relation_comment(relation, relation_comment) -%}
    comment on {{ relation.type }} {{ relation.render() }} is '{{ adapter.escape_sql_string(relation_comment) }}'
{%- endmacro %}

{% macro alter_column_comment(relation, column_dict) -%}
    {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}

{% macro default__alter_column_comment(relation, column_dict) -%}
    {%- set standing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- for name, column in column_dict.items() if name in standing -%}
        comment on column {{ relation.render() }}.{{ adapter.quote(name) }} is '{{ adapter.escape_sql_string(column['description']) }}';
    {% endfor -%}
{%- endmacro %}
