"""Methods of judges, a folder each."""
