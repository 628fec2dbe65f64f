"""`tidynet evaluate`: a model scored on another labelled table."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from tidynet.cli.app import app
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
    make_console,
    parse_read_options,
    parse_sections,
)

__all__ = ["evaluate_command"]


@app.command("evaluate")
def evaluate_command(
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
    from tidynet.estimators.load import load
    from tidynet.evaluation.cross_validation import check_folds
    from tidynet.evaluation.evaluate import evaluate as evaluation_of
    from tidynet.evaluation.retraining_sections import cross_validation_sections
    from tidynet.preprocessing import SplitSpec
    from tidynet.table.read import read as read_table

    loaded = load(model)
    labeled = read_table(table, on_bad_lines=cast(Ragged, ragged), **parse_read_options(read, query, columns))
    parts = parse_sections(part)
    split = loaded.record_.get("provenance", {}).get("split", {})
    apart = (
        SplitSpec.from_dict(labeled, split) if folds and set(split.values()) <= set(labeled.columns) else SplitSpec()
    )
    if folds or repeats != 1:
        check_folds(folds, repeats)
    with make_console() as display_text:
        result = evaluation_of(loaded, labeled, sections=parts, on_event=display_text.section)
        more = cross_validation_sections(
            loaded,
            labeled,
            folds=folds,
            repeats=repeats,
            curve=learning_curve,
            groups=apart.groups,
            order=apart.order,
            on_event=display_text.section,
        )
        display_text.evaluation(replace(result, sections=(*result.sections, *more)))
