"""`tidynet predict`: a model's answers for every row of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from tidynet.cli.application import app
from tidynet.cli.options import (
    ColumnsOption,
    ModelArgument,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    TableArgument,
    number,
    reading_of,
    screen,
    whole,
)
from tidynet.errors import TidynetError

if TYPE_CHECKING:
    from tidynet.share.predictions import Extras

__all__ = ["predict"]


@app.command()
def predict(
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
            parser=number("--coverage"),
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
            "0.9) or an interval wider than --widest, and where the row is unlike the training rows "
            "(unfamiliarity from 0.99 on); say how many, and what the others gain.",
        ),
    ] = False,
    widest: Annotated[
        float | None,
        typer.Option(
            metavar="WIDTH", parser=number("--widest"), help="The widest interval that --abstain does not leave blank."
        ),
    ] = None,
    unfamiliarity: Annotated[
        bool,
        typer.Option(
            "--unfamiliarity", help="Add `unfamiliarity`, how unlike the training rows from 0 to 1, and what is unlike."
        ),
    ] = False,
    why: Annotated[
        int | None,
        typer.Option(
            metavar="ROW",
            parser=whole("--why"),
            help="Say for this one row, counted from 1, what moves its prediction away from the average: a push of "
            "each column. With --out as a picture (.svg), numbers (.json) or text (.txt).",
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="CLASS", help="The class whose probability --why explains.  [default: the predicted one]"),
    ] = None,
    background: Annotated[
        str | None,
        typer.Option(
            metavar="TABLE",
            help="Rows that --why takes the average over, such as the training table.  [default: those of TABLE]",
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
    from tidynet.model.file import load
    from tidynet.progress.words import shown as shown_text
    from tidynet.share.predictions import Extras, write_predictions

    extras = Extras(coverage, per_class, abstain, widest, unfamiliarity)
    options = reading_of(read, query, columns)
    if why is None and (label or background):
        raise TidynetError("--label and --background belong to --why, which is not given", "such as --why 1")
    if why is not None:
        _say_why(model, table, why, label, background, out, extras, {"ragged": ragged, **options})
        return
    count = write_predictions(load(model), table, out, ragged=cast(Ragged, ragged), extras=extras, **options)
    if out is not None:
        with screen() as shown:
            shown.file(out, out.stat().st_size, f"{count:,} predictions, ")
    for note in extras.notes:
        typer.echo(f"note: {shown_text(note)}", err=True)
    if abstain:
        typer.echo(extras.sentence(), err=True)


def _say_why(
    path: Path,
    source: str,
    row: int,
    label: str | None,
    background: str | None,
    out: Path | None,
    extras: Extras,
    options: dict[str, Any],
) -> None:
    from tidynet.model.file import load
    from tidynet.share.predictions import extras_of_row
    from tidynet.table.read import read
    from tidynet.trust.why import why

    if extras.abstain:
        raise TidynetError("--why tells of one row, and --abstain leaves rows blank", "leave one of them away")
    model, table = load(path), read(source, **options)
    with screen() as shown:
        shown.working("what moves the prediction")
        found = why(model, table, row, label=label, background=background)
        if out is not None:
            shown.file(out, found.save(out), f"what moves row {row:,}, ")
            return
        shown.contributions(found)
        for words in extras_of_row(model, table.frame[row - 1 : row], extras):
            typer.echo(words)
