select * from (values (1), (2), (null)) t(id)
