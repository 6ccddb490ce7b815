select * from {{ ref('revenue') }} where customer_id is null
