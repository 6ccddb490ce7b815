"""Data contracts as files of the Open Data Contract Standard (ODCS 3): read, bound to models, and written."""
