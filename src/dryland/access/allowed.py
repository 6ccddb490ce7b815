"""Lists what a query of the console may be made of: kinds of tree nodes, functions and types. All else is refused.

What is here reads nothing but its arguments, changes nothing, waits for nothing, and says nothing of the server. A
function that is missing costs an analyst a question; one too many costs the warehouse.
"""

from __future__ import annotations

from collections.abc import Mapping

from dryland.sql import postgres_words


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRUCTURE = _words(
    """
    Alias Aliases All And Any Anonymous Between Boolean Bracket CTE Case Cast Collate Column Columns Cube DataType
    DataTypeParam Distinct Dot Escape Except Exists Fetch Filter From Group GroupingSets Having HavingMax Identifier
    If IgnoreNulls In Intersect Interval IntervalSpan Join Kwarg Lambda Lateral Limit LimitOptions Literal Not Null
    Offset Or Order Ordered Paren Pivot PivotAlias PropertyEQ Qualify RespectNulls Rollup Select Slice Star Subquery
    Table TableAlias TableSample TryCast Tuple Union UnpivotColumns Unnest Values Var Where Window WindowSpec With
    WithinGroup
    """
)
OPERATORS = _words(
    """
    Add ArrayContainedBy ArrayContainsAll ArrayOverlaps AtTimeZone BitwiseAnd BitwiseLeftShift BitwiseNot BitwiseOr
    BitwiseRightShift BitwiseXor DPipe Div EQ GT GTE Glob ILike IntDiv Is JSONBContains JSONBContainsAllTopKeys
    JSONBContainsAnyTopKeys JSONBContainsTopKey JSONBExtract JSONBExtractScalar JSONExtract JSONExtractScalar JSONPath
    JSONPathKey JSONPathRoot JSONPathSlice JSONPathSubscript JSONPathUnion JSONPathWildcard LT LTE Like Mod Mul NEQ
    Neg NullSafeEQ NullSafeNEQ Overlaps Pow RegexpFullMatch RegexpILike RegexpLike SimilarTo StartsWith Sub
    """
)
AGGREGATES = _words(
    """
    AnyValue ApproxDistinct ApproxQuantile ArgMax ArgMin ArrayAgg Avg BitwiseAndAgg BitwiseOrAgg BitwiseXorAgg Corr
    Count CountIf CovarPop CovarSamp CumeDist DenseRank First FirstValue GroupConcat Grouping GroupingId JSONArrayAgg
    JSONBObjectAgg JSONObjectAgg Kurtosis Lag Last LastValue Lead List LogicalAnd LogicalOr Max Median Min Mode
    NthValue Ntile PercentRank PercentileCont PercentileDisc Quantile Rank RegrAvgx RegrAvgy RegrCount RegrIntercept
    RegrR2 RegrSlope RegrSxx RegrSxy RegrSyy RowNumber Skewness Stddev StddevPop StddevSamp Sum Variance VariancePop
    """
)
SCALARS = _words(
    """
    Abs Acos Acosh Array ArrayAll ArrayAny ArrayAppend ArrayConcat ArrayContains ArrayDistinct ArrayFilter ArrayFirst
    ArrayIntersect ArrayLast ArrayMax ArrayMin ArrayPosition ArrayPrepend ArrayRemove ArrayReverse ArraySize
    ArraySlice ArraySort ArraySum ArrayToString Ascii Asin Asinh Atan Atan2 Atanh BitLength BitwiseCount ByteLength
    Cbrt Ceil Chr Coalesce Concat ConcatWs Contains Convert Cos Cosh Cot CurrentDate CurrentTime CurrentTimestamp Date
    DateAdd DateBin DateDiff DateFromParts DateStrToDate DateSub DateToDateStr DateTrunc Day DayOfMonth DayOfWeek
    DayOfWeekIso DayOfYear Dayname Decode Degrees Encode EndsWith Exp Explode ExplodingGenerateSeries Extract
    Factorial Floor Format FromBase64 GenerateDateArray GenerateSeries GenerateTimestampArray Getbit Greatest Hex Hour
    Initcap IsInf IsNan JSON JSONArray JSONArrayContains JSONBExists JSONExists JSONExtractArray JSONFormat
    JSONKeyValue JSONKeys JSONObject JSONType JarowinklerSimilarity JustifyDays JustifyHours JustifyInterval LastDay
    Least Left Length Levenshtein Ln Localtime Localtimestamp Log Lower MD5 MakeInterval Map MapContainsKey
    MapFromEntries MapKeys MapSize Minute Month Monthname MonthsBetween Nullif NumberToStr Nvl2 Overlay Pad ParseJSON
    Pi Quarter Radians Rand RegexpCount RegexpExtract RegexpExtractAll RegexpInstr RegexpReplace RegexpSplit
    RegexpSubstr Repeat Replace Reverse Right Round SHA SHA2 SafeDivide Second Sign Sin Sinh Split SplitPart Sqrt
    StrPosition StrToDate StrToTime StringToArray Struct StructExtract Substring Tan Tanh TimeFromParts TimeStrToDate
    TimeStrToTime TimeStrToUnix TimeSub TimeToStr TimeToUnix Timestamp TimestampAdd TimestampDiff TimestampFromParts
    TimestampSub TimestampTrunc ToBase64 ToChar ToMap ToNumber Transform Translate Trim Trunc Try TsOrDsAdd TsOrDsDiff
    TsOrDsToDate TsOrDsToTime TsOrDsToTimestamp Typeof Unhex Unicode UnixDate UnixMicros UnixMillis UnixSeconds
    UnixToTime Upper Uuid VarMap Week WeekOfYear WidthBucket Xor Year YearOfWeek YearOfWeekIso
    """
)
NODES = STRUCTURE | OPERATORS | AGGREGATES | SCALARS
"""Names of sqlglot's classes."""

