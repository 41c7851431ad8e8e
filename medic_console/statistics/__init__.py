"""Between models and between tasks: paired differences, equivalence, ranks, gaps, published reference points."""
