"""`tidynet explore`: a table looked at, in the terminal and as a report."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnNamesOption,
    KindOption,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    choice_parser,
    integer_parser,
    make_console,
    parse_column_names,
    parse_read_options,
    parse_variable_types,
)
from tidynet.core.errors import TidynetError

if TYPE_CHECKING:
    from tidynet.workflow.explore import Exploration, TableComparisonResult

__all__ = ["explore_command"]


@app.command("explore")
def explore_command(
    context: typer.Context,
    table: TableArgument,
    other: Annotated[
        str | None,
        typer.Argument(
            metavar="TABLE2",
            show_default=False,
            help="A second table to compare the first with, such as the test rows, or this month's.",
        ),
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column that is to be predicted: shown first.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The report, .html.  [default: <table>-explore.html]"),
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all numbers as JSON, too.")] = None,
    figures: Annotated[
        Path | None, typer.Option("--figures", metavar="FOLDER", help="Write every picture into a folder, too.")
    ] = None,
    picture_format: Annotated[
        str,
        typer.Option(
            "--figure-format",
            metavar="svg|png",
            parser=choice_parser("--figure-format", ("svg", "png")),
            help="The format of these pictures.",
        ),
    ] = "svg",
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN,…",
            help="Look at these columns alone, joined by commas; may be given several times. (--column-names names "
            "those of an array.)",
        ),
    ] = None,
    kind: KindOption = None,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample-size",
            metavar="N",
            parser=integer_parser("--sample-size"),
            help="Look at so many rows, drawn at random.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=integer_parser("--seed"), help="Decides the sample.")] = 0,
    column_names: ColumnNamesOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
    force: Annotated[bool, typer.Option("--force", help="Replace a report that is there.")] = False,
    open_report: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only one line and the files.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print every finding, and why each column is judged to be what it is.")
    ] = False,
) -> None:
    """Look at a table: what it holds, what deserves attention, and a report to search and share.

    With two tables it says how the second differs from the first.
    """
    from tidynet.output.report.explore_files import OutputPaths
    from tidynet.workflow.explore import compare
    from tidynet.workflow.explore import explore as explored

    tables = [table] if other is None else [table, other]
    user_value = {"--target": target, "--sample-size": sample, "--figure-format png": picture_format == "png" or None}
    _check_option_combination(other, [name for name, value in user_value.items() if value is not None])
    outputs = OutputPaths.check_paths(
        *tables, report=out, json=json, figures_folder=figures, figure_format=picture_format, force=force
    )
    choices: dict[str, Any] = {
        "columns": parse_column_names(columns),
        "variable_types": parse_variable_types(kind),
        "command": context.obj,
        "on_bad_lines": cast(Ragged, ragged),
    } | _read_options(read, query, column_names)
    with make_console(verbose=verbose, quiet=quiet) as display_text:
        made: Exploration | TableComparisonResult
        if other is None:
            made = explored(
                table, target, sample_size=sample, seed=seed, on_message=display_text.show_status, **choices
            )
            display_text.exploration(made)
        else:
            made = compare(table, other, on_message=display_text.show_status, **choices)
            display_text.comparison(made)
        for path, byte_count in outputs.write(made):
            display_text.file_written(path, byte_count)
    if open_report:
        webbrowser.open(outputs.report.absolute().as_uri())


def _check_option_combination(other: str | None, user_value: list[str]) -> None:
    if other is not None and user_value:
        raise TidynetError(f"{user_value[0]} has no use with two tables", f"leave it out, or leave '{other}' out")


def _read_options(arguments: list[str] | None, query: str | None, names: list[str] | None) -> dict[str, Any]:
    """How the table is written; the names of an array's columns are not those to look at."""
    text = parse_read_options(arguments, query, names)
    return {"column_names" if name == "columns" else name: value for name, value in text.items()}
