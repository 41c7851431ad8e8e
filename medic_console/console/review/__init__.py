"""Human review: queues, sign-in, cards, pauses, differences."""
