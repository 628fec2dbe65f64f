"""One family of errors: what is wrong, with which value, and what to do about it.

Every mistake that a user can make ends here. The command prints ``str(error)`` as one sentence
and leaves with ``error.exit_code``; from Python the same error is an ordinary ``ValueError``.
"""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = [
    "ColumnWarning",
    "FileReadError",
    "InputError",
    "MissingDependencyError",
    "TidynetError",
    "TidynetWarning",
    "check_folder",
    "did_you_mean",
    "folder_not_found_error",
    "suppress_column_warnings",
]


class TidynetError(Exception):
    """The root of all errors that tidynet raises on purpose.

    Parameters
    ----------
    message : str
        What is wrong, naming the thing, its value and what was expected.
    hint : str, optional
        What to do about it; joined to the message.

    >>> error = TidynetError("the learning rate is −1, expected a number above 0", "try 0.001")
    >>> str(error)
    'the learning rate is −1, expected a number above 0; try 0.001'
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class InputError(TidynetError, ValueError):
    """A value, a column, a table or an option that cannot be used as given."""


class FileReadError(InputError, OSError):
    """A file that is missing, unreadable, damaged or cannot be written."""

    def __str__(self) -> str:
        return TidynetError.__str__(self)


class MissingDependencyError(TidynetError, ImportError):
    """A feature whose optional packages are not installed."""


class TidynetWarning(UserWarning):
    """What a person should know, though the work goes on; the command says it as one sentence."""


class ColumnWarning(TidynetWarning):
    """A column that came as another type than a model learnt it."""


@contextmanager
def suppress_column_warnings() -> Iterator[None]:
    """While notes tell of columns that came otherwise, no warning says the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColumnWarning)
        yield


def folder_not_found_error(path: Path) -> FileReadError:
    """What is said of a file that is to be written into a folder that is not there.

    >>> str(folder_not_found_error(Path("plots/loss.svg")))
    "there is no folder 'plots' for 'loss.svg'; make it first, or choose another place"
    """
    return FileReadError(
        f"there is no folder '{path.parent}' for '{path.name}'", "make it first, or choose another place"
    )


def check_folder(path: Path, option: str = "--out") -> None:
    """Refuse a file whose folder is not there or cannot be written, before any work is done."""
    if not path.parent.is_dir():
        raise folder_not_found_error(path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FileReadError(f"the folder '{path.parent}' cannot be written", f"choose another with {option}")


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """The hint that names the candidate nearest to a misspelt name, or an empty string.

    >>> did_you_mean("specis", ["species", "island"])
    "did you mean 'species'?"
    >>> did_you_mean("zebra", ["species", "island"])
    ''
    """
    by_fold = {candidate.casefold(): candidate for candidate in candidates}
    nearest = difflib.get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f"did you mean '{by_fold[nearest[0]]}'?" if nearest else ""


def error_reason(error: BaseException) -> str:
    r"""The first line of another library's message, without its full stop.

    >>> error_reason(ValueError("bad page.\nYou might try something else."))
    'bad page'
    """
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first.rstrip(".")


def unreadable_file_error(label: str, format_name: str, error: BaseException) -> FileReadError:
    """The error for a file whose content is damaged."""
    reason = error_reason(error)
    return FileReadError(f"{label} cannot be read as {format_name}: {reason}", "copy it or write it again")
