"""`tidynet export`: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidynet.cli.app import app
from tidynet.cli.options import ColumnsOption, ModelArgument, choice_parser, make_console, parse_column_names

__all__ = ["export_command"]

FORMS = ("onnx", "numpy", "npz")
DTYPES = ("float16", "float32", "float64")


@app.command("export")
def export_command(
    model: ModelArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="Where to write it.  [default: beside the model]"),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(FORMS), parser=choice_parser("--to", FORMS),
            help="An ONNX graph, one Python file that needs NumPy alone, or arrays.  [default: by the name, or onnx]",
            show_default=False,
        ),
    ] = None,
    dtype: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(DTYPES), parser=choice_parser("--dtype", DTYPES), show_default=False,
            help="Type of the weights, of numpy and npz.  [default: the model's own]",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(metavar="TABLE", help="Put the features of this table into the npz too.", show_default=False),
    ] = None,
    columns: ColumnsOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:  # fmt: skip
    """Write a model for other programs: raw columns go in, probabilities or numbers come out.

    The recipe is inside: scaling, bins, levels, missing values, all networks, calibration. Inputs are the columns
    by name: numbers (NaN for missing; dates as days since 1970, durations in seconds) and text ('' for missing).
    """
    from tidynet.estimators.load import load
    from tidynet.output.export.write import write_export

    path, form = write_export(
        load(model), model, out, to, dtype=dtype, table=table, columns=parse_column_names(columns), force=force
    )
    with make_console() as display_text:
        display_text.file_written(path, path.stat().st_size, form)
