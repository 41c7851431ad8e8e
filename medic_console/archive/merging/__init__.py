"""Runs that go from one archive to another: chosen ones into a file of their own, those of others into this one."""
