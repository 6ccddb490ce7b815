{{ config(contract={'alias_types': false}) }}
select 1 as a, 'x' as b
