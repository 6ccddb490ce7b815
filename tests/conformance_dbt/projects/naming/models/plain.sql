select a + 1 as b, me from {{ ref('ledger') }}
