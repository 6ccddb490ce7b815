"""The detector: numbers in, bounds out. Pure: no clock, no disk, no warehouse."""
