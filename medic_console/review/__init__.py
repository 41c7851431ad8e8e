"""Human review: what to look at, who looked, what they said, and what can be claimed from it."""
