"""`python -m aquifer` is the `aquifer` command."""

import sys

from aquifer.cli import main

sys.exit(main())
