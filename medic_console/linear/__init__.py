"""The console in numbered lines, without cursor movement: for screen readers, logs and dumb terminals."""
