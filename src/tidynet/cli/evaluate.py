"""`tidynet evaluate`: a model scored on another labelled table."""

from __future__ import annotations

from typing import cast

from tidynet.cli.application import app
from tidynet.cli.options import (
    ModelArgument,
    Ragged,
    RaggedOption,
    TableArgument,
    screen,
)

__all__ = ["evaluate"]


@app.command()
def evaluate(model: ModelArgument, table: TableArgument, ragged: RaggedOption = "error") -> None:
    """Score a model on another labelled table, beside the baselines of its training."""
    from tidynet.model.file import load
    from tidynet.table.read import read
    from tidynet.trust.evaluation import evaluate as evaluation_of

    loaded = load(model)
    labelled = read(table, ragged=cast(Ragged, ragged))
    with screen() as shown:
        shown.evaluation(evaluation_of(loaded, labelled))
