select p.price, o.price as old_price from {{ ref('price') }} p left join {{ ref('price', v=1) }} o using (id)
