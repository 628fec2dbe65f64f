"""`tidynet evaluate`: a model scored on another labelled table."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from tidynet.cli.application import app
from tidynet.cli.options import (
    ColumnsOption,
    CurveOption,
    FoldsOption,
    ModelArgument,
    PartOption,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    RepeatsOption,
    TableArgument,
    parts_of,
    reading_of,
    screen,
)

__all__ = ["evaluate"]


@app.command()
def evaluate(
    model: ModelArgument,
    table: TableArgument,
    columns: ColumnsOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
    part: PartOption = None,
    folds: FoldsOption = 0,
    repeats: RepeatsOption = 1,
    learning_curve: CurveOption = False,
) -> None:
    """Test a model on another labelled table: scores beside the baselines of its training, doubt, and failures."""
    from tidynet.model.file import load
    from tidynet.prepare import Apart
    from tidynet.table.read import read as read_table
    from tidynet.trust.cross_validation import check_folds
    from tidynet.trust.more import more_sections
    from tidynet.trust.table_evaluation import evaluate as evaluation_of

    loaded = load(model)
    labelled = read_table(table, ragged=cast(Ragged, ragged), **reading_of(read, query, columns))
    parts = parts_of(part)
    split = loaded.record_.get("made", {}).get("split", {})
    apart = Apart.from_dict(labelled, split) if folds and set(split.values()) <= set(labelled.columns) else Apart()
    if folds or repeats != 1:
        check_folds(folds, repeats)
    with screen() as shown:
        found = evaluation_of(loaded, labelled, parts=parts, listen=shown.part)
        more = more_sections(
            loaded,
            labelled,
            folds=folds,
            repeats=repeats,
            curve=learning_curve,
            groups=apart.groups,
            order=apart.order,
            listen=shown.part,
        )
        shown.evaluation(replace(found, sections=(*found.sections, *more)))
