"""Two tables to what differs: schema, rows by key, values by column, distributions."""
