"""The commands: one file per verb, nothing but arguments, calls and rendering."""
