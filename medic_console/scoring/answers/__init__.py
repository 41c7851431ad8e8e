"""What a text answers, read apart from scoring."""
