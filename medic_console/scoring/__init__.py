"""From a model's text to an answer, and from an answer to a score; the flow of each item. No archive, no screen."""
