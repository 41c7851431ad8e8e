"""Stage 8: everything SQLite. The only importer of sqlite_utils."""
