"""Lists what goes wrong with rows and keys: lost, repeated, orphaned, mixed up."""

from __future__ import annotations

from faulty.fault import DAY, TODAY, TODAYS_FILE, broken

ROWS = (
    broken("null_keys", "a key is lost in a third of the day's orders",
           f"update raw.orders set order_id = null where {TODAY} and order_id % 3 = 0"),
    broken("null_foreign_keys", "a tenth of the day's lines lose their product",
           f"update raw.order_lines set product_id = null where {TODAY} and line_id % 10 = 1"),
    broken("null_measure", "the day's lines come without a price",
           f"update raw.order_lines set unit_price = null where {TODAY}"),
    broken("null_share", "half of the day's web sessions lose their device",
           f"update raw.web_events set device = null where {TODAYS_FILE} and hash(session_id) % 2 = 0"),
    broken("null_column", "the CRM forgets every language", "update raw.crm_preferences set language = null"),
    broken("null_emails", "a third of all e-mail addresses are lost",
           "update raw.customers set email = null where customer_id % 3 = 0"),
    broken("rows_twice", "the day's orders are delivered twice, word for word",
           f"insert into raw.orders select * from raw.orders where {TODAY}"),
    broken("keys_twice", "the day's lines come twice, the second time, as a later batch, with other quantities",
           f"insert into raw.order_lines select * replace (quantity + 3 as quantity, batch_id + 1 as batch_id) "
           f"from raw.order_lines where {TODAY}"),
    broken("lines_again", "the day's lines are imported twice, the second time under new ids",
           f"insert into raw.order_lines select * replace (line_id + 1000000000000 as line_id) from raw.order_lines "
           f"where {TODAY}"),
    broken("orders_again", "the day's orders and lines are imported twice, the second time under new ids",
           f"insert into raw.orders select * replace (order_id + 1000000000 as order_id) from raw.orders where {TODAY}",
           f"insert into raw.order_lines select * replace (line_id + 10000000000 as line_id, order_id + 1000000000 as "
           f"order_id) from raw.order_lines where {TODAY}"),
    broken("people_twice", "a tenth of the customers are there a second time under another number",
           "insert into raw.customers select * replace (customer_id + 500000 as customer_id) from raw.customers "
           "where customer_id % 10 = 3"),
    broken("orphans", "a tenth of the day's lines name a product that nobody knows",
           f"update raw.order_lines set product_id = 99999 where {TODAY} and line_id % 10 = 1"),
    broken("late_dimension", "the day's orders are there, its new customers are not, and they have ordered",
           f"delete from raw.customers where {TODAY}",
           f"update raw.orders set customer_id = 9000000 + order_id % 7 where {TODAY} and order_id % 9 = 0"),
    broken("keys_shifted", "the day's orders name the next customer: every number is one too high",
           f"update raw.orders set customer_id = customer_id + 1 where {TODAY} and customer_id > 0"),
    broken("products_shifted", "the day's lines name the next product: every number is one too high",
           f"update raw.order_lines set product_id = product_id % 240 + 1 where {TODAY}"),
    broken("keys_wrapped", "the day's lines have their order's number cut to 16 bits",
           f"update raw.order_lines set order_id = order_id % 65536 where {TODAY}"),
    broken("customers_shuffled", "the customers of the day's orders are mixed up among them",
           f"create temp table mixed as select a.order_id, b.customer_id from (select order_id, row_number() over "
           f"(order by order_id, updated_at) as place from raw.orders where {TODAY}) a join (select customer_id, "
           f"row_number() over (order by hash(order_id), updated_at) as place from raw.orders where {TODAY}) b "
           f"using (place)",
           f"update raw.orders set customer_id = mixed.customer_id from mixed where orders.order_id = mixed.order_id "
           f"and {TODAY}"),
    broken("prices_shuffled", "the prices of the day's lines are mixed up among them",
           f"create temp table mixed as select a.line_id, b.unit_price from (select line_id, row_number() over "
           f"(order by line_id) as place from raw.order_lines where {TODAY}) a join (select unit_price, "
           f"row_number() over (order by hash(line_id), line_id) as place from raw.order_lines where {TODAY}) b "
           f"using (place)",
           f"update raw.order_lines set unit_price = mixed.unit_price from mixed "
           f"where order_lines.line_id = mixed.line_id and {TODAY}"),
    broken("emails_shuffled", "everybody has the e-mail address of somebody else",
           "create temp table mixed as select a.customer_id, b.email from (select customer_id, row_number() over "
           "(order by customer_id) as place from (select distinct customer_id from raw.customers)) a join (select "
           "email, row_number() over (order by hash(email)) as place from (select customer_id, "
           "arg_max(email, updated_at) as email from raw.customers group by customer_id)) b using (place)",
           "update raw.customers set email = mixed.email from mixed where customers.customer_id = mixed.customer_id"),
    broken("one_customer", "all of the day's orders are one customer's",
           f"update raw.orders set customer_id = 1001 where {TODAY} and customer_id > 0"),
    broken("guests", "the log-in fails: all of the day's orders are a guest's",
           f"update raw.orders set customer_id = 0 where {TODAY}"),
    broken("test_data", "somebody tests in production: a customer, fifty orders of a cent each",
           f"insert into raw.customers select 777777, 'Test Test', 'test@test.com', 'DE', 1990, '{DAY}', "
           f"'{DAY} 12:00:00', '{DAY}', max(batch_id), max(_dlt_load_id) from raw.customers",
           f"insert into raw.orders select 900000000 + n, 777777, '{DAY} 12:00:00', 'paid', 'web', null, "
           f"'{DAY} 12:00:00', '{DAY}', b, l from range(50) r(n), (select max(batch_id) b, max(_dlt_load_id) l "
           f"from raw.orders)",
           f"insert into raw.order_lines select 9000000001 + n * 10, 900000000 + n, 1, 1, 1, 0.01, '{DAY}', b, l "
           f"from range(50) r(n), (select max(batch_id) b, max(_dlt_load_id) l from raw.order_lines)"),
)  # fmt: skip