_OF_DUCKDB = _words(
    """
    age aggregate any_value apply approx_count_distinct arbitrary arg_max arg_max_null arg_min arg_min_null argmax
    argmin array_aggregate array_apply array_cat array_cosine_distance array_cosine_similarity array_cross_product
    array_distance array_filter array_grade_up array_has array_has_all array_has_any array_indexof array_inner_product
    array_pop_back array_pop_front array_push_back array_push_front array_reduce array_resize array_reverse_sort
    array_select array_transform array_unique array_value array_where array_zip ascii bar base64 bin bit_count
    bit_position bool_and bool_or cardinality cast_to_type ceiling century char_length character_length combine concat
    constant_or_null contains count_if count_star cosine_distance current_localtime current_localtimestamp
    damerau_levenshtein date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day
    dayname dayofmonth dayofweek dayofyear decade divide element_at ends_with entropy epoch epoch_ms epoch_ns epoch_us
    equi_width_bins era even favg fdiv filter first flatten fmod format format_bytes formatreadabledecimalsize
    formatreadablesize from_base64 from_binary from_hex fsum gamma gcd generate_series generate_subscripts geomean
    geometric_mean get_bit grade_up greatest_common_divisor group_concat hamming hash histogram histogram_exact
    histogram_values hour ilike_escape instr is_histogram_other_bin isfinite isinf isnan isodow isoyear jaccard
    jaro_similarity jaro_winkler_similarity json json_array json_array_length json_contains json_each json_exists
    json_extract json_extract_path json_extract_path_text json_extract_string json_group_array json_group_object
    json_group_structure json_keys json_merge_patch json_object json_pretty json_quote json_structure json_transform
    json_transform_strict json_tree json_type json_valid json_value julian kahan_sum kurtosis_pop last last_day lcase
    lcm least_common_multiple left_grapheme len length_grapheme lgamma like_escape list list_aggr list_aggregate
    list_any_value list_append list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor
    list_bool_and list_bool_or list_cat list_concat list_contains list_cosine_distance list_cosine_similarity
    list_count list_distance list_distinct list_dot_product list_element list_entropy list_extract list_filter
    list_first list_grade_up list_has list_has_all list_has_any list_histogram list_indexof list_inner_product
    list_intersect list_kurtosis list_last list_mad list_max list_median list_min list_mode list_pack list_position
    list_prepend list_product list_reduce list_resize list_reverse list_reverse_sort list_select list_sem
    list_skewness list_slice list_sort list_stddev_pop list_stddev_samp list_string_agg list_sum list_transform
    list_unique list_value list_var_pop list_var_samp list_where list_zip ln log10 log2 lpad ltrim mad make_date
    make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz map map_concat map_contains
    map_contains_entry map_contains_value map_entries map_extract map_extract_value map_from_entries map_keys
    map_values max_by md5_number mean microsecond millennium millisecond min_by minute mismatches mod month monthname
    multiply nanosecond nextafter nfc_normalize not_ilike_escape not_like_escape now ord parse_dirname parse_dirpath
    parse_filename parse_path position prefix printf product quantile quantile_cont quantile_disc quarter random range
    reduce regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
    regexp_split_to_array regexp_split_to_table reservoir_quantile right_grapheme round_even roundbankers row
    row_to_json rpad rtrim second sem set_bit setseed sha1 sha256 signbit skewness split_part starts_with str_split
    str_split_regex strftime string_split string_split_regex string_to_array strip_accents strlen strpos strptime
    struct_extract struct_extract_at struct_insert struct_pack substr substring_grapheme subtract suffix
    sum_no_overflow sumkahan tail time_bucket timetz_byte_comparable timezone timezone_hour timezone_minute to_base
    to_base64 to_binary to_centuries to_days to_decades to_hex to_hours to_json to_microseconds to_milliseconds
    to_millennia to_minutes to_months to_quarters to_seconds to_timestamp to_weeks to_years today
    transaction_timestamp try_strptime trunc ucase union_extract union_tag union_value unnest unpivot_list url_decode
    url_encode uuid uuidv4 uuidv7 var_pop var_samp vector_type week weekday weekofyear xor year yearweek array_agg
    string_agg
    """
) - {"setseed", "cast_to_type", "unpivot_list", "vector_type"}
_ABOUT_THE_SERVER = _words(
    """
    aclexplode current_database current_schemas format_type json_populate_recordset jsonb_populate_recordset
    parse_ident ts_debug ts_parse ts_token_type unistr version xmlagg
    """
)
_OF_POSTGRES = (
    postgres_words.SCALARS
    | postgres_words.AGGREGATES
    | postgres_words.SET_RETURNING
    | postgres_words.IN_ANY_WAY
    | _words(
        """
        clock_timestamp gen_random_uuid json_array json_object json_scalar json_serialize make_interval random
        statement_timestamp transaction_timestamp uuidv4 uuidv7
        """
    )
) - _ABOUT_THE_SERVER

