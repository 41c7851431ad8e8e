"""A file a scorer, and the table of them."""
