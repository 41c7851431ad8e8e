"""All tests. Hundreds of processes start from the checkout: what one of them has compiled is kept for the others."""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
