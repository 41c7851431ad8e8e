"""Charts in characters, with every number beside its bar: the same lines on the command line and in the console."""
