{{ config(materialized='table') }}
{{ kit.unpivot(ref('starred'), cast_to='double', exclude=['region'], field='sold', value='amount') }}
