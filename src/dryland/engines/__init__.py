"""Where SQL runs: one file per warehouse behind one small protocol."""
