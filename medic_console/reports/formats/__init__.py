"""A report in standard formats of other people's; each is checked by its own schema in the tests."""
