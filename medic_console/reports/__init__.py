"""What a committee can file: figures, reviews and provenance of runs as documents, signed, in the formats of others."""
