"""`tidynet trace`: one training step of a model on one row of a table, number by number."""

from __future__ import annotations

import sys
from shutil import get_terminal_size
from typing import Annotated, Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import FileOption, ModelArgument, TableArgument, make_console, option, takes_read_options
from tidynet.cli.streams import write_document

FORMATS = ("text", "markdown", "latex", "html", "json")
_TARGET = option("--target", metavar="COLUMN", text="The target column, for a model that does not know its name.")
_STEP = option("--step", metavar="N", text="Which step in a row; from the second on momentum has a past.", parse=int)
_OPTIMIZER = option(
    "--optimizer", metavar="NAME", text="Another optimizer than the model's; sgd for plain gradient descent."
)
_RATE = option("--learning-rate", metavar="RATE", text="Another learning rate than the model's.", parse=float)

_MAX_UNITS = option(
    "--max-units", metavar="N", parse=int,
    text="The most units of a layer, and above 12 terms of a sum, that are written out; by default a large network is "
    "shortened.",
)  # fmt: skip


@app.command("trace")
@takes_read_options
def trace_command(
    model: ModelArgument,
    table: TableArgument,
    reading: dict[str, Any],
    row: Annotated[int, option("--row", metavar="N", text="Which row of the table, counted from 1.", parse=int)] = 1,
    target: Annotated[str | None, _TARGET] = None,
    member: Annotated[
        int, option("--member", metavar="N", text="Which network of the ensemble, counted from 1.", parse=int)
    ] = 1,
    step: Annotated[int, _STEP] = 1,
    optimizer: Annotated[str | None, _OPTIMIZER] = None,
    learning_rate: Annotated[float | None, _RATE] = None,
    no_dropout: Annotated[bool, typer.Option("--no-dropout", help="Train without the model's dropout masks.")] = False,
    form: Annotated[str, option("--format", text="The format of the trace.", parse=FORMATS)] = "text",
    max_units: Annotated[int | None, _MAX_UNITS] = None,
    out: FileOption = None,
) -> None:
    """Write one training step of a model on one row: every h, a, δ and Δw as formula = numbers = value."""
    from tidynet.byhand.trace import trace_row
    from tidynet.byhand.trace_text import wrap_to_width
    from tidynet.estimators.fitted_model import training_formats
    from tidynet.estimators.load import load
    from tidynet.table.read import read

    fitted = load(model)
    trace = trace_row(
        fitted, read(table, column_formats=training_formats(fitted), **reading), row, target=target, member=member - 1,
        optimizer=optimizer, learning_rate=learning_rate, step=step, dropout=not no_dropout,
    )  # fmt: skip
    if out is None:
        text = trace.render(form, max_units)
        if form != "text":
            write_document(text)
        else:
            sys.stdout.write(wrap_to_width(text, get_terminal_size().columns) if sys.stdout.isatty() else text)
        return
    size = trace.save(out, form, max_units)
    with make_console() as console:
        console.print_file(out, size, f"{form} of one step")
