"""What comes from strangers: files, templates, statements. Each test was seen to fail with its defence removed."""
