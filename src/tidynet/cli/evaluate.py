"""`tidynet evaluate`: the scores of a model on another labeled table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tidynet.cli.app import app
from tidynet.cli.options import (
    ModelArgument,
    QuietOption,
    TableArgument,
    VerboseOption,
    make_console,
    takes_read_options,
    takes_train_options,
)


@app.command("evaluate")
@takes_read_options
@takes_train_options("sections", "folds", "repeats", "learning_curve")
def evaluate_command(
    model: ModelArgument,
    table: TableArgument,
    reading: dict[str, Any],
    sections: str | tuple[str, ...],
    folds: int,
    repeats: int,
    learning_curve: bool,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Test a model on another labeled table: scores beside those of the baselines, calibration, largest errors."""
    from tidynet.estimators.fitted_model import training_formats
    from tidynet.estimators.load import load
    from tidynet.evaluation.cross_validation import check_folds
    from tidynet.evaluation.evaluate import evaluate
    from tidynet.evaluation.sections import cross_validation_sections
    from tidynet.preprocessing import SplitSpec
    from tidynet.table.read import read

    loaded = load(model)
    labeled = read(table, column_formats=training_formats(loaded), **reading)
    if folds or repeats != 1:
        check_folds(folds, repeats)
    columns = (loaded.record_.get("provenance") or {}).get("split", {})
    is_known = folds and set(columns.values()) <= set(labeled.columns)
    split = SplitSpec.from_dict(labeled, columns) if is_known else SplitSpec()
    with make_console(verbose=verbose, quiet=quiet) as console:
        result = evaluate(loaded, labeled, sections=sections, on_event=console.show_section)
        more = cross_validation_sections(
            loaded, labeled, folds=folds, repeats=repeats, curve=learning_curve,
            groups=split.groups, order=split.order, on_event=console.show_section,
        )  # fmt: skip
        shown = [*(() if sections == "all" else sections), *(item.name for item in more)]
        console.print_evaluation(replace(result, sections=(*result.sections, *more)), shown_sections=shown)
