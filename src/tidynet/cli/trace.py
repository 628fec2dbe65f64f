"""`tidynet trace`: one training step of a model on one row of a table, number by number."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import get_terminal_size
from typing import Annotated, cast

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnsOption,
    ModelArgument,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    choice_parser,
    integer_parser,
    make_console,
    number_parser,
    parse_read_options,
)

__all__ = ["trace_command"]

FORMATS = ("text", "markdown", "latex", "html", "json")


@app.command("trace")
def trace_command(
    model: ModelArgument,
    table: TableArgument,
    row: Annotated[
        int, typer.Option(metavar="N", parser=integer_parser("--row"), help="Which row of the table, counted from 1.")
    ] = 1,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="The target's column, for a model that was not told its name.", show_default=False
        ),
    ] = None,
    member: Annotated[
        int, typer.Option(metavar="N", parser=integer_parser("--member"), help="Which of the model's networks, from 1.")
    ] = 1,
    step: Annotated[
        int,
        typer.Option(
            metavar="N",
            parser=integer_parser("--step"),
            help="Which step in a row; from the second on momentum has a past.",
        ),
    ] = 1,
    optimizer: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Another than the model's own; sgd for plain gradient descent.", show_default=False
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            metavar="RATE",
            parser=number_parser("--learning-rate"),
            help="Another than the model's own.",
            show_default=False,
        ),
    ] = None,
    no_dropout: Annotated[bool, typer.Option("--no-dropout", help="Leave the model's dropout masks out.")] = False,
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="|".join(FORMATS), parser=choice_parser("--format", FORMATS), help="How to write it."
        ),
    ] = "text",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write it.  [default: standard output]"),
    ] = None,
    columns: ColumnsOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
) -> None:
    """Write one training step of a model on one row: every h, a, δ and Δw as formula = numbers = value."""
    from tidynet.byhand.trace import trace_row
    from tidynet.byhand.trace_text import wrap_to_width
    from tidynet.estimators.load import load
    from tidynet.table.read import read as read_table

    loaded = load(model)
    rows = read_table(table, on_bad_lines=cast(Ragged, ragged), **parse_read_options(read, columns=columns))
    result = trace_row(
        loaded, rows, row, target=target, member=member - 1,
        optimizer=optimizer, learning_rate=learning_rate, number=step, dropout=not no_dropout,
    )  # fmt: skip
    if out is None:
        written = result.render(form)
        if form == "text" and sys.stdout.isatty():
            written = wrap_to_width(written, get_terminal_size().columns)
        sys.stdout.write(written)
        return
    size = result.save(out, form)
    with make_console() as display_text:
        display_text.file_written(out, size, f"{form} of one step, ")
