select * from (values (1, 'a', 10.5, null), (2, 'b', 10.5, 'x'), (3, 'c', 3, 'y'), (3, 'd', null, null)) v(id, k, amount, n)
