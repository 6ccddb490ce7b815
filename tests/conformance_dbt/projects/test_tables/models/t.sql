select * from (values (1, 'a'), (2, null), (2, null), (4, 'd'), (5, null)) v(id, k)
