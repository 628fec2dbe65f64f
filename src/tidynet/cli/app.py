"""The application with its options; each command registers itself."""

from __future__ import annotations

from typing import Annotated

import typer

# Plain help: rich's panels take more time than everything else.
app = typer.Typer(
    name="tidynet",
    add_completion=False,
    rich_markup_mode=None,
    help="From a messy table to a neural network that you can read, trust and share.",
)


def _print_version(requested: bool) -> None:
    if requested:
        from tidynet import __version__

        print(f"tidynet {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """The options before any command."""
