"""The headless twin: everything the console does, for scripts and terminals without a screen."""
