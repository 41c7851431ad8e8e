"""Several engines of one model behind the port of one."""
