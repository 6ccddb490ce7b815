"""Projects that are written in one dialect, for a warehouse that speaks another: translated, or reported."""
