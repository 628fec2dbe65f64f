"""`tidynet report` and `tidynet card`: what a model file alone holds about the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tidynet.cli.app import app
from tidynet.cli.options import FileOption, ForceOption, ModelArgument, make_console, option
from tidynet.cli.streams import write_document
from tidynet.core.text import pluralize

_OUT = option("--out", "-o", metavar="FILE", text="An .html file.  [default: beside the model]")


@app.command("report")
def report_command(model: ModelArgument, out: Annotated[Path | None, _OUT] = None, force: ForceOption = False) -> None:
    """Write the report of a training again, from the model file alone: the same page, byte for byte."""
    from tidynet.estimators.load import load
    from tidynet.output.report.explore_files import check_file
    from tidynet.output.report.report import rewrite_report

    path = out or model.with_name("report.html")
    check_file(path, "--out", (".html", ".htm"), force)
    size = rewrite_report(load(model), path)
    with make_console() as console:
        console.print_file(path, size)


@app.command("card")
def card_command(model: ModelArgument, out: FileOption = None, force: ForceOption = False) -> None:
    """Write a model card in Markdown: its usual fields from facts, and fields to fill in."""
    from tidynet.core.atomic_write import atomic_write
    from tidynet.estimators.load import load
    from tidynet.output.report.explore_files import check_file
    from tidynet.output.report.model_card import model_card

    if out is not None:
        check_file(out, "--out", (".md",), force)
    text = model_card(load(model), model.name)
    if out is None:
        write_document(text)
        return
    with atomic_write(out) as temporary:
        temporary.write_text(text, encoding="utf-8")
    with make_console() as console:
        fields = pluralize(text.count("**To fill in**"), "field")
        console.print_file(out, out.stat().st_size, f"{fields} to fill in")
