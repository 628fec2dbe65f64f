"""`tidynet explore`: the profile and the findings of a table, on the screen and as a report."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ForceOption,
    QuietOption,
    TableArgument,
    VerboseOption,
    make_console,
    option,
    parse_column_names,
    takes_read_options,
    takes_train_options,
)
from tidynet.core.errors import TidynetError

_OTHER = typer.Argument(
    metavar="TABLE2",
    show_default=False,
    help="A second table to compare the first with, such as the test set, or this month's rows.",
)
_OUT = option("--out", "-o", metavar="FILE", text="The report, .html.  [default: <table>-explore.html]")
_COLUMNS = option(
    "--columns",
    metavar="COLUMN,…",
    text="Profile these columns alone, separated by commas; may be given several times.",
)


@app.command("explore")
@takes_read_options
@takes_train_options("variable_types")
def explore_command(
    context: typer.Context,
    table: TableArgument,
    variable_types: dict[str, str],
    reading: dict[str, Any],
    other: Annotated[str | None, _OTHER] = None,
    target: Annotated[str | None, option("--target", metavar="COLUMN", text="The column to predict.")] = None,
    out: Annotated[Path | None, _OUT] = None,
    json: Annotated[Path | None, option("--json", metavar="FILE", text="Write all numbers as JSON too.")] = None,
    figures: Annotated[Path | None, option("--figures", metavar="FOLDER", text="Write every figure too.")] = None,
    figure_format: Annotated[
        str, option("--figure-format", text="The format of these figures.", parse=("svg", "png"))
    ] = "svg",
    columns: Annotated[list[str] | None, _COLUMNS] = None,
    sample_size: Annotated[
        int | None, option("--sample-size", metavar="N", text="Profile a random sample of N rows.", parse=int)
    ] = None,
    seed: Annotated[int, option("--seed", metavar="N", text="Seed of the sample.", parse=int)] = 0,
    force: ForceOption = False,
    open_report: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Profile a table: its columns, findings with what to do about them, and a report to search and share.

    With two tables: how the second differs from the first.
    """
    from tidynet.output.report.explore_files import OutputPaths
    from tidynet.workflow.explore import compare, explore

    tables = [table] if other is None else [table, other]
    given = {"--target": target, "--sample-size": sample_size, "--figure-format": figure_format == "png" or None}
    useless = [flag for flag, value in given.items() if value is not None]
    if other is not None and useless:
        raise TidynetError(f"{useless[0]} has no effect with two tables", f"remove it, or remove '{other}'")
    outputs = OutputPaths.check_paths(
        *tables, report=out, json=json, figures_folder=figures, figure_format=figure_format, force=force
    )
    if "columns" in reading:  # of an array; --columns selects
        reading["column_names"] = reading.pop("columns")
    reading |= {"columns": parse_column_names(columns), "variable_types": variable_types, "command": context.obj}
    # Files first: output that fails must lose none of them.
    with make_console(verbose=verbose, quiet=quiet) as console:
        if other is None:
            seen = explore(table, target, sample_size=sample_size, seed=seed, on_message=console.show_status, **reading)
            files = tuple(outputs.write(seen))
            console.print_exploration(seen)
            console.print_exploration_files(files, len(seen.findings))
        else:
            compared = compare(table, other, on_message=console.show_status, **reading)
            files = tuple(outputs.write(compared))
            console.print_comparison(compared)
            console.print_exploration_files(files, 0)
    if open_report:
        webbrowser.open(outputs.report.absolute().as_uri())
