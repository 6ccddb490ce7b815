"""Lists what goes wrong with a load: half of it, none of it, twice, yesterday's again, too late."""

from __future__ import annotations

from faulty.fault import DAY, DAY_BEFORE, TODAY, TODAYS_FILE, broken

FOUR_DAYS_OLD = "set _dlt_load_id = (epoch(now()) - 4 * 86400)::bigint::varchar"
OLD = "batch_day < '2025-03-01'"

LOADS = (
    broken("half", "half of the day's orders are missing, with their lines",
           f"delete from raw.orders where {TODAY} and order_id % 2 = 0",
           f"delete from raw.order_lines where {TODAY} and order_id % 2 = 0"),
    broken("half_of_the_lines", "half of the day's lines are missing",
           f"delete from raw.order_lines where {TODAY} and line_id % 20 > 10"),
    broken("no_lines", "the day's orders arrive, their lines do not", f"delete from raw.order_lines where {TODAY}"),
    broken("no_orders", "the day's lines arrive, their orders do not", f"delete from raw.orders where {TODAY}"),
    broken("empty_day", "the day is delivered, and has no rows",
           *(f"delete from raw.{table} where {TODAY}" for table in ("orders", "order_lines", "customers"))),
    broken("empty_table", "the CRM's file is empty", "delete from raw.crm_preferences"),
    broken("half_of_a_file", "the CRM's file ends half-way",
           "delete from raw.crm_preferences where customer_id > (select median(customer_id) from raw.crm_preferences)"),
    broken("half_of_the_catalogue", "half of the catalogue is missing",
           "delete from raw.products where product_id % 2 = 0"),
    broken("partition_missing", "a week of web sessions is gone",
           "delete from raw.web_events where file_name between '2026-02-10.jsonl' and '2026-02-16.jsonl'"),
    broken("no_sessions", "the web site's file of the day is not there",
           f"delete from raw.web_events where {TODAYS_FILE}"),
    broken("history_lost", "orders older than a year are gone: somebody cleaned up in the shop",
           f"delete from raw.orders where {OLD}", f"delete from raw.order_lines where {OLD}"),
    broken("segment_missing", "the tills did not report: no order of theirs on the day",
           f"delete from raw.order_lines where order_id in (select order_id from raw.orders where {TODAY} "
           f"and channel = 'till')", f"delete from raw.orders where {TODAY} and channel = 'till'"),
    broken("country_missing", "French customers are gone",
           "delete from raw.customers where lower(trim(country)) in ('fr', 'france')"),
    broken("segment_dominates", "a bot orders three hundred times by app",
           f"insert into raw.orders select 900000000 + n, 1002, '{DAY} 12:00:00', 'paid', 'app', null, "
           f"'{DAY} 12:00:00', '{DAY}', b, l from range(300) r(n), (select max(batch_id) b, max(_dlt_load_id) l "
           f"from raw.orders)",
           f"insert into raw.order_lines select 9000000001 + n * 10, 900000000 + n, 1, 1, 1, 9.99, '{DAY}', b, l "
           f"from range(300) r(n), (select max(batch_id) b, max(_dlt_load_id) l from raw.order_lines)"),
    broken("doubled_file", "the CRM's file is loaded twice",
           "insert into raw.crm_preferences select * from raw.crm_preferences"),
    broken("yesterday_again", "yesterday's export comes again as today's",
           *(f"delete from raw.{table} where {TODAY}" for table in ("orders", "order_lines", "customers")),
           *(f"insert into raw.{table} select * replace ('{DAY}' as batch_day, batch_id + 1 as batch_id, (select "
             f"max(_dlt_load_id) from raw.web_events) as _dlt_load_id) from raw.{table} where batch_day = "
             f"'{DAY_BEFORE}'" for table in ("orders", "order_lines", "customers"))),
    broken("nothing_new", "nothing has arrived for four days, and nobody says so",
           *(f"delete from raw.{table} where {TODAY}" for table in ("orders", "order_lines", "customers")),
           f"delete from raw.web_events where {TODAYS_FILE}",
           *(f"update raw.{table} {FOUR_DAYS_OLD}" for table in
             ("orders", "order_lines", "customers", "web_events", "crm_preferences"))),
    broken("older_version", "the CRM restores a backup: wishes of the last year are gone",
           "delete from raw.crm_preferences where changed_on >= '2025-03-01'"),
    broken("late_rows", "ten orders arrive that are three weeks old",
           f"update raw.orders set ordered_at = replace(ordered_at, '{DAY}', '2026-02-09') where order_id in (select "
           f"order_id from raw.orders where {TODAY} and ordered_at like '{DAY}%' order by order_id limit 10)"),
    broken("changed_late", "the status of old orders is written anew: all of January is returned",
           "update raw.orders set status = 'returned', _dlt_load_id = (select max(_dlt_load_id) from raw.orders) "
           "where batch_day between '2026-01-01' and '2026-01-31'"),
    broken("cancellations_lost", "returns and cancellations are not exported any more",
           f"delete from raw.orders where {TODAY} and lower(trim(status)) <> 'paid'"),
)  # fmt: skip
