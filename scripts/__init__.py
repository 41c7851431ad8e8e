"""What makes bundled files; no part of the program."""
