"""`tidynet notebook`: an analysis as a notebook, run, with pages and slides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidynet.cli.app import app
from tidynet.cli.options import (
    ColumnsOption,
    QueryOption,
    ReadOption,
    TableArgument,
    choice_parser,
    integer_parser,
    make_console,
    parse_read_options,
)

__all__ = ["notebook_command"]

_FORMS = ("html", "slides", "markdown", "script")


@app.command("notebook")
def notebook_command(
    table: TableArgument,
    target: Annotated[str, typer.Option(metavar="COLUMN", show_default=False, help="The column to predict.")],
    model: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="A model that `train` wrote from this table.  [default: train one]"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The notebook.")] = Path("analysis.ipynb"),
    run: Annotated[
        bool, typer.Option("--run/--no-run", help="Run it in a fresh kernel, so that its outputs are inside.")
    ] = True,
    to: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(_FORMS),
            parser=choice_parser("--to", _FORMS),
            help="Write it in this form, too; may be given several times.",
        ),
    ] = None,
    pair: Annotated[
        bool, typer.Option("--jupytext", help="Pair it with a text form that jupytext keeps in step.")
    ] = False,
    seed: Annotated[
        int, typer.Option(metavar="N", parser=integer_parser("--seed"), help="Decides the split and the first weights.")
    ] = 0,
    effort: Annotated[
        str,
        typer.Option(
            metavar="fast|balanced|best",
            parser=choice_parser("--effort", ("fast", "balanced", "best")),
            help="How much patience, where a network is trained.",
        ),
    ] = "balanced",
    columns: ColumnsOption = None,
    query: QueryOption = None,
    read: ReadOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write an analysis as a notebook that runs: what is seen, the network, its test."""
    from tidynet.workflow.notebook import notebook as written

    with make_console() as display_text:
        files = written(
            table,
            target,
            model=model,
            out=out,
            run=run,
            formats=to or (),
            jupytext=pair,
            seed=seed,
            effort=effort,
            force=force,
            on_message=display_text.show_status,
            **parse_read_options(read, query, columns),
        )
        for path in files:
            display_text.file_written(path, path.stat().st_size)