FUNCTIONS: Mapping[str, frozenset[str]] = {"duckdb": _OF_DUCKDB, "postgres": _OF_POSTGRES}
"""Dialect -> names of functions that the parser knows by their name alone."""

MAKING_ROWS: Mapping[str, frozenset[str]] = {
    "duckdb": _words("generate_series json_each json_tree range unnest"),
    "postgres": postgres_words.SET_RETURNING - _ABOUT_THE_SERVER,
}
"""Dialect -> functions that may stand where a table may."""

TYPED_MAKING_ROWS = _words(
    "Explode ExplodingGenerateSeries GenerateSeries GenerateDateArray GenerateTimestampArray JSONKeys Unnest"
)

TYPES = _words(
    """
    ARRAY BIGDECIMAL BIGINT BIT BOOLEAN CHAR DATE DATETIME DATETIME64 DECIMAL DECIMAL128 DOUBLE FLOAT INT INT128
    INT256 INTERVAL JSON JSONB LIST MAP MEDIUMINT NCHAR NVARCHAR SMALLINT STRUCT TEXT TIME TIMESTAMP TIMESTAMPLTZ
    TIMESTAMPNTZ TIMESTAMPTZ TIMESTAMP_MS TIMESTAMP_NS TIMESTAMP_S TIMETZ TIME_NS TINYINT UBIGINT UINT UNION USMALLINT
    UTINYINT UUID VARBINARY VARCHAR BINARY DATERANGE INT4RANGE INT8RANGE NUMRANGE TSRANGE TSTZRANGE
    """
)
"""To which values may be cast; none that looks a name up in the server."""

PARTS: Mapping[str, frozenset[str]] = {
    "Select": _words(
        "with_ expressions distinct from_ laterals joins pivots where group having qualify windows order limit offset "
        "sample"
    ),
    "Union": _words("with_ this expression distinct by_name order limit offset"),
    "Intersect": _words("with_ this expression distinct by_name order limit offset"),
    "Except": _words("with_ this expression distinct by_name order limit offset"),
    "Subquery": _words("this alias with_ joins pivots sample order limit offset laterals"),
    "Table": _words("this db catalog alias joins pivots sample ordinality laterals"),
    "With": _words("expressions recursive"),
    "CTE": _words("this alias materialized"),
    "Join": _words("this on side kind using method pivots"),
    "Lateral": _words("this view outer alias ordinality"),
    "Pivot": _words(
        "this alias expressions fields unpivot using group columns include_nulls default_on_null "
        "identify_pivot_strings prefixed_pivot_columns pivot_column_naming value_columns_first"
    ),
    "Anonymous": _words("this expressions"),
    "Column": _words("this table db catalog"),
}
"""Kind of node -> what may hang on it; nodes that are not listed may have all their parts."""
