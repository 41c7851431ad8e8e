"""From an archive to two to six models on the same items: differences, flips, ranks, trade-offs, portfolio."""
