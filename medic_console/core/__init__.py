"""What every room shares: records, errors, digests, paths, settings."""
