"""Knows the words of configuration, and says which was misspelt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dryland.errors import ConfigError
from dryland.project.nodes import Place
from dryland.values import dataclass

NODE_KEYS = frozenset(
    """
    access alias allow_empty batch_size begin check_cols column_types concurrent_batches contract database
    dbt_valid_to_current delete_insert
    delimiter dialect docs enabled event_time file_format full_refresh grants group hard_deletes incremental_predicates
    incremental_strategy indexes invalidate_hard_deletes loaded_at_field loaded_at_query lookback materialized
    merge_exclude_columns merge_update_columns meta on_configuration_change on_schema_change packages partition_by
    persist_docs post-hook post_hook pre-hook pre_hook quote_columns quoting schema severity error_if warn_if where
    limit fail_calc store_failures store_failures_as freshness snapshot_meta_column_names sql_header static_analysis
    strategy tags target_database target_schema transient unique_key unlogged updated_at
    """.split()
)
ADAPTER_KEYS = frozenset(
    """
    auto_refresh backup bind bucketed_by buckets cluster_by clustered_by copy_grants copy_partitions databricks_tags
    dist external_location format glue_register hours_to_expiration is_external kms_key_name labels liquid_clustered_by
    location location_root options overwrite partition_expiration_days partitioned_by partitions plugin query_tag
    require_partition_filter row_access_policy s3_data_dir s3_data_naming secure snowflake_initialization_warehouse
    snowflake_warehouse sort sort_type submission_method table_format table_properties table_tag table_type target_lag
    tblproperties time_ingestion_partitioning timeout tmp_relation_type
    """.split()
)
KNOWN = NODE_KEYS | ADAPTER_KEYS
NEAR = 0.8  # of difflib: `materialised` and `uniqe_key` are near, a team's own word is not


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A key that dbt does not know: a team's own, which its macros may read with `config.get`."""

    name: str
    place: Place


def verify_words(body: Mapping[str, Any], known: frozenset[str], what: str, place: Place) -> None:
    """Keys of an entry of YAML; those of a team's own are its own.

    Raises:
        ConfigError: one is so near to a word of dbt's that it must be a slip; dbt would ignore it.
    """
    lines = getattr(body, "lines", {})
    for key in body:
        near = difflib.get_close_matches(str(key), sorted(known), n=1, cutoff=NEAR) if key not in known else ()
        if near:
            raise ConfigError(
                f"`{key}` is not {what}.", path=place.path, line=lines.get(key, place.line),
                hint=f"did you mean `{near[0]}`? What is your own goes under `meta`.",
            )  # fmt: skip


def own_words(config: Mapping[str, Any], path: str, line: int) -> Iterator[OwnWord]:
    """Keys of a configuration that dbt does not know.

    Raises:
        ConfigError: one is so near to a word of dbt's that it must be a slip; dbt would ignore it.
    """
    lines = getattr(config, "lines", {})
    for key in config:
        if key in KNOWN:
            continue
        place = Place(path, lines.get(key, line))
        verify_words({key: None}, NODE_KEYS, "a configuration", place)
        yield OwnWord(str(key), place)


def own_words_of_section(section: Mapping[str, Any], path: str) -> Iterator[OwnWord]:
    """The same for a section of dbt_project.yml, through all of its folders."""
    for key, value in section.items():
        line = section.line_of(key) if hasattr(section, "line_of") else 1
        if str(key).startswith("+"):
            yield from own_words({str(key)[1:]: value}, path, line)
        elif isinstance(value, Mapping) and key not in KNOWN:
            yield from own_words_of_section(value, path)
        elif not isinstance(value, Mapping):
            yield from own_words({key: value}, path, line)


def line_of_key(text: str, key: str) -> int:
    """The line of a `config(...)` call's keyword in a model; the first when it is not written as one."""
    found = re.search(rf"\b{re.escape(key)}['\"]?\s*[=:]", text)
    return text[: found.start()].count("\n") + 1 if found else 1
