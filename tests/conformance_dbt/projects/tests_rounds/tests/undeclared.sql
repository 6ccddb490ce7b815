select * from other_table
