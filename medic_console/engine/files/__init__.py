"""Model files: what their headers say, without their weights."""
