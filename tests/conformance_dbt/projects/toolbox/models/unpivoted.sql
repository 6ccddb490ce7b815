{{ config(materialized='table') }}
{{ kit.unpivot(ref('starred'), cast_to='float8', exclude=['region'], field='sold', value='amount') }}
