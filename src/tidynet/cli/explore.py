"""`tidynet explore`: a table looked at, in the terminal and as a report."""

from __future__ import annotations

import csv
import webbrowser
from pathlib import Path
from typing import Annotated, cast

import typer

from tidynet.cli.application import app
from tidynet.cli.options import Ragged, RaggedOption, TableArgument, one_of, screen, whole
from tidynet.errors import InputError

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
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=KIND",
            help="A kind that overrules the judgement, such as rank=ordinal; may be given several times.",
        ),
    ] = None,
    sample: Annotated[
        int | None,
        typer.Option(metavar="N", parser=whole("--sample"), help="Look at so many rows, drawn at random."),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", parser=whole("--seed"), help="Decides the sample.")] = 0,
    query: Annotated[
        str | None,
        typer.Option(metavar="SQL", help="What to ask the database that TABLE names, such as sqlite:///shop.db."),
    ] = None,
    read: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="How the table is to be read, where the reader should not find it out: separator, decimal, thousands, "
            "encoding, comment, header_rows, missing, sheet; may be given several times.",
        ),
    ] = None,
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
    from tidynet.table.reading import Reading

    reading = Reading.of_words(read or (), ragged=cast(Ragged, ragged), **({"query": query} if query else {}))
    outputs = Outputs.checked(table, report=out, json=json, pictures=pictures, form=picture_format, force=force)
    with screen(verbose=verbose, quiet=quiet) as shown:
        seen = explored(
            table,
            target,
            columns=_names(columns),
            sample=sample,
            kinds=_kinds(kind),
            seed=seed,
            command=context.obj,
            tell=shown.working,
            **reading.said(),
        )
        shown.exploration(seen)
        for path, byte_count in outputs.write(seen):
            shown.file(path, byte_count)
    if open_report:
        webbrowser.open(outputs.report.absolute().as_uri())


def _names(texts: list[str] | None) -> list[str] | None:
    """Names joined by commas; a name that holds a comma stands in double quotes."""
    return None if texts is None else [name for row in csv.reader(texts, skipinitialspace=True) for name in row]


def _kinds(texts: list[str] | None) -> dict[str, str]:
    kinds = {}
    for text in texts or ():
        column, equals, kind = text.rpartition("=")
        if not equals or not column:
            raise InputError(f"--kind is '{text}', expected COLUMN=KIND", "such as --kind rank=ordinal")
        kinds[column] = kind
    return kinds
