"""SQL to tree: references, lineage, meaning. Pure."""
