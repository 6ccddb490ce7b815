"""Lists what goes wrong with the shape of a table: columns that go, come, move or change their type."""

from __future__ import annotations

from faulty.fault import TODAY, broken

SHAPE = (
    broken("column_removed", "lines come without their quantity", "alter table raw.order_lines drop column quantity"),
    broken("optional_column_removed", "orders come without discount codes",
           "alter table raw.orders drop column discount_code"),
    broken("column_renamed", "unit_price is called price now",
           "alter table raw.order_lines rename column unit_price to price"),
    broken("column_added", "orders have a column more", "alter table raw.orders add column gift boolean default false"),
    broken("columns_reordered", "the columns of the orders come in another order",
           "create table raw.again as select _dlt_load_id, batch_id, batch_day, updated_at, discount_code, channel, "
           "status, ordered_at, customer_id, order_id from raw.orders",
           "drop table raw.orders", "alter table raw.again rename to orders"),
    broken("numbers_as_text", "prices are text with a decimal comma",
           "alter table raw.order_lines alter unit_price type varchar using replace(unit_price::varchar, '.', ',')"),
    broken("quantity_as_text", "quantities are text, and the day's say `3 pcs`",
           "alter table raw.order_lines alter quantity type varchar",
           f"update raw.order_lines set quantity = quantity || ' pcs' where {TODAY}"),
    broken("keys_as_decimals", "customer numbers are decimals: 1001.0",
           "alter table raw.orders alter customer_id type double",
           "alter table raw.customers alter customer_id type double"),
    broken("flags_as_text", "added_to_cart is text: yes and no",
           "alter table raw.web_events alter added_to_cart type varchar using case when added_to_cart then 'yes' "
           "else 'no' end"),
    broken("dates_as_text", "the CRM's dates are text of another form",
           "alter table raw.crm_preferences alter changed_on type varchar using strftime(changed_on, '%d.%m.%Y')"),
    broken("narrowed", "session lengths have become small integers, cut at 127",
           "alter table raw.web_events alter seconds type tinyint using least(seconds, 127)"),
)  # fmt: skip
