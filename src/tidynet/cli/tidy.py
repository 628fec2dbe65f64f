"""`tidynet tidy`: a table brought into tidy form, or what is not tidy about it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import ForceOption, TableArgument, make_console, option, takes_options, takes_read_options
from tidynet.cli.streams import write_document
from tidynet.core.text import pluralize

if TYPE_CHECKING:
    from tidynet.table.table import Table
    from tidynet.table.tidiness import TidinessIssue

_OUT = option(
    "--out", "-o", metavar="FILE",
    text="A .csv, .tsv, .parquet, .arrow or .jsonl file.  [default: CSV on standard output]",
)  # fmt: skip
# The verbs of `tidynet.tidy`: what stands in their text, and what they do.
_VERBS = {
    "melt": ("COLUMNS …", "Columns that are named by values into rows: 'wk\\d+ names_to=week values_to=rank'."),
    "pivot": ("NAMES VALUES", "Rows of variables into columns: 'element value'."),
    "split_column": ("COLUMN INTO …", "One column into several: 'rate cases,population separator=/'."),
    "unite": ("COLUMNS INTO …", "Several columns into one: 'year,month when separator=-'."),
    "separate_units": ("COLUMN …", "Remove units from cells such as '5 kg': 'weight target_unit=kg'."),
    "fill": ("COLUMNS …", "Fill missing values with the known value before or after: 'block direction=down'."),
    "drop_missing": ("COLUMNS …", "Remove rows with missing values: 'x,y', or all."),
    "impute": ("COLUMNS …", "Replace missing values by one value: 'all', 'age strategy=mean add_indicator=yes'."),
    "drop_duplicates": ("COLUMNS …", "Remove duplicate rows: 'all', 'id keep=last'."),
    "clip_outliers": ("COLUMNS …", "Move outliers to the fence: 'income method=quantile width=0.01'."),
    "drop_rows": ("COLUMN VALUES", "Remove rows such as totals: 'region Total'."),
    "extract_table": (
        "KEY …",
        "Move the columns that depend only on a key to a second table, KEY.csv or as set: 'shop to=shops.csv'.",
    ),
}


@app.command("tidy")
@takes_read_options
@takes_options(
    {
        verb: (list[str] | None, option(f"--{verb.replace('_', '-')}", metavar=metavar, text=text), None)
        for verb, (metavar, text) in _VERBS.items()
    }
)
def tidy_command(
    context: typer.Context,
    table: TableArgument,
    reading: dict[str, Any],
    out: Annotated[Path | None, _OUT] = None,
    force: ForceOption = False,
    **verbs: list[str] | None,
) -> None:
    """Bring a table into tidy form, by verbs in the order they are given.

    What no verb changes stays as it is written: numbers, dates, codes, quotes, separator, line ends and encoding.
    Without a verb: what is not tidy about the table, each with the option that corrects it.
    """
    from tidynet.table.tidy.command_steps import TidyStep
    from tidynet.workflow.tidy import tidiness_of, tidy_source

    steps = [TidyStep.step_from_arguments(verb, text) for verb, text in _in_command_order(context.obj, verbs)]
    if not steps and out is None:
        _print_tidiness_issues(*tidiness_of(table, reading))
        return
    tidied = tidy_source(table, steps, reading, out=out, force=force)
    files = [(item, item.path) for item in tidied if item.path is not None]
    for item, _ in files:
        item.write()
    if out is None:
        write_document(tidied[0].to_text())
        return
    with make_console() as console:
        for item, path in files:
            size = f"{pluralize(item.table.height, 'row')} × {pluralize(len(item.table.columns), 'column')}"
            console.print_file(path, path.stat().st_size, size)


def _in_command_order(command: str, verbs: Mapping[str, list[str] | None]) -> list[tuple[str, str]]:
    """The verbs in the order of the command line, which the options alone do not have."""
    remaining = {verb: list(texts or ()) for verb, texts in verbs.items()}
    order = []
    for word in shlex.split(command):
        verb = word.partition("=")[0].removeprefix("--").replace("-", "_") if word.startswith("--") else ""
        if remaining.get(verb):
            order.append((verb, remaining[verb].pop(0)))
    return order


def _print_tidiness_issues(table: Table, issues: Sequence[TidinessIssue]) -> None:
    from tidynet.table.tidy.command_steps import step_to_arguments

    if not issues:
        print(f"{table.name}: no tidiness issue in column names and cells")
    for issue in issues:
        print(f"{issue.problem}: {issue.sentence}")
        print(f"  {step_to_arguments(issue.function, issue.arguments)}")
