"""Arguments and options that several commands take, and how the text of an option becomes its value."""

from __future__ import annotations

import csv
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_type_hints

import typer
from typer.models import OptionInfo

from tidynet.core.errors import TidynetError, did_you_mean
from tidynet.core.text import join_names
from tidynet.workflow.options import OptionSpec, TrainOptions, option_specs

if TYPE_CHECKING:
    from tidynet.cli.terminal.console import ConsoleReporter

Parse = type[int] | type[float] | tuple[str, ...] | None
Command = TypeVar("Command", bound=Callable[..., None])


def option(*flags: str, metavar: str = "", text: str, parse: Parse = None) -> Any:
    """A typer option that reads a number or one of several choices, with our errors."""
    if isinstance(parse, tuple):
        metavar = "|".join(parse)
    parser = None if parse is None else _parser(flags[0], parse)
    return typer.Option(*flags, metavar=metavar or None, help=text, parser=parser, show_default=parse is not None)


def _parser(flag: str, parse: type[int] | type[float] | tuple[str, ...]) -> Callable[[str], Any]:
    def parse_text(text: str) -> Any:
        # A plain TidynetError: typer takes an InputError, which is a ValueError, for its own.
        if isinstance(parse, tuple):
            if text not in parse:
                expected = f"expected one of {join_names(parse)}"
                raise TidynetError(f"{flag} is '{text}', {expected}", did_you_mean(text, parse))
            return text
        try:
            return parse(text)
        except ValueError:
            expected = "a whole number" if parse is int else "a number"
            raise TidynetError(f"{flag} is '{text}', expected {expected}") from None

    return parse_text


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
ForceOption = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="Print the result in one sentence, and the files.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Print everything.")]
FileOption = Annotated[
    Path | None, option("--out", "-o", metavar="FILE", text="The file to write.  [default: standard output]")
]

Declared = tuple[Any, Any, Any]
"""The type of an option, its typer option, and its default."""

# Each is text here; ReadOptions checks it under the same name.
_DIALECT_FLAGS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "format": (("--format",), "NAME", "The format: text, workbook, parquet, arrow, json, numpy or sqlite."),
    "encoding": (("--encoding",), "NAME", "The encoding of a text, such as cp1252 or shift_jis."),
    "separator": (("--separator",), "MARKS", "What separates the fields: ';', '||', tab, blank, or blanks for runs."),
    "quote": (("--quote",), "MARK", "The mark around quoted fields, or none."),
    "escape": (("--escape",), "MARK", "The mark before a quote or separator that is a letter, or none."),
    "comment": (("--comment",), "TEXT", "The start of comment lines, or '' for no comments."),
    "skip_lines": (("--skip-lines",), "N", "How many lines stand above the header."),
    "header_rows": (("--header-rows",), "N", "How many lines hold column names; 0 for none."),
    "footer_lines": (("--footer-lines",), "N", "How many lines below the table do not belong to it."),
    "decimal": (("--decimal",), "MARK", "The decimal mark: . or ,"),
    "thousands": (("--thousands",), "MARK", "The mark between thousands: , . ' or a blank."),
    "date_order": (("--date-order",), "ORDER", "The order of dates: dmy, mdy or ymd."),
    "na_values": (("--na-values", "--missing"), "TEXT", "Another spelling of a missing value; several with |."),
    "sheet": (("--sheet",), "NAME", "The sheet of a workbook or the array of an archive, by name or number."),
}

_READ_OPTIONS: dict[str, Declared] = {
    "read_option": (
        list[str] | None,
        option(
            "--read-option",
            metavar="NAME=VALUE",
            text="How the table is written, where tidynet infers it wrong: any option of `tidynet.read`, such as "
            "separator=;, code_columns=country for a column in which NA is a code, or dtype=float32; "
            "may be given several times.",
        ),
        None,
    ),
    **{
        name: (str | None, option(*flags, metavar=metavar, text=text), None)
        for name, (flags, metavar, text) in _DIALECT_FLAGS.items()
    },
    "on_bad_lines": (
        str,
        option(
            "--on-bad-lines",
            text="What to do with lines of too many or too few fields.",
            parse=("error", "skip", "fill"),
        ),
        "error",
    ),
    "column_names": (
        list[str] | None,
        option("--column-names", metavar="NAME,…", text="The column names of an array (.npy, .npz), with commas."),
        None,
    ),
    "query": (
        str | None,
        option("--query", metavar="SQL", text="The query to a database such as sqlite:///shop.db."),
        None,
    ),
}


