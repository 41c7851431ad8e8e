"""Models side by side: values, pairs, ranks, portfolio."""
