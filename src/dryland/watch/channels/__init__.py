"""Ways to somebody: one file for each kind of channel, each a function that sends one message or raises."""
