"""`tidynet explore`: a table looked at, in the terminal and as a report."""

from __future__ import annotations

import csv
import webbrowser
from pathlib import Path
from typing import Annotated, cast

import typer

from tidynet.cli.application import app
from tidynet.cli.options import (
    KindOption,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    kinds_of,
    one_of,
    reading_of,
    screen,
    whole,
)

__all__ = ["explore"]


@app.command()
def explore(
    context: typer.Context,
    table: TableArgument,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="The column that is to be predicted: shown first.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The report, .html.  [default: <table>-explore.html]"),
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write all numbers as JSON, too.")] = None,
    pictures: Annotated[
        Path | None, typer.Option("--pictures", metavar="FOLDER", help="Write every picture into a folder, too.")
    ] = None,
    picture_format: Annotated[
        str,
        typer.Option(
            "--picture-format",
            metavar="svg|png",
            parser=one_of("--picture-format", ("svg", "png")),
            help="The format of these pictures.",
        ),
    ] = "svg",
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN,…", help="Look at these columns alone, joined by commas; may be given several times."
        ),
    ] = None,
    kind: KindOption = None,
    sample: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole("--sample"), help="Look at so many rows, drawn at random."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole("--seed"), help="Decides the sample.")] = 0,
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
    """Look at a table: what it holds, what deserves attention, and a report to search and share."""
    from tidynet.exploration import explore as explored
    from tidynet.share.explore_files import Outputs

    reading = reading_of(read, query)
    outputs = Outputs.checked(table, report=out, json=json, pictures=pictures, form=picture_format, force=force)
    with screen(verbose=verbose, quiet=quiet) as shown:
        seen = explored(
            table,
            target,
            columns=_names(columns),
            sample=sample,
            kinds=kinds_of(kind),
            seed=seed,
            command=context.obj,
            tell=shown.working,
            ragged=cast(Ragged, ragged),
            **reading,
        )
        shown.exploration(seen)
        for path, byte_count in outputs.write(seen):
            shown.file(path, byte_count)
    if open_report:
        webbrowser.open(outputs.report.absolute().as_uri())


def _names(texts: list[str] | None) -> list[str] | None:
    """Names joined by commas; a name that holds a comma stands in double quotes."""
    return None if texts is None else [name for row in csv.reader(texts, skipinitialspace=True) for name in row]
