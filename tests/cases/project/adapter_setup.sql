{% do run_query('create or replace table w.main.t as select 1 as id, cast(1.5 as decimal(10,3)) as amount, cast(1 as varchar) as name, {a: 1, b: {c: 2}} as st') %}
{% do run_query('create or replace table w.main.narrow as select 1 as id') %}
{% do run_query('create or replace view w.main.v as select * from w.main.t') %}
{% set one = "select 1 as i, 1.5::decimal(10,2) as d, 1.5::double as f, true as b, date '2024-01-02' as dt, timestamp '2024-01-02 03:04:05' as ts, time '03:04:05' as tm, 'x' as s, '' as e, 'null' as nn, [1,2] as l, {'a': 1} as st, null as n, interval 1 day as iv, uuid '00000000-0000-0000-0000-000000000001' as u, 'ab'::blob as bl, 12345678901234567890::hugeint as h, map {'k': 1} as mp union all select 2, 2.25, 2.5, false, date '2024-01-03', timestamp '2024-01-03 03:04:05', null, 'y', '', 'null', null, null, null, null, null, null, 1, null order by 1" %}
{% set two = "select * from (values (1, 'x'), (2, 'y'), (3, null)) t(i, s) order by i" %}
{% set t = adapter.get_relation('w', 'main', 't') %}
{% set x = api.Relation.create(database='d', schema='s', identifier='i', type='table') %}
{% set y = make_intermediate_relation(x) %}
{% set many = [api.Column('id', 'int'), api.Column('b', 'int')] %}
{% set few = [api.Column('id', 'varchar')] %}
