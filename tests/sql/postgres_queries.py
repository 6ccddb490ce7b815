"""Lists queries that say what only PostgreSQL understands, over four small tables."""

from __future__ import annotations

TABLES = {
    "t": ("a", "b", "c"),
    "u": ("a", "d", "e"),
    "v": ("b", "d", "l"),
    "w": ("Up", "up", "j", "r", "ts", "p"),
}
SETUP = """
create type pair as (x int, y text);
create table t (a int, b int, c text);
insert into t values (1, 2, 'x'), (2, 1, 'y'), (3, null, 'x1'), (null, 2, null), (1, 0, ''), (2, 2, 'x');
create table u (a int, d int, e text);
insert into u values (1, 1, 'x'), (2, 3, 'y'), (2, 0, null), (null, 2, 'x'), (5, 1, 'z');
create table v (b int, d int, l int[]);
insert into v values (1, 2, '{1,2}'), (2, null, '{}'), (0, 1, '{3,1,2}');
create table w ("Up" int, up int, j jsonb, r int4range, ts timestamptz, p pair);
insert into w values
    (1, 2, '{"k": 1, "1": 5, "l": [1,2]}', '[1,4)', '2026-01-02 03:04:05+00', row(1, 'q')),
    (3, 4, '[7,8,9]', '[2,3)', '2025-06-02 23:04:05+00', row(2, 'r')),
    (5, 1, '{"k": {"l": 3}}', 'empty', '2024-02-29 12:00:00+00', null);
"""
QUERIES = r"""
select a, b + 1 as x, c from t where a > 1 and b is not null
select distinct on (a) a, b from t order by a, b desc nulls last
select "Up", up from w
select w."Up" as "Order", w.up as "order" from w
select * from w
select a as "A", b as a from t
select j -> 'k' as x, j ->> 'k' as y, j #> '{k,l}' as z, j #>> '{k,l}' as v from w
select j -> '1' as x, j -> 1 as y from w
select j @> '{"k": 1}' as x, j <@ '{"k": 1}' as y, j ? 'k' as z, j ?| array['k'] as v, j ?& array['k', 'l'] as u
    from w
select c ~ 'x' as x, c ~* 'X' as y, c !~ 'x' as z, c !~* 'X' as v, c ilike 'X%' as u, c similar to '(x|y)' as s
    from t
select c like 'x!%' escape '!' as x, c not like 'x' as y, c not ilike 'x' as z, c not similar to 'x' as v from t
select r @> 3 as x, r && int4range(1, 2, '[]') as y, r << int4range(5, 6) as z, lower(r) as v, r -|-
    int4range(3, 4) as u, r * r as s from w
select int4range(1, 3) as x, int4range(1, 3, '[]') as y from t
select a, count(*) filter (where b > 1) as n, sum(distinct b) as s from t group by a having count(*) > 0
select a, b, grouping(a) as g, count(*) as n from t group by grouping sets ((a, b), (a), ())
select a, b, count(*) as n from t group by rollup (a, b)
select a, b, count(*) as n from t group by cube (a), b
select a, b, count(*) as n from t group by distinct rollup (a, b), rollup (a)
select sum(b) over (partition by a order by b rows between 1 preceding and 1 following exclude current row) as x
    from t
select sum(b) over (order by b range between 1 preceding and current row exclude ties) as x from t
select sum(b) over (order by b groups between unbounded preceding and 1 following) as x from t
select first_value(b) over w as x, lag(b, 2, 0) over w as y from t window w as (partition by a order by b desc)
select x, y from (values (1, 'a'), (2, 'b')) as m(x, y)
select column1, column2 from (values (1, 'a'), (2, 'b')) as m
table t
select a from t union all select d from u
select a from t except all select d from u order by 1 limit 2
select a from t intersect select d from u
with x as materialized (select a, b from t) select x.a, y.b from x join x as y on x.a = y.b
with x as not materialized (select a, b from t) select a from x
with recursive x as (select 1 as n union all select n + 1 from x where n < 3) select n from x
with recursive x(n, m) as (select 1, 2 union select n + 1, m * 2 from x where n < 3) search depth first by n set
    o select n, m from x
select (p).x as a, (p).y as b from w
select (p).* from w
select t as z from t
select row(a, b) as z, (a, b) = (1, 2) as e from t
select ts at time zone 'UTC' as x, ts at time zone 'Europe/Berlin' as y from w
select ts::date as d, ts + interval '1 day 2 hours' as x, ts - interval '1' month as y, date_trunc('day', ts) as
    z from w
select extract(year from ts) as y, extract(epoch from ts) as e, date_part('year', ts) as p from w
select e'a\nb' as x, 'a\nb' as y, U&'d\0061t' as z, $$x'y$$ as d, $q$x$$y$q$ as q, 'it''s' as s
select 1.50 as a, 1e3 as b, .5 as c, 12345678901234567890 as d, 0x1F as e, 1 as f
select b'101' as x, x'1F' as y, '\x01'::bytea as z
select array[1, 2] || 3 as x, l[1] as y, l[1:2] as z, l[:2] as v, l[2:] as u, cardinality(l) as n from v
select a = any(l) as x, a = all(l) as y, a <> all(array[1, 2]) as z from v, t
select m.n, m.o from v, unnest(l) with ordinality as m(n, o)
select m.n from v cross join lateral unnest(v.l) as m(n)
select m.n from v left join lateral unnest(v.l) as m(n) on true
select x.n from t left join lateral (select count(*) as n from u where u.a = t.a and u.d > t.b) as x on true
select unnest(l) as x, b from v
select generate_series(1, a) as g, b from t
select g from generate_series(1, 3) as g
select g from generate_series(1, 10, 2) as g
select g.n, g.o from generate_series(1, 3) with ordinality as g(n, o)
select x, y from rows from (generate_series(1, 2), generate_series(1, 3)) as z(x, y)
select x.a, x.b from jsonb_to_recordset('[{"a": 1, "b": "x"}]') as x(a int, b text)
select a from t tablesample bernoulli (100) repeatable (1)
select a from only t
select t.a, u.d from t join u using (a)
select * from t join u using (a)
select * from t natural join u
select * from t left join u on t.a = u.a
select * from t full join u using (a)
select t.a, q.d from t right join (select * from u where d > 0) as q on q.a = t.a
select coalesce(a, b), nullif(a, 1), greatest(a, b), least(a, b) from t
select case a when 1 then 'x' when 2 then 'y' else 'z' end, case when b > 1 then a end as y from t
select count(*), max(b), string_agg(c, ',' order by a desc) from t
select string_agg(distinct c, '-' order by c) as x, array_agg(a order by b nulls first, a) as y from t
select percentile_cont(0.5) within group (order by a desc) as p, mode() within group (order by b) as m from t
select json_agg(a) as x, jsonb_agg(a) as y, json_object_agg(c, a) as z from t where c is not null
select bool_and(a > 1) as x, bool_or(a > 1) as y, every(b > 0) as z, bit_and(a) as v from t
select 1::text, '1'::int, a::numeric(10, 2), c::varchar(1), c::char(3) from t
select cast(a as numeric(5, 1)) as x, a::int8 as y, a::float4 as z, a::text::varchar as v from t
select -a ^ 2 as x, 2 ^ 3 ^ 2 as y, a % 2 as z, a / 2 as v, a * b - a as u, -(a + b) as s from t
select a & b as x, a | b as y, a # b as z, ~a as v, a << 1 as u, a >> 1 as s from t
select a - (b - 1) as x, a - b - 1 as y, a / (b * 2) as z, a / b * 2 as v from t where b <> 0
select not a = 1 as x, not (a = 1 and b = 2) as y, a = 1 is null as z, (a = 1) is not true as v from t
select a between 1 and 2 as x, a between symmetric 2 and 1 as y, a not between 1 and 2 as z from t
select a is distinct from b as x, a is not distinct from b as y from t
select a in (1, 2) as x, a not in (select d from u where d is not null) as y, exists (select 1 from u where u.a
    = t.a) as z from t
select c || 'x' as x, c || a as y, concat(c, a) as z, concat_ws('-', c, a) as v from t
select substring(c from 1 for 2) as x, substring(c, 2) as y, substring(c from 'x') as z, position('x' in c) as
    v, overlay('abc' placing 'x' from 2) as u from t
select trim(c) as x, trim(both 'x' from c) as y, trim(leading 'x' from c) as z, ltrim(c, 'x') as v, rtrim(c) as
    u from t
select upper(c), lower(c), length(c), left(c, 1), right(c, 1), lpad(c, 3), rpad(c, 3, 'z'), replace(c, 'x', 'y')
    from t
select round(a / 2.0, 1) as x, ceil(a / 2.0) as y, ceiling(a / 2.0) as y2, floor(a / 2.0) as z, trunc(a / 2.0)
    as v, div(a, 2) as u, mod(a, 2) as s, sign(a) as g, power(a, 2) as p, log(10, 100) as l, log(100) as l2, ln(2)
    as l3 from t
select regexp_replace(c, 'x', 'y') as x, regexp_replace(c, 'x', 'y', 'g') as y, regexp_match(c, '(x)') as z,
    regexp_matches(c, 'x', 'g') as v, split_part(c, ',', 1) as u from t
select to_char(ts, 'YYYY-MM') as x, to_char(ts, 'HH24:MI') as y, to_date('2020-01-01', 'YYYY-MM-DD') as z,
    to_number('12', '99') as v, to_timestamp(0) at time zone 'UTC' as u from w
select md5(c) as x, encode(c::bytea, 'hex') as y, encode(c::bytea, 'base64') as z, sha256(c::bytea) as v from t
select c collate "C" as x, c < 'y' collate "C" as y, c || 'x' collate "C" as z from t order by c collate "C"
    desc
select a from t order by b desc nulls first, a limit 2 offset 1
select a from t order by b fetch first 2 rows with ties
select a from t order by b fetch first 2 rows only
select a from t for update
select a from t where (a, b) in (select a, d from u) or (a, b) > (1, 1)
select (select max(d) from u where u.a = t.a), (select count(*) from u) as n from t
select array(select d from u order by d) as x, array[[1, 2], [3, 4]] as y, '{1,2}'::int[] as z
select greatest(a, b, 3) as x, num_nonnulls(a, b) as y, a is null as z, b isnull as v, b notnull as u from t
select (a > 1) is unknown as x, (a > 1) is true as y, (a > 1) is not false as z from t
select count(distinct a) as x, count(a) as y, count(*) as z, count(distinct (a, b)) as v from t
select sum(a) filter (where c = 'x') over (partition by b) as x from t
select rank() over (order by a), dense_rank() over (order by a desc), row_number() over (), ntile(2) over (order
    by a) from t
select a::text || b::text as x, (a || '')::int + 1 as y from t
select jsonb_build_object('a', a, 'b', b) as x, to_jsonb(t) as y, row_to_json(t) as z from t
select jsonb_path_query(j, '$.k') as x, jsonb_path_exists(j, '$.k ? (@ > 0)') as y, j @? '$.k' as z, j @@ '$.k >
    0' as v from w
select date '2020-01-01' + 1 as x, timestamp '2020-01-01 10:00' as y, time '10:00' as z, interval '1-2' year to
    month as v, date '2020-01-01' - date '2019-01-01' as u
select age(timestamp '2020-01-01', timestamp '2019-01-01') as x, make_date(2020, 1, 2) as y, (date '2020-01-01',
    date '2020-02-01') overlaps (date '2020-01-15', date '2020-03-01') as z
select a, lag(a) over (order by b) as x from t where a in (1, 2, 3) group by a, b order by 1, 2
select sq.a from (select a, b from t order by b limit 1) as sq
select x.q from (select a as q from t union select d from u) as x where x.q > 0
select t.a from t, u where t.a = u.a and u.e = 'x' or t.b = 1
select a, b from (t join u using (a)) as x(a, b)
select t1.a from t as t1(x, a)
select a operator(pg_catalog.+) b as x, a operator(pg_catalog.-) b as y from t
select json_build_object('x', a) ->> 'x' as x, json_array_length('[1,2]'::json) as y from t
select json_object('a': a, 'b': b) as x, json_array(a, b) as y, json_object('a': a null on null) as z from t
select json_value(j, '$.k') as x, json_query(j, '$.k') as y, json_exists(j, '$.k') as z from w
select json_arrayagg(a order by b) as x, json_objectagg(c: a) as y from t where c is not null
select any_value(a) as x, min(c) as y, stddev(a) as s, variance(a) as v, corr(a, b) as r from t
select a from t where c = any ('{x,y}') and b < all (select d from u where d > 5)
select point(1, 2) <-> point(3, 4) as x, '1.2.3.4'::inet << '1.2.0.0/16'::inet as y, to_tsvector('a b') @@
    to_tsquery('a & b') as z
select "t"."a" as "a b", t.b as "c""d" from t as "t"
select a as x, x.b from t as x
"""


def queries() -> list[str]:
    """Each of them; the second line of one is indented."""
    found: list[str] = []
    for line in QUERIES.strip().splitlines():
        if line.startswith(" "):
            found[-1] += "\n" + line
        else:
            found.append(line)
    return found
