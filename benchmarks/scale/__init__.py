"""Times projects of any number of models: Dryland, others, and bare SQL beside it."""
