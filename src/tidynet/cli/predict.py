"""`tidynet predict`: a model's answers for every row of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer

from tidynet.cli.application import app
from tidynet.cli.options import (
    ModelArgument,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    reading_of,
    screen,
)

__all__ = ["predict"]


@app.command()
def predict(
    model: ModelArgument,
    table: TableArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A .csv or .parquet file.  [default: CSV on standard output]"),
    ] = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
) -> None:
    """Predict the target of every row of a table.

    Writes the identifier columns (or a row number if there are none), `prediction`, and for classes
    `probability_<class>`. Memory does not grow with the file.
    """
    from tidynet.model.file import load
    from tidynet.share.predictions import write_predictions

    count = write_predictions(load(model), table, out, ragged=cast(Ragged, ragged), **reading_of(read, query))
    if out is not None:
        with screen() as shown:
            shown.file(out, out.stat().st_size, f"{count:,} predictions, ")
