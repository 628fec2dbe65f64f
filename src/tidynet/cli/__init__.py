"""The command: parse, call, print. The library does the work; `terminal` prints it.

Each command is a module; heavy imports stay inside the functions, so that ``tidynet --help`` answers at once.
"""

# isort: off
# The order of these is the order of the help.
from tidynet.cli import train, predict, evaluate, explore, tidy, trace, export, report, notebook, environment  # noqa: F401

# isort: on
from tidynet.cli.app import app
from tidynet.cli.main import main

__all__ = ["app", "main"]
