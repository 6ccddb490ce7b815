"""Writes the queries of models: one function for each kind of model that a project of some age has."""

from __future__ import annotations

from random import Random

from scale.model import REGIONS, STATUSES, TIERS, Check, Model, Words, five

CUSTOMERS = "stg_customers"
ROWS = ("event_id", "customer_id", "status", "region", "amount_cents", "quantity", "happened_on")
"""What every model of single events has."""
TOTALS = ("customer_id", "tier", "events", "amount_cents", "quantity", "last_on")
"""What every model of customers has."""
TIER = "case when {amount} = 0 then 'none' when {amount} < {large} then 'small' else 'large' end"


def customers() -> Model:
    """The customers, whom every model refers to."""

    def query(words: Words) -> str:
        return f"""\
with source as (
    select * from {words.raw("customers")}
)

select
    id as customer_id,
    referred_by,
    trim(name) as name,
    status,
    region,
    {words.cents("credit")} as credit_cents,
    cast(joined_on as date) as joined_on
from source
"""

    columns = ("customer_id", "referred_by", "name", "status", "region", "credit_cents", "joined_on")
    checks = five("customer_id", ("status", STATUSES), "referred_by", "credit_cents", CUSTOMERS)
    return Model(CUSTOMERS, "staging", False, (), columns, checks, query)


def staging(name: str, table: str, *, is_view: bool, random: Random) -> Model:
    """Some of the events of one raw table, renamed and cast."""
    shard, region, least = random.randrange(4), random.choice(REGIONS), random.randrange(50)

    def query(words: Words) -> str:
        return f"""\
-- one shard of {table}, without {region}
with source as (
    select * from {words.raw(table)}
),

renamed as (
    select
        id as event_id,
        customer_id,
        lower(status) as status,
        region,
        {words.cents("amount")} as amount_cents,
        quantity,
        cast(happened_on as date) as happened_on
    from source
    where id % {words.variable("shards")} = {shard}
)

select
    event_id,
    customer_id,
    status,
    region,
    amount_cents,
    quantity,
    happened_on
from renamed
where region <> '{region}'
    and amount_cents >= {least}
    and happened_on >= cast({words.variable("start_date")} as date)
"""

    return Model(name, "staging", is_view, (), ROWS, _of_rows(), query)


def enriched(name: str, read: str, *, is_view: bool, random: Random) -> Model:
    """Events with what is known of their customer, and which one of that customer's it is."""
    status = random.choice(STATUSES)

    def query(words: Words) -> str:
        return f"""\
select
    events.event_id,
    events.customer_id,
    events.status,
    customers.region,
    events.amount_cents,
    events.quantity,
    events.happened_on,
    customers.name as customer_name,
    row_number() over (partition by events.customer_id order by events.happened_on, events.event_id) as event_number
from {words.model(read)} as events
inner join {words.model(CUSTOMERS)} as customers
    on customers.customer_id = events.customer_id
where events.status <> '{status}'
"""

    return Model(
        name, "intermediate", is_view, (read, CUSTOMERS), (*ROWS, "customer_name", "event_number"), _of_rows(), query
    )


def totals(name: str, read: str, *, is_view: bool, random: Random) -> Model:
    """One row per customer: how much in all, and which kind of customer that makes."""
    factor = random.randrange(1, 6)

    def query(words: Words) -> str:
        tier = TIER.format(amount="amount_cents", large=words.variable("large_from"))
        return f"""\
with summed as (
    select
        customer_id,
        count(*) as events,
        cast(sum(amount_cents * {factor}) as bigint) as amount_cents,
        cast(sum(quantity) as bigint) as quantity,
        max(happened_on) as last_on
    from {words.model(read)}
    group by customer_id
)

select
    customer_id,
    {tier} as tier,
    events,
    amount_cents,
    quantity,
    last_on
from summed
"""

    return Model(name, "intermediate", is_view, (read,), TOTALS, _of_customers(), query)


def pivoted(name: str, read: str, *, is_view: bool, random: Random) -> Model:
    """One row per customer with a column for each status, which a loop writes."""
    statuses = tuple(random.sample(STATUSES, 3))

    def query(words: Words) -> str:
        tier = TIER.format(amount="sum(amount_cents)", large=words.variable("large_from"))
        form = "cast(sum(case when status = {text} then amount_cents else 0 end) as bigint) as {name}_cents"
        return f"""\
select
    customer_id,
    {tier} as tier,
    count(*) as events,
    cast(sum(amount_cents) as bigint) as amount_cents,
    cast(sum(quantity) as bigint) as quantity,
    max(happened_on) as last_on,
    {words.each(statuses, form)}
from {words.model(read)}
group by customer_id
"""

    columns = (*TOTALS, *(f"{status}_cents" for status in statuses))
    return Model(name, "intermediate", is_view, (read,), columns, _of_customers(), query)


def combined(name: str, reads: tuple[str, ...], *, is_view: bool, random: Random) -> Model:
    """A mart of customers: several models of customers side by side."""
    floor = random.randrange(3)

    def query(words: Words) -> str:
        alias = [f"part_{at}" for at in range(len(reads))]
        amount = " + ".join(f"coalesce({each}.amount_cents, 0)" for each in alias)
        events = " + ".join(f"coalesce({each}.events, 0)" for each in alias)
        quantity = " + ".join(f"coalesce({each}.quantity, 0)" for each in alias)
        last = f"greatest({', '.join(f'{each}.last_on' for each in alias)})" if len(alias) > 1 else "part_0.last_on"
        joins = "\n".join(
            f"left join {words.model(read)} as {each}\n    on {each}.customer_id = customers.customer_id"
            for read, each in zip(reads, alias, strict=True)
        )
        return f"""\
with gathered as (
    select
        customers.customer_id,
        customers.name as customer_name,
        customers.region,
        {events} as events,
        {amount} as amount_cents,
        {quantity} as quantity,
        {last} as last_on
    from {words.model(CUSTOMERS)} as customers
    {joins.replace(chr(10), chr(10) + "    ")}
)

select
    customer_id,
    {TIER.format(amount="amount_cents", large=words.variable("large_from"))} as tier,
    events,
    amount_cents,
    quantity,
    last_on,
    customer_name,
    region
from gathered
where events >= {floor}
"""

    return Model(
        name, "marts", is_view, (*reads, CUSTOMERS), (*TOTALS, "customer_name", "region"), _of_customers(), query
    )


def ranked(name: str, read: str, *, is_view: bool, random: Random) -> Model:
    """A mart of the customers who spent most."""
    least, most = random.randrange(4), random.randrange(300, 800)

    def query(words: Words) -> str:
        return f"""\
select
    customer_id,
    tier,
    events,
    amount_cents,
    quantity,
    last_on,
    rank() over (order by amount_cents desc, customer_id) as place
from {words.model(read)}
where quantity >= {least}
qualify rank() over (order by amount_cents desc, customer_id) <= {most}
"""

    return Model(name, "marts", is_view, (read,), (*TOTALS, "place"), _of_customers(), query)


def _of_rows() -> tuple[Check, ...]:
    return five("event_id", ("status", STATUSES), "customer_id", "amount_cents", CUSTOMERS)


def _of_customers() -> tuple[Check, ...]:
    return five("customer_id", ("tier", TIERS), "customer_id", "amount_cents", CUSTOMERS)
