"""`tidynet evaluate`: a model scored on another labelled table."""

from __future__ import annotations

from typing import cast

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

__all__ = ["evaluate"]


@app.command()
def evaluate(
    model: ModelArgument,
    table: TableArgument,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
) -> None:
    """Score a model on another labelled table, beside the baselines of its training."""
    from tidynet.model.file import load
    from tidynet.table.read import read as read_table
    from tidynet.trust.evaluation import evaluate as evaluation_of

    loaded = load(model)
    labelled = read_table(table, ragged=cast(Ragged, ragged), **reading_of(read, query))
    with screen() as shown:
        shown.evaluation(evaluation_of(loaded, labelled))
