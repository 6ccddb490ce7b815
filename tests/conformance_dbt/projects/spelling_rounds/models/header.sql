{{ config(sql_header="set variable hv = 1;") }}
select getvariable('hv') as v
