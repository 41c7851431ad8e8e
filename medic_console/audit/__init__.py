"""A run: planned, prepared, driven, told as events. Knows no archive."""
