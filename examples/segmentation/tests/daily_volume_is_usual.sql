-- Each of the last days has between 60 and 160 percent of the orders of the four weeks before it.
{{ days_of_unusual_volume(ref('stg_orders'), by='order_date') }}
