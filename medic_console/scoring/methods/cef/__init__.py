"""Cross-examination."""
