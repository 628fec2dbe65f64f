"""`tidynet train`: from a table to a model file and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnsOption,
    CurveOption,
    Effort,
    FoldsOption,
    KindOption,
    PartOption,
    QueryOption,
    Ragged,
    RaggedOption,
    ReadOption,
    RepeatsOption,
    TableArgument,
    Task,
    choice_parser,
    integer_parser,
    make_console,
    number_parser,
    parse_read_options,
    parse_sections,
    parse_variable_types,
)

__all__ = ["train_command"]


@app.command("train")
def train_command(
    context: typer.Context,
    table: TableArgument,
    target: Annotated[str, typer.Option(metavar="COLUMN", show_default=False, help="The column to predict.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the files go.  [default: <table>-<target>]"),
    ] = None,
    task: Annotated[
        str,
        typer.Option(
            metavar="|".join(get_args(Task)),
            parser=choice_parser("--task", get_args(Task)),
            help="What kind of prediction; auto looks at the target.",
        ),
    ] = "auto",
    drop: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column to leave out; may be given several times."),
    ] = None,
    test_size: Annotated[
        float,
        typer.Option(metavar="SHARE", parser=number_parser("--test-size"), help="The share of rows kept for the test."),
    ] = 0.2,
    group_column: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Keep all rows of one value, such as one patient's, on one side: learnt from, or watched and tested "
            "on; in --folds too. The network does not read this column.",
        ),
    ] = None,
    time_column: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="Test on the last rows by this column of times, and stop early by those before them; --folds learn "
            "from what came before.",
        ),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(metavar="N", parser=integer_parser("--seed"), help="Decides the split and the first weights."),
    ] = 0,
    effort: Annotated[
        str,
        typer.Option(
            metavar="|".join(get_args(Effort)),
            parser=choice_parser("--effort", get_args(Effort)),
            help="How much patience: more and wider networks are averaged the more there is.",
        ),
    ] = "balanced",
    max_epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N", parser=integer_parser("--max-epochs"), help="Stop after so many passes over the rows."
        ),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", parser=number_parser("--time-limit"), help="Stop training after so long."),
    ] = None,
    threads: Annotated[
        int | None,
        typer.Option(metavar="N", parser=integer_parser("--threads"), help="Use at most so many processor cores."),
    ] = None,
    choices: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="Any choice of training by its name in Python, such as hidden_layer_sizes=64,32, activation=tanh, "
            "solver=sgd, dropout=0.2, loss=huber or n_networks=1; may be given several times.",
        ),
    ] = None,
    kind: KindOption = None,
    columns: ColumnsOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    ragged: RaggedOption = "error",
    section: PartOption = None,
    folds: FoldsOption = 0,
    repeats: RepeatsOption = 1,
    learning_curve: CurveOption = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the model that the folder holds.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Print only the result in one sentence and the files.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="Print why each column is judged to be what it is.")
    ] = False,
) -> None:
    """Train a network on a table, test it, and write the model and a report."""
    from tidynet.workflow import TrainOptions, run

    options = TrainOptions(
        target=target,
        out=out,
        task=cast(Task, task),
        drop=tuple(drop or ()),
        test_size=test_size,
        group_column=group_column,
        time_column=time_column,
        seed=seed,
        max_epochs=max_epochs,
        time_limit=time_limit,
        threads=threads,
        effort=effort,
        force=force,
        hyperparameters=tuple(choices or ()),
        variable_types=parse_variable_types(kind),
        reading=parse_read_options(read, query, columns),
        ragged=cast(Ragged, ragged),
        sections=parse_sections(section),
        folds=folds,
        repeats=repeats,
        learning_curve=learning_curve,
        command=context.obj,
    )
    with make_console(verbose=verbose, quiet=quiet) as display_text:
        run(table, options, display_text)
