"""What engine and parent tell each other."""
