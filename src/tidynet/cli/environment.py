"""`tidynet environment`: the files that make the environment again, or what differs from a model's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidynet.cli.app import app
from tidynet.cli.options import make_console
from tidynet.core.errors import FileReadError, InputError

__all__ = ["environment_command"]


@app.command("environment")
def environment_command(
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="[MODEL|NOTEBOOK]",
            show_default=False,
            help="A model file: the environment that it was made in. A notebook (.ipynb): what its cells import, as "
            "installed here.  [default: tidynet as installed here, and what notebooks in FOLDER import]",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go.", show_default="here")
    ] = Path(),
    check: Annotated[
        Path | None,
        typer.Option(metavar="MODEL", help="Write nothing; say what differs from the one that this model was made in."),
    ] = None,
    lock: Annotated[
        bool,
        typer.Option(
            "--lock", help="Write pylock.toml, too: every file by its hash, for this Python and kind of machine."
        ),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write environment.yml, requirements.txt and REPRODUCE.md, so that others can run the work again."""
    from tidynet.core.environment import current_environment, differences
    from tidynet.output.export.environment_files import ENVIRONMENT_FILES, write_environment
    from tidynet.output.export.lock_file import LOCK_FILE

    if check is not None:
        if model is not None:
            raise InputError("a model is given twice, with --check and without", "leave one of them out")
        if lock:
            raise InputError("--lock was given, but --check writes nothing", "leave one of them out")
        result = [str(item) for item in differences(_recorded_environment(check))]
        for line in result or ["nothing differs from the environment that the model was made in"]:
            typer.echo(line)
        return
    if out.exists() and not out.is_dir():
        raise FileReadError(f"'{out}' is a file, expected a folder", "choose another with --out")
    there = [str(out / name) for name in (*ENVIRONMENT_FILES, *([LOCK_FILE] if lock else [])) if (out / name).exists()]
    if there and not force:
        raise FileReadError(f"'{there[0]}' is there already", "replace it with --force, or choose a folder with --out")
    chosen = (
        _recorded_environment(model)
        if model is not None and model.suffix != ".ipynb"
        else current_environment(_requirements(model, out))
    )
    with make_console() as display_text:
        if lock:
            display_text.show_status("asking the package index for files and hashes")
        for path in write_environment(out, chosen, "tidynet-work", lock=lock):
            display_text.file_written(path, path.stat().st_size)


def _requirements(notebook: Path | None, folder: Path) -> list[str]:
    """What a notebook needs, or all those of a folder."""
    from tidynet.output.notebook.requirements import notebook_requirements

    notebooks = sorted(folder.glob("*.ipynb")) if notebook is None else [notebook]
    return [name for item in notebooks for name in notebook_requirements(item)]


def _recorded_environment(model: Path) -> dict[str, object]:
    from tidynet.estimators.file_format import read_container

    facts, _ = read_container(model)
    kept: dict[str, object] | None = (facts.get("record", {}).get("provenance") or {}).get("environment")
    if kept is None:
        raise InputError(f"the model '{model}' does not hold the environment it was made in", "train it again")
    return kept
