"""What several commands take: their arguments, options and the words that these may hold."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args

import typer

from tidynet.core.errors import TidynetError, did_you_mean
from tidynet.core.text import join_names

if TYPE_CHECKING:
    from tidynet.cli.terminal.console import ConsoleReporter

__all__ = [
    "ColumnNamesOption",
    "ColumnsOption",
    "CurveOption",
    "Effort",
    "FoldsOption",
    "KindOption",
    "ModelArgument",
    "PartOption",
    "QueryOption",
    "Ragged",
    "RaggedOption",
    "ReadOption",
    "RepeatsOption",
    "TableArgument",
    "Task",
    "choice_parser",
    "integer_parser",
    "make_console",
    "number_parser",
    "parse_column_names",
    "parse_read_options",
    "parse_sections",
    "parse_variable_types",
]

Task = Literal["auto", "binary", "multiclass", "regression"]
Ragged = Literal["error", "skip"]
Effort = Literal["fast", "balanced", "best"]
T = TypeVar("T")


def integer_parser(option: str) -> Callable[[str], int]:
    """What reads a whole number from the words of an option."""
    return _parsed(option, int, "a whole number")


def number_parser(option: str) -> Callable[[str], float]:
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


def choice_parser(option: str, choices: tuple[str, ...]) -> Callable[[str], str]:
    """What takes one of the choices of an option, or says which there are."""

    def parse(text: str) -> str:
        if text not in choices:
            raise TidynetError(
                f"{option} is '{text}', expected one of {join_names(choices)}", did_you_mean(text, choices)
            )
        return text

    return parse


TableArgument = Annotated[
    str,
    typer.Argument(
        metavar="TABLE",
        show_default=False,
        help="A file (CSV, TSV, Parquet, JSON lines, Arrow IPC, Excel, SQLite, NumPy; CSV also as .gz or .zst), a "
        "folder of Parquet files, a database such as sqlite:///shop.db with --query, "
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
        parser=choice_parser("--on-bad-lines", get_args(Ragged)),
        help="What to do with rows that have too many or too few fields.",
    ),
]


KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--variable-type",
        metavar="COLUMN=KIND",
        help="A kind that overrules the judgement, such as rank=ordinal; may be given several times.",
    ),
]
ReadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--read-option",
        metavar="NAME=VALUE",
        help='How the table is written, where reading finds it out wrongly: separator=;, decimal=",", thousands=., '
        "encoding=cp1252, comment=%, header_rows=2, na_values=-999|unknown, code_columns=country for a column in which NA is a "
        "code, sheet=2, or dtype=float32 for how numbers are held; may be given several times.",
    ),
]
_NAMES = "The names of the columns of an array (.npy, .npz), joined by commas."
ColumnsOption = Annotated[
    list[str] | None,
    typer.Option("--column-names", metavar="NAME,…", help=_NAMES, show_default=False),
]
# Where --columns chooses among columns.
ColumnNamesOption = Annotated[
    list[str] | None, typer.Option("--column-names", metavar="NAME,…", help=_NAMES, show_default=False)
]
QueryOption = Annotated[
    str | None,
    typer.Option(
        "--query", metavar="SQL", show_default=False, help="What to ask a database such as sqlite:///shop.db."
    ),
]
PartOption = Annotated[
    list[str] | None,
    typer.Option(
        "--section",
        metavar="NAME",
        show_default=False,
        help="What to read from the test rows beside the scores, such as doubt; may be given several times; "
        "scores for nothing more.  [default: all]",
    ),
]
FoldsOption = Annotated[
    int,
    typer.Option(
        "--folds",
        metavar="N",
        parser=integer_parser("--folds"),
        help="Cross-validate with so many folds: networks with the same settings, each learnt from the others. "
        "0 for none.",
    ),
]
RepeatsOption = Annotated[
    int,
    typer.Option("--repeats", metavar="N", parser=integer_parser("--repeats"), help="How often folds are dealt out."),
]
CurveOption = Annotated[
    bool,
    typer.Option(
        "--learning-curve",
        help="Learn from a sixteenth of the rows to all of them, and tell whether more would help.",
    ),
]


def parse_sections(names: list[str] | None) -> str | tuple[str, ...]:
    """The parts of an evaluation that were chosen; a wrong name is said before any work is done."""
    if names is None:
        return "all"
    from tidynet.evaluation.sections import select_sections

    return "all" if "all" in names else select_sections(names)


def parse_variable_types(texts: list[str] | None) -> dict[str, str]:
    """The kinds that were chosen, by column."""
    kinds = {}
    for text in texts or ():
        column, equals, kind = text.rpartition("=")
        if not equals or not column:
            raise TidynetError(
                f"--variable-type is '{text}', expected COLUMN=KIND", "such as --variable-type rank=ordinal"
            )
        kinds[column] = kind
    return kinds


def parse_column_names(texts: list[str] | None) -> list[str] | None:
    """Names joined by commas; a name that holds a comma stands in double quotes."""
    return None if texts is None else [name for row in csv.reader(texts, skipinitialspace=True) for name in row]


def parse_read_options(
    words: list[str] | None, query: str | None = None, columns: list[str] | None = None
) -> dict[str, Any]:
    """What a person has said about how the table is written, as arguments for `tidynet.read`."""
    from tidynet.table.read_options import ReadOptions

    if columns is not None and any(word.partition("=")[0].strip() == "columns" for word in words or ()):
        raise TidynetError("columns are named by --column-names and by --read-option", "leave one of them out")
    user_value = {"query": query, "columns": parse_column_names(columns)}
    text = ReadOptions.from_strings(
        words or (), **{name: item for name, item in user_value.items() if item is not None}
    ).explicit_options()
    return {name: value for name, value in text.items() if name != "on_bad_lines"}


def make_console(*, verbose: bool = False, quiet: bool = False) -> ConsoleReporter:
    """The screen that a command prints on."""
    from tidynet.cli.terminal.console import ConsoleReporter

    return ConsoleReporter(sys.stdout, verbose=verbose, quiet=quiet)
