"""What several commands take: their arguments, options and the words that these may hold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, get_args

import typer

from tidynet.errors import TidynetError, did_you_mean, listed

if TYPE_CHECKING:
    from tidynet.terminal.screen import Screen

__all__ = [
    "Effort",
    "ModelArgument",
    "Ragged",
    "RaggedOption",
    "TableArgument",
    "Task",
    "number",
    "one_of",
    "screen",
    "whole",
]

Task = Literal["auto", "binary", "multiclass", "regression"]
Ragged = Literal["error", "skip"]
Effort = Literal["fast", "balanced", "best"]
T = TypeVar("T")


def whole(option: str) -> Callable[[str], int]:
    """What reads a whole number from the words of an option."""
    return _parsed(option, int, "a whole number")


def number(option: str) -> Callable[[str], float]:
    """What reads a number from the words of an option."""
    return _parsed(option, float, "a number")


def _parsed(option: str, convert: Callable[[str], T], expected: str) -> Callable[[str], T]:
    def parse(text: str) -> T:
        try:
            return convert(text)
        except ValueError:
            # A plain TidynetError: typer would take an InputError, being a ValueError, for its own.
            raise TidynetError(f"{option} is '{text}', expected {expected}") from None

    return parse


def one_of(option: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """What takes one of the choices of an option, or says which there are."""

    def parse(text: str) -> str:
        if text not in choices:
            raise TidynetError(f"{option} is '{text}', expected one of {listed(choices)}", did_you_mean(text, choices))
        return text

    return parse


TableArgument = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="A file (CSV, TSV, Parquet, JSON lines, Arrow IPC, Excel; CSV also as .gz or .zst), "
        "'-' for CSV on standard input, or the name of a shipped table such as penguins.",
    ),
]
ModelArgument = Annotated[
    Path, typer.Argument(metavar="MODEL", show_default=False, help="A model file that `train` wrote.")
]
RaggedOption = Annotated[
    str,
    typer.Option(
        metavar="error|skip",
        parser=one_of("--ragged", get_args(Ragged)),
        help="What to do with rows that have too many or too few fields.",
    ),
]


def screen(*, verbose: bool = False, quiet: bool = False) -> Screen:
    """The screen that a command prints on."""
    from tidynet.terminal.screen import Screen

    return Screen(sys.stdout, verbose=verbose, quiet=quiet)
