"""`tidynet predict`: predictions for every row of a table, or the explanation of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tidynet.cli.app import app
from tidynet.cli.options import ModelArgument, TableArgument, make_console, option, takes_read_options
from tidynet.core.errors import TidynetError

if TYPE_CHECKING:
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.output.predictions import PredictionOptions
    from tidynet.table.table import Table

_OUT = option("--out", metavar="FILE", text="A .csv or .parquet file.  [default: CSV on standard output]")
_COVERAGE = option(
    "--coverage",
    metavar="FRACTION",
    text="Add `prediction_set`, or `interval_lower` and `interval_upper`: with this coverage of the true value.",
    parse=float,
)
_ABSTAIN = typer.Option(
    "--abstain",
    help="Leave a prediction blank if it is uncertain (a set of several classes at --coverage or 0.9, or an interval "
    "wider than --max-interval-width) or if the row is novel (novelty 0.99 or more); print how many, and the score of "
    "the others.",
)
_MAX_INTERVAL_WIDTH = option(
    "--max-interval-width",
    metavar="WIDTH",
    text="The widest interval that --abstain does not leave blank.",
    parse=float,
)
_EXPLAIN = option(
    "--explain",
    metavar="ROW",
    text="Explain the prediction of this one row, counted from 1: the contribution of each column. With --out as a "
    "figure (.svg), numbers (.json) or text (.txt).",
    parse=int,
)
_CLASS_LABEL = option(
    "--class-label",
    metavar="CLASS",
    text="The class whose probability --explain explains.  [default: the predicted one]",
)
_BACKGROUND = option(
    "--background",
    metavar="TABLE",
    text="The rows that --explain averages over, such as the training table.  [default: those of TABLE]",
)


@app.command("predict")
@takes_read_options
def predict_command(
    model: ModelArgument,
    table: TableArgument,
    reading: dict[str, Any],
    out: Annotated[Path | None, _OUT] = None,
    coverage: Annotated[float | None, _COVERAGE] = None,
    per_class: Annotated[
        bool, typer.Option("--per-class", help="Let sets reach --coverage within each class, not only over all.")
    ] = False,
    abstain: Annotated[bool, _ABSTAIN] = False,
    max_interval_width: Annotated[float | None, _MAX_INTERVAL_WIDTH] = None,
    novelty: Annotated[
        bool, typer.Option("--novelty", help="Add `novelty`, from 0 to 1 against the training rows, and its reasons.")
    ] = False,
    explain: Annotated[int | None, _EXPLAIN] = None,
    class_label: Annotated[str | None, _CLASS_LABEL] = None,
    background: Annotated[str | None, _BACKGROUND] = None,
) -> None:
    """Predict the target of every row of a table.

    Writes the identifier columns (or a row number if there are none), `prediction`, and for classes
    `probability_<class>`. Memory does not grow with the file.
    """
    from tidynet.estimators.fitted_model import training_formats
    from tidynet.estimators.load import load
    from tidynet.output.predictions import PredictionOptions, write_predictions
    from tidynet.table.read import read

    extras = PredictionOptions(coverage, per_class, abstain, max_interval_width, novelty)
    if explain is not None:
        fitted = load(model)
        rows = read(table, column_formats=training_formats(fitted), **reading)
        _explain(fitted, rows, explain, (class_label, background), out, extras)
        return
    if class_label or background:
        hint = "add --explain with a row, such as --explain 1"
        raise TidynetError("--class-label and --background are given without --explain", hint)
    bad_lines = reading.pop("on_bad_lines", "error")
    count = write_predictions(load(model), table, out, on_bad_lines=bad_lines, options=extras, **reading)
    with make_console() as console:
        console.print_predictions(out, count, extras)


def _explain(
    model: FittedModel,
    table: Table,
    row: int,
    label_and_background: tuple[str | None, str | None],
    out: Path | None,
    extras: PredictionOptions,
) -> None:
    from tidynet.evaluation.explain_prediction import explain_prediction
    from tidynet.output.predictions import prediction_columns_of_row

    if extras.abstain:
        raise TidynetError("--explain explains one row, and --abstain leaves rows blank", "remove one of them")
    class_label, background = label_and_background
    with make_console() as console:
        console.show_status(f"explaining row {row:,}")
        result = explain_prediction(model, table, row, class_label=class_label, background=background)
        if out is not None:
            console.print_file(out, result.save(out), f"explanation of row {row:,}")
            return
        console.print_explanation(result)
        for line in prediction_columns_of_row(model, table.frame[row - 1 : row], extras):
            typer.echo(line)
