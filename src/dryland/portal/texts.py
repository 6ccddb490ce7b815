"""Holds every text of the portal in one place, in English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

TEXTS: Mapping[str, str] = MappingProxyType({
    # around every page
    "brand": "Dryland", "skip": "Skip to the content", "navigation": "Places", "home": "Home", "catalogue": "Catalogue",
    "lineage": "Lineage", "releases": "Releases", "runs": "Runs", "environments": "Environments", "owners": "Owners",
    "environment": "Environment", "go": "Go", "find": "Find a dataset", "theme": "Light or dark", "interface": "API",
    "as_of": "as of {moment} UTC", "files_unread": "The project's files cannot be read; what they add is as it was before.",
    "utc": "UTC", "search": "Search", "all": "all", "none": "none", "nobody": "nobody", "more": "and {count} more",
    "api_about": "What the portal's pages show, for programs.", "next": "Next", "previous": "Previous", "page_of": "Page {page} of {pages}",
    "scrolls": "{name}, scrolls sideways",
    # errors
    "error_title": "That did not work", "no_page": "There is no such page.", "back_home": "To the first page",
    "no_environment": "There is no environment `{name}`.", "no_dataset": "There is no dataset `{name}` in this environment.",
    "no_column": "{dataset} has no column `{name}`.", "no_release": "There is no release {number}.",
    "no_run": "There is no run {number}.", "no_action": "Nothing like that was asked for since the portal started.",
    "form_is_old": "This form is from an earlier visit: go back, load the page again, and send it then.",
    "misread": "This address cannot be understood: {names}.", "broken": "Something went wrong in the portal itself.",
    "cannot_go_back": "Release {number} is {status}: readers cannot be brought back to it.",
    # words for states, kinds and facts
    "state": "State", "state_failing": "failing", "state_stale": "stale", "state_warned": "warning",
    "state_unreleased": "not released", "state_unchecked": "unchecked", "state_good": "good",
    "state_about_failing": "A check says no of what readers see.",
    "state_about_stale": "The last refresh was stopped; readers keep the last good data.",
    "state_about_warned": "A check warns about what readers see.",
    "state_about_unreleased": "It is written, and readers do not see it yet.",
    "state_about_unchecked": "No check has looked at what readers see.",
    "state_about_good": "Every check that looked at what readers see said yes.",
    "kind": "Kind", "layer": "Layer", "owner": "Owner", "tag": "Tag", "tags": "Tags", "dataset": "Dataset", "datasets": "Datasets",
    "description": "Description", "rows": "Rows", "built": "Built", "checks": "Checks", "columns": "Columns", "column": "Column",
    "type": "Type", "status": "Status", "status_pass": "yes", "status_warn": "warns", "status_fail": "no", "status_error": "could not be asked",
    "status_unknown": "not asked", "status_live": "live", "status_superseded": "superseded", "status_refused": "refused",
    "status_abandoned": "abandoned", "status_publishing": "publishing", "status_running": "running", "status_done": "done",
    "status_failed": "failed", "status_interrupted": "interrupted", "status_lost": "lost", "status_blocked": "blocked",
    "status_rejected": "checks said no", "status_skipped": "skipped", "status_later": "waiting",
    "fact_owner": "owner", "fact_description": "description", "fact_key": "key", "fact_checks": "checks",
    "fact_freshness": "freshness", "fact_contract": "contract", "missing": "Missing",
    # home
    "home_title": "How the data stands", "home_broken": "failing", "home_broken_about": "datasets of which a check says no",
    "home_stale": "stale", "home_stale_about": "datasets whose last refresh was stopped",
    "home_today": "released today", "home_today_about": "releases since midnight UTC", "home_health": "health",
    "home_health_about": "of 100: owners, descriptions, keys, checks, freshness, contracts",
    "home_good": "Nothing is broken and nothing is stale.", "home_empty": "Nothing was released here yet: run `dryland apply`.",
    "home_wrong": "What is wrong now", "home_next": "What to do next", "home_next_none": "Everything is looked after.",
    "home_releases": "Latest releases", "home_runs": "Latest runs", "home_work": "At work now", "home_idle": "Nobody is at work.",
    "home_coverage": "What is looked after", "coverage_about": "Share of the datasets that should have it and do",
    "why": "Why", "do": "Do", "readers": "Readers", "risk": "Risk", "all_datasets": "All {count} datasets",
    "live_release": "Readers see release {number}, {ago}.",
    # catalogue
    "catalogue_title": "Catalogue", "catalogue_find": "Names, columns, descriptions, owners, tags",
    "catalogue_found": "{count} found", "catalogue_nothing": "Nothing is like that.", "catalogue_clear": "Show everything",
    "catalogue_filters": "Filters", "show": "Show", "readers_count": "{count} read it",
    # dataset
    "owned_by": "Owner", "contact": "Contact", "sla": "Service level", "published_as": "Readers see it as", "path": "Written in",
    "last_built": "Last built", "access": "Access", "materialized": "Made as", "nobody_owns": "Nobody owns it.",
    "no_description": "Nobody has described it yet.", "can_be_trusted": "Can it be trusted?",
    "passed_of": "{passed} of {total} checks say yes", "no_checks": "It has no checks.", "stale_since": "Stale since {moment}: {reason}",
    "personal": "personal", "nulls": "Nulls", "distinct": "Distinct ~", "values": "Least to greatest", "constraints": "Promised", "lineage_of": "Lineage of {name}",
    "no_lineage": "It reads nothing, and nothing reads it.", "too_many_near": "{count} datasets are next to it: the page for lineage draws them.",
    "whole_lineage": "Follow it further: {above} above, {below} below", "reads": "Reads", "read_by": "Read by", "exposures": "Used by",
    "check": "Check", "said": "Said", "when": "When", "last_verdicts": "Before", "failing_rows": "Rows that fail, for example",
    "severity_warn": "only warns", "code": "Code", "code_released": "As it was released, compiled", "code_written": "As it is written",
    "history": "Releases that touched it", "what": "What", "what_first": "new", "what_code": "code", "what_data": "data",
    "what_stale": "became stale", "what_fresh": "fresh again", "no_history": "No release showed it yet.",
    "rows_over_time": "Rows, release by release", "nulls_over_time": "Share of nulls over time", "usage": "Use it", "usage_first_rows": "The first rows",
    "usage_counted_by": "How many of each", "usage_first_and_last": "From when to when", "usage_dbt": "In a model of your own",
    "usage_shell": "On the command line", "contract": "Contract", "contract_version": "version {version}", "promises": "Promises",
    "contract_about": "What readers may rely on; a release that would break it is refused.", "guarantees": "guarantees", "facts": "Facts",
    "told_by_team": "Told by the team", "columns_none": "Its columns are known once it is built.", "link_to_here": "Link to this part",
    # column
    "column_title": "{column} of {dataset}", "column_from": "Where it comes from and where it goes",
    "column_unknown": "Nothing is known of where it comes from: it reads no column that is understood, or its code is not SQL.",
    "column_large": "{count} columns are joined with it: the table has them.", "from": "From", "to": "To", "table_alternative": "The same as a table",
    # lineage
    "lineage_title": "Lineage", "lineage_about": "Drag to move, scroll or pinch to zoom. With the keyboard: arrows go along the lines, plus and minus zoom, 0 shows everything, Enter opens.",
    "lineage_canvas": "Lineage as a picture; the table below says the same", "focus": "Around", "up": "Steps up", "down": "Steps down", "everything": "everything",
    "lineage_counts": "{count} shown", "lineage_table": "What reads what", "lineage_first": "The first {count} of {total}", "zoom_in": "Larger", "zoom_out": "Smaller", "zoom_all": "Show everything",
    "lineage_loading": "Loading the picture …", "lineage_failed": "The picture could not be loaded; the table below says the same.",
    # releases
    "releases_title": "Releases", "release": "Release", "created": "Created", "author": "Author", "commit": "Commit", "message": "Message",
    "no_releases": "Nothing was released here yet.", "release_title": "Release {number}", "release_of": "of {environment}", "changes": "What changed for readers",
    "changes_none": "Nothing: readers see what they saw before.", "change_added": "new", "change_removed": "gone", "change_code": "code", "change_data": "data",
    "change_place": "place", "change_stale": "became stale", "change_fresh": "fresh again", "rows_before": "Rows before", "rows_after": "Rows after",
    "compared_with": "Compared with release {number}", "first_release": "It was the first.", "code_changes": "Code of {name}", "verdicts": "What checks said",
    "verdicts_none": "No check was asked anew: what they said of the same tables before stands.", "verdict_counts": "{passed} yes, {warned} warn, {failed} no",
    "timings": "Where the time went", "of_run": "Run {number}", "took": "Took", "step": "Step", "action": "Action",
    "back_to_this": "Bring readers back to this release …", "back_to_before": "Bring readers back to release {number} …", "back_from_live": "This is what readers see.",
    "kind_apply": "code", "kind_run": "data", "kind_rollback": "rollback", "kind_env": "environment", "kind_adopt": "taken over",
    "rollback_title": "Back to release {number}?", "rollback_about": "Readers of {environment} see release {live} now. They would see what they saw with release {number} again: views are swapped in one transaction, and nothing is built.",
    "rollback_changes": "What would change for readers", "rollback_do": "Roll back to release {number}", "rollback_not": "Leave it as it is",
    # actions
    "action_title": "Back to release {number}", "action_running": "Going back …", "action_done": "Done: readers of {environment} see what they saw with release {wanted}, as release {release}.",
    "action_failed": "Readers see what they saw: it could not be done.", "action_show": "Show release {number}", "action_again": "Try again", "action_waits": "Waiting: {said}",
    # runs
    "runs_title": "Runs", "run_title": "Run {number}", "run": "Run", "verb": "Verb", "began": "Began", "who": "Who", "on": "On", "waits": "waits", "at_work": "at work",
    "outcome": "Outcome", "no_runs": "Nothing was run yet.", "since": "Since", "gantt": "When each step began, and how long it took", "gantt_left_out": "{count} shorter steps are in the table only.",
    "made_by_now": "Made by now", "made_none": "Nothing was finished yet.", "steps": "Steps", "steps_none": "It kept no steps.",
    # environments
    "environments_title": "Environments", "base": "Made from", "purpose": "For", "purpose_refused": "what was refused, to look at", "live": "Shows", "different": "Differs from {default} in",
    "stale": "Stale", "no_environments": "There is none before the first release.", "open_environment": "Look at it",
    # owners
    "owners_title": "Who looks after what", "gaps": "Gaps", "gaps_none": "nothing", "owner_datasets": "Datasets of {owner}", "failing": "Failing",
})  # fmt: skip
