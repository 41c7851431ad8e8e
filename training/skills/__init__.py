"""What the demo models learn, one module a skill: each writes groups of invented examples."""
