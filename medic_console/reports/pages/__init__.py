"""The ten pages of a report, one module each."""
