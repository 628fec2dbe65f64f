"""The errors and warnings of the package: what is wrong, with which value, and how to fix it.

The command prints ``str(error)`` as one line and exits with ``error.exit_code``; in Python, an InputError is a
``ValueError``.
"""

from __future__ import annotations

import difflib
import os
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tidynet.core.text import join_names


class TidynetError(Exception):
    """The base class of all errors that tidynet raises.

    Parameters
    ----------
    message : str
        What is wrong: the name, its value and the expected value.
    hint : str, optional
        How to fix it; added to the message.

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
    """A value, a column, a table or an option that is not valid."""


class FileReadError(InputError, OSError):
    """A file that is missing, unreadable, damaged or cannot be written."""

    def __str__(self) -> str:
        return TidynetError.__str__(self)


class MissingDependencyError(TidynetError, ImportError):
    """A feature whose optional package is not installed."""


class TidynetWarning(UserWarning):
    """A problem that does not stop the work; the command prints it as one line."""


class ColumnWarning(TidynetWarning):
    """A column with another type than in the training data of a model."""


@contextmanager
def suppress_column_warnings() -> Iterator[None]:
    """No ColumnWarning while notes list the same changes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ColumnWarning)
        yield


def folder_not_found_error(path: Path) -> FileReadError:
    """The error for an output file whose folder does not exist."""
    return FileReadError(f"there is no folder '{path.parent}' for '{path.name}'", "create it or choose another path")


def check_is_path(path: object, name: str = "path") -> None:
    """Raise unless a value is the path of a file; open files and buffers are none."""
    if not isinstance(path, (str, os.PathLike)):
        raise InputError(f"{name} is of type {type(path).__name__}, expected the path of a file", "give a file name")


def check_folder(path: Path, option: str = "--out") -> None:
    """Raise if the folder of an output file does not exist or cannot be written, before any work."""
    if not path.parent.is_dir():
        raise folder_not_found_error(path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise FileReadError(f"the folder '{path.parent}' cannot be written", f"choose another with {option}")


def check_overwrite(path: Path, force: bool, option: str = "--out", force_option: str = "--force") -> None:
    """Raise if an output file exists and may not be replaced."""
    if path.exists() and not force:
        other = f"choose another name{f' with {option}' if option else ''}"
        raise FileReadError(f"'{path}' exists already", f"replace it with {force_option}, or {other}")


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """A hint with the candidate most similar to a misspelled name, or an empty string."""
    by_fold = {candidate.casefold(): candidate for candidate in candidates}
    nearest = difflib.get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f"did you mean '{by_fold[nearest[0]]}'?" if nearest else ""


def check_choice(name: str, value: str, allowed: Collection[str]) -> None:
    """Raise if the value of a parameter is not one of the allowed values."""
    if value not in allowed:
        raise InputError(f"{name} is '{value}', expected one of {join_names(allowed)}", did_you_mean(value, allowed))


def check_column_exists(column: str, names: Sequence[str]) -> None:
    """Raise if a column does not exist."""
    if column not in names:
        hint = did_you_mean(str(column), names) or "give the name of one of these columns"
        raise InputError(f"there is no column '{column}' among {join_names(names)}", hint)


def error_reason(error: BaseException) -> str:
    r"""The first line of another library's message, without its full stop."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return first.rstrip(".")


def unreadable_file_error(label: str, format_name: str, error: BaseException) -> FileReadError:
    """The error for a file whose content is damaged."""
    reason = error_reason(error)
    return FileReadError(f"{label} cannot be read as {format_name}: {reason}", "copy it or write it again")
