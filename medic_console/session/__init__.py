"""A run and the archive together: each event is stored, then told."""
