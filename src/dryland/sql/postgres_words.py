"""Lists what PostgreSQL's own functions do to rows: gather them, make more of them, or neither."""

from __future__ import annotations

AGGREGATES = frozenset(
    """
    any_value array_agg avg bit_and bit_or bit_xor bool_and bool_or corr count covar_pop covar_samp cume_dist dense_rank
    every json_agg json_agg_strict json_arrayagg json_object_agg json_object_agg_strict json_object_agg_unique
    json_object_agg_unique_strict json_objectagg jsonb_agg jsonb_agg_strict jsonb_object_agg jsonb_object_agg_strict
    jsonb_object_agg_unique jsonb_object_agg_unique_strict max min mode percent_rank percentile_cont percentile_disc
    range_agg range_intersect_agg rank regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx
    regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum var_pop var_samp variance xmlagg
    """.split()
)
SCALARS = frozenset(
    """
    abbrev abs acos acosd acosh age area array_append array_cat array_dims array_fill array_length array_lower
    array_ndims array_position array_positions array_prepend array_remove array_replace array_reverse array_sort
    array_to_json array_to_string array_upper ascii asin asind asinh atan atan2 atand atanh bit_length bool box
    broadcast btrim cardinality casefold cbrt ceil ceiling center char_length character_length chr circle concat
    concat_ws convert convert_from convert_to cos cosd cosh cot cotd crc32 crc32c current_database current_schemas
    date_add date_bin date_part date_subtract date_trunc daterange decode degrees diameter div encode enum_first
    enum_last enum_range erf erfc exp factorial family first_value float8 floor format format_type gamma gcd get_bit
    get_byte hashtext hashtextextended height host hostmask initcap int4 int4range int8 int8range isempty isfinite
    json_array_length json_build_array json_build_object json_extract_path json_extract_path_text json_strip_nulls
    json_typeof jsonb_array_length jsonb_build_array jsonb_build_object jsonb_contains jsonb_exists
    jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object jsonb_path_exists jsonb_path_match
    jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set jsonb_set_lax jsonb_strip_nulls
    jsonb_typeof justify_days justify_hours justify_interval lag last_value lcm lead left length lgamma ln log log10
    lower lower_inc lower_inf lpad ltrim make_date make_interval make_time make_timestamp make_timestamptz masklen
    md5 min_scale mod multirange netmask network now nth_value ntile num_nonnulls num_nulls numeric numnode numrange
    octet_length overlaps parse_ident phraseto_tsquery pi plainto_tsquery point pow power querytree quote_ident
    quote_literal quote_nullable radians radius range_merge regexp_count regexp_instr regexp_like regexp_match
    regexp_replace regexp_split_to_array regexp_substr repeat replace reverse right round row_number row_to_json
    rpad rtrim scale set_bit set_byte set_masklen setweight sha224 sha256 sha384 sha512 sign sin sind sinh
    split_part sqrt starts_with string_to_array strip strpos substr tan tand tanh text textlen timezone to_ascii
    to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_timestamp to_tsquery to_tsvector translate
    trim_array trim_scale trunc ts_headline ts_rank ts_rank_cd tsrange tstzrange unistr upper upper_inc upper_inf
    uuid_extract_timestamp uuid_extract_version varchar version websearch_to_tsquery width width_bucket
    """.split()
)
"""One value for one row, or in a window. What is in neither list may be a team's own, and may do anything to rows."""
IN_ANY_WAY = frozenset({"greatest", "grouping", "least", "nullif", "row"})
"""Written as functions, and none to the server."""

SET_RETURNING = frozenset(
    """
    aclexplode generate_series generate_subscripts json_array_elements json_array_elements_text json_each json_each_text
    json_object_keys json_populate_recordset json_to_recordset jsonb_array_elements jsonb_array_elements_text jsonb_each
    jsonb_each_text jsonb_object_keys jsonb_path_query jsonb_path_query_tz jsonb_populate_recordset jsonb_to_recordset
    regexp_matches regexp_split_to_table string_to_table ts_debug ts_parse ts_token_type unnest
    """.split()
)
"""Several rows for one, which their arguments decide."""

SYSTEM_COLUMNS = frozenset({"cmax", "cmin", "ctid", "tableoid", "xmax", "xmin"})
"""What every table has beside its columns, and no view; it tells where a row is, not what it says."""

TYPES = {
    "ARRAY": "", "BIGINT": "int8", "BIT": "bit", "BOOLEAN": "bool", "CHAR": "bpchar", "DATE": "date",
    "DECIMAL": "numeric", "DOUBLE": "float8", "FLOAT": "float4", "INT": "int4", "INTERVAL": "interval", "JSON": "json",
    "JSONB": "jsonb", "MONEY": "money", "NAME": "name", "SMALLINT": "int2", "TEXT": "text", "TIMESTAMP": "timestamp",
    "TIMESTAMPTZ": "timestamptz", "UUID": "uuid", "VARBINARY": "bytea", "VARCHAR": "varchar", "XML": "xml",
}  # fmt: skip
"""What a column is called that is cast and has no other name, by sqlglot's names of types."""
