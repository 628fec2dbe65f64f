"""``python -m tidynet`` is the command ``tidynet``."""

import sys

from tidynet.cli import main

if __name__ == "__main__":
    sys.exit(main())
