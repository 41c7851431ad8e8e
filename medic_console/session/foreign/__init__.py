"""Outputs that another program had of a model, taken in as a run that is marked "not run here"."""
