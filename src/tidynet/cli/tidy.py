"""`tidynet tidy`: a table brought into tidy form, or what is not tidy about it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnsOption,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    make_console,
    parse_read_options,
)

__all__ = ["tidy_command"]

_Words = list[str] | None


def _verb(name: str, words: str, text: str) -> Any:
    return typer.Option(f"--{name}", metavar=words, help=text, show_default=False)


@app.command("tidy")
def tidy_command(
    context: typer.Context,
    table: TableArgument,
    melt: Annotated[
        _Words,
        _verb("melt", "COLUMNS …", "Columns named by values into rows: 'wk\\d+ names_to=week values_to=rank'."),
    ] = None,
    pivot: Annotated[_Words, _verb("pivot", "NAMES VALUES", "Rows of variables into columns: 'element value'.")] = None,
    split_column: Annotated[
        _Words, _verb("split-column", "COLUMN INTO …", "One column into several: 'rate cases,population by=/'.")
    ] = None,
    unite: Annotated[
        _Words, _verb("unite", "COLUMNS INTO …", "Several columns into one: 'year,month when by=-'.")
    ] = None,
    separate_units: Annotated[
        _Words, _verb("separate-units", "COLUMN …", "Take units out of cells such as '5 kg': 'weight to=kg'.")
    ] = None,
    fill: Annotated[
        _Words, _verb("fill", "COLUMNS …", "Carry known values on into gaps: 'block direction=down'.")
    ] = None,
    drop_missing: Annotated[
        _Words, _verb("drop-missing", "COLUMNS …", "Leave out rows with missing values: 'x,y', or all.")
    ] = None,
    impute: Annotated[
        _Words, _verb("impute", "COLUMNS …", "Put one value into the gaps: 'all', 'age how=mean mark=yes'.")
    ] = None,
    drop_duplicates: Annotated[
        _Words, _verb("drop-duplicates", "COLUMNS …", "Leave out rows that come again: 'all', 'id keep=last'.")
    ] = None,
    clip_outliers: Annotated[
        _Words,
        _verb("clip-outliers", "COLUMNS …", "Pull far values in to the fence: 'income rule=quantile width=0.01'."),
    ] = None,
    drop_rows: Annotated[
        _Words, _verb("drop-rows", "COLUMN VALUES", "Leave out rows such as totals: 'region Total'.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="A .csv, .tsv, .parquet, .arrow or .jsonl file.  [default: CSV on standard output]",
        ),
    ] = None,
    columns: ColumnsOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Bring a table into tidy form, by verbs in the order they are given.

    Without a verb it says what is not tidy about the table, each with the option that mends it.
    """
    from tidynet.output.report.write_table import check_table_file, write_table
    from tidynet.table.read import read as read_table
    from tidynet.table.tidy.command_steps import TidyStep

    text = {
        "melt": melt, "pivot": pivot, "split_column": split_column, "unite": unite, "separate_units": separate_units,
        "fill": fill, "drop_missing": drop_missing, "impute": impute, "drop_duplicates": drop_duplicates,
        "clip_outliers": clip_outliers, "drop_rows": drop_rows,
    }  # fmt: skip
    steps = [TidyStep.step_from_arguments(verb, words) for verb, words in _in_command_order(context.obj, text)]
    if out is not None:
        check_table_file(out, force=force)
    whole = read_table(table, on_bad_lines=cast(Ragged, ragged), **parse_read_options(read, query, columns))
    if not steps and out is None:
        _print_tidiness_issues(whole)
        return
    for step in steps:
        whole = step(whole)
    if out is None:
        sys.stdout.write(whole.frame.write_csv())
        return
    write_table(whole.frame, out)
    with make_console() as display_text:
        display_text.file_written(out, out.stat().st_size, f"{whole.height:,} rows × {len(whole.columns)} columns, ")


def _in_command_order(command: str, text: dict[str, _Words]) -> list[tuple[str, str]]:
    """The verbs in the order of the command line, which the options alone no longer know."""
    remaining = {verb: list(words or ()) for verb, words in text.items()}
    order = []
    for word in shlex.split(command):
        verb = word.partition("=")[0].removeprefix("--").replace("-", "_") if word.startswith("--") else ""
        if remaining.get(verb):
            order.append((verb, remaining[verb].pop(0)))
    return order


def _print_tidiness_issues(table: Any) -> None:
    from tidynet.table.tidiness import check_tidiness
    from tidynet.table.tidy.command_steps import VERBS, step_to_arguments

    result = check_tidiness(table.frame, table.inferred_types)
    if not result:
        print(f"{table.name} is tidy, as far as names and cells tell")
    for item in result:
        print(f"{item.what}: {item.sentence}")
        print(f"  {step_to_arguments(item.function, item.arguments) if item.function in VERBS else item.call}")