def takes_options(
    declared: Mapping[str, Declared],
    convert: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    *,
    come_last: bool = False,
) -> Callable[[Command], Command]:
    """Give a command these options by name, where its own parameters have no typer annotation.

    `convert` makes the command's arguments of the values that typer read. In the help they stand before the command's
    own options, or after them.
    """
    new = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[hint, info])
        for name, (hint, info, default) in declared.items()
    ]

    def decorate(command: Command) -> Command:
        """The command with the options in its signature."""

        @wraps(command)
        def run(**values: Any) -> None:
            command(**convert(values))

        own = inspect.signature(command, eval_str=True).parameters.values()
        kept = [item for item in own if item.annotation is typer.Context or hasattr(item.annotation, "__metadata__")]
        kept = [item.replace(kind=inspect.Parameter.KEYWORD_ONLY) for item in kept]
        first = [item for item in kept if come_last or not _is_option(item)]
        # A flag of the command's own, such as --format of `trace`, is not one of reading.
        taken = {flag for item in kept for flag in _flags(item)}
        added = [item for item in new if not _flags(item) & taken]
        parameters = [*first, *added, *(item for item in kept if item not in first)]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {item.name: item.annotation for item in parameters}
        return run  # type: ignore[return-value]

    return decorate


def _flags(item: inspect.Parameter) -> set[str]:
    infos = (info for info in getattr(item.annotation, "__metadata__", ()) if isinstance(info, OptionInfo))
    # typer takes the first flag of an annotation for its default.
    return {str(flag) for info in infos for flag in (info.default, *(info.param_decls or ()))}


def _is_option(item: inspect.Parameter) -> bool:
    return any(isinstance(info, OptionInfo) for info in getattr(item.annotation, "__metadata__", ()))


def _read_values(values: dict[str, Any]) -> dict[str, Any]:
    reading = parse_read_options(**{name: values.pop(name, None) for name in _READ_OPTIONS})
    return {**values, "reading": reading}


takes_read_options = takes_options(_READ_OPTIONS, _read_values, come_last=True)
"""Gives a command the options of reading a table, as the argument `reading` for `tidynet.read`."""


def takes_train_options(*names: str) -> Callable[[Command], Command]:
    """Give a command these options of a run, or all of them, as `TrainOptions` declares them."""
    specs = {name: spec for name, spec in option_specs().items() if not names or name in names}
    hints = get_type_hints(TrainOptions)
    defaults = {item.name: ... if item.default is MISSING else item.default for item in fields(TrainOptions)}

    def declare(name: str, spec: OptionSpec) -> Declared:
        hint, default = (hints[name], defaults[name]) if spec.from_texts is None else (list[str] | None, None)
        number = next((kind for kind in (int, float) if kind in (get_args(hint) or (hint,))), None)
        info = option(spec.flag, metavar=spec.metavar, text=spec.help, parse=spec.choices or number)
        return hint, info, default

    def convert(values: dict[str, Any]) -> dict[str, Any]:
        made = {
            name: spec.from_texts(values[name] or ()) for name, spec in specs.items() if spec.from_texts is not None
        }
        return values | made

    return takes_options({name: declare(name, spec) for name, spec in specs.items()}, convert)


def parse_column_names(texts: list[str] | None) -> list[str] | None:
    """Names separated by commas; a name that holds a comma stands in double quotes."""
    return None if texts is None else [name for row in csv.reader(texts, skipinitialspace=True) for name in row]


def parse_read_options(
    read_option: list[str] | None,
    on_bad_lines: str = "error",
    column_names: list[str] | None = None,
    query: str | None = None,
    **dialect: str | None,
) -> dict[str, Any]:
    """The options of reading that were given, as `tidynet.read` takes them."""
    from tidynet.table.read_options import ReadOptions

    named = {text.partition("=")[0].strip().replace("-", "_") for text in read_option or ()}
    if column_names is not None and "columns" in named:
        raise TidynetError("columns are named by --column-names and by --read-option", "remove one of them")
    flags = {name: value for name, value in dialect.items() if value is not None}
    for name in flags:
        if name in named:
            raise TidynetError(f"{name} is set by {_DIALECT_FLAGS[name][0][0]} and by --read-option", "remove one")
    given = {"query": query, "columns": parse_column_names(column_names), "on_bad_lines": on_bad_lines}
    texts = [*(read_option or ()), *(f"{name}={value}" for name, value in flags.items())]
    options = ReadOptions.from_strings(
        texts, **{name: value for name, value in given.items() if value is not None}
    ).explicit_options()
    return {name: value for name, value in options.items() if (name, value) != ("on_bad_lines", "error")}


def make_console(*, verbose: bool = False, quiet: bool = False) -> ConsoleReporter:
    """The screen that a command prints on."""
    from tidynet.cli.terminal.console import ConsoleReporter

    return ConsoleReporter(sys.stdout, verbose=verbose, quiet=quiet)
