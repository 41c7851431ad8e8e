"""A report for a committee, asked for in a form and written in a thread."""
