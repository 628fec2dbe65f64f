"""`tidynet report` and `tidynet card`: what is known of a model, from its file alone."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tidynet.cli.app import app
from tidynet.cli.options import ModelArgument, make_console

__all__ = ["card_command", "report_command"]

ForceOption = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


@app.command("report")
def report_command(
    model: ModelArgument,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="An .html file.  [default: beside the model]")
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write the report of a training again, from the model file alone: the same page, byte for byte."""
    from tidynet.estimators.load import load
    from tidynet.output.report.explore_files import check_file
    from tidynet.output.report.report import rewrite_report

    path = out or model.with_name("report.html")
    check_file(path, "--out", (".html", ".htm"), force)
    size = rewrite_report(load(model), path)
    with make_console() as display_text:
        display_text.file_written(path, size)


@app.command("card")
def card_command(
    model: ModelArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="A .md file.  [default: standard output]"),
    ] = None,
    force: ForceOption = False,
) -> None:
    """Write a model card in Markdown: the fields that people expect, from facts, with the gaps marked as gaps."""
    from tidynet.core.atomic_write import atomic_write
    from tidynet.estimators.load import load
    from tidynet.output.report.explore_files import check_file
    from tidynet.output.report.model_card import model_card

    if out is not None:
        check_file(out, "--out", (".md",), force)
    text = model_card(load(model), model.name)
    if out is None:
        sys.stdout.write(text)
        return
    with atomic_write(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    with make_console() as display_text:
        display_text.file_written(out, out.stat().st_size, f"{text.count('**To fill in**')} gaps to fill in, ")
