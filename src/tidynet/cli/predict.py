"""`tidynet predict`: a model's answers for every row of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnsOption,
    ModelArgument,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    integer_parser,
    make_console,
    number_parser,
    parse_read_options,
)
from tidynet.core.errors import TidynetError

if TYPE_CHECKING:
    from tidynet.output.predictions import PredictionOptions

__all__ = ["predict_command"]


@app.command("predict")
def predict_command(
    model: ModelArgument,
    table: TableArgument,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A .csv or .parquet file.  [default: CSV on standard output]"),
    ] = None,
    coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            parser=number_parser("--coverage"),
            help="Add `prediction_set`, or `lower` and `upper`: they hold the truth in this share of rows, say 0.9.",
        ),
    ] = None,
    per_class: Annotated[
        bool, typer.Option("--per-class", help="Let sets keep --coverage within each class, not only over all.")
    ] = False,
    abstain: Annotated[
        bool,
        typer.Option(
            "--abstain",
            help="Leave a prediction blank where it is unsure, that is a set of several classes (at --coverage, or "
            "0.9) or an interval wider than --max-interval-width, and where the row is unlike the training rows "
            "(unfamiliarity from 0.99 on); say how many, and what the others gain.",
        ),
    ] = False,
    max_interval_width: Annotated[
        float | None,
        typer.Option(
            "--max-interval-width",
            metavar="WIDTH",
            parser=number_parser("--max-interval-width"),
            help="The widest interval that --abstain does not leave blank.",
        ),
    ] = None,
    novelty: Annotated[
        bool,
        typer.Option(
            "--novelty", help="Add `unfamiliarity`, how unlike the training rows from 0 to 1, and what is unlike."
        ),
    ] = False,
    explain: Annotated[
        int | None,
        typer.Option(
            "--explain",
            metavar="ROW",
            parser=integer_parser("--explain"),
            help="Say for this one row, counted from 1, what moves its prediction away from the average: a push of "
            "each column. With --out as a picture (.svg), numbers (.json) or text (.txt).",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(
            "--class-label",
            metavar="CLASS",
            help="The class whose probability --explain explains.  [default: the predicted one]",
        ),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help="Rows that --explain takes the average over, such as the training table.  [default: those of TABLE]",
        ),
    ] = None,
    columns: ColumnsOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
) -> None:
    """Predict the target of every row of a table.

    Writes the identifier columns (or a row number if there are none), `prediction`, and for classes
    `probability_<class>`. Memory does not grow with the file.
    """
    from tidynet.core.text import printable as shown_text
    from tidynet.estimators.load import load
    from tidynet.output.predictions import PredictionOptions, write_predictions

    extras = PredictionOptions(coverage, per_class, abstain, max_interval_width, novelty)
    options = parse_read_options(read, query, columns)
    if explain is None and (label or background):
        raise TidynetError(
            "--class-label and --background belong to --explain, which is not given", "such as --explain 1"
        )
    if explain is not None:
        _print_explanation(model, table, explain, label, background, out, extras, {"on_bad_lines": ragged, **options})
        return
    count = write_predictions(load(model), table, out, ragged=cast(Ragged, ragged), extras=extras, **options)
    if out is not None:
        with make_console() as display_text:
            display_text.file_written(out, out.stat().st_size, f"{count:,} predictions, ")
    for note in extras.notes:
        typer.echo(f"note: {shown_text(note)}", err=True)
    if abstain:
        typer.echo(extras.sentence(), err=True)


def _print_explanation(
    path: Path,
    source: str,
    row: int,
    label: str | None,
    background: str | None,
    out: Path | None,
    extras: PredictionOptions,
    options: dict[str, Any],
) -> None:
    from tidynet.estimators.load import load
    from tidynet.evaluation.explain_prediction import explain_prediction
    from tidynet.output.predictions import prediction_columns_of_row
    from tidynet.table.read import read

    if extras.abstain:
        raise TidynetError("--explain tells of one row, and --abstain leaves rows blank", "leave one of them away")
    model, table = load(path), read(source, **options)
    with make_console() as display_text:
        display_text.show_status("what moves the prediction")
        result = explain_prediction(model, table, row, class_label=label, background=background)
        if out is not None:
            display_text.file_written(out, result.save(out), f"what moves row {row:,}, ")
            return
        display_text.contributions(result)
        for text in prediction_columns_of_row(model, table.frame[row - 1 : row], extras):
            typer.echo(text)
