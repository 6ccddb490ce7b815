"""What is remembered: one metadata store."""
