"""People who click through a portal, and the catalogue that they click through."""
