"""From a model's text to an answer, and from an answer to a score. Pure: no model, no archive, no screen."""
