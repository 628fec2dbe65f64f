"""`tidynet environment`: files that make the environment again, or the differences to a model's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidynet.cli.app import app
from tidynet.cli.options import ForceOption, make_console, option
from tidynet.core.errors import FileReadError, InputError, check_overwrite

_MODEL = typer.Argument(
    metavar="[MODEL|NOTEBOOK]",
    show_default=False,
    help="A model file: the environment of its training. A notebook (.ipynb): what its cells import, as installed "
    "here.  [default: tidynet as installed here, and what notebooks in FOLDER import]",
)
_CHECK = option("--check", metavar="MODEL", text="Write nothing; print what differs from this model's environment.")
_LOCK = typer.Option("--lock", help="Write pylock.toml too: every file by its hash, for this Python and platform.")


@app.command("environment")
def environment_command(
    model: Annotated[Path | None, _MODEL] = None,
    out: Annotated[Path, option("--out", "-o", metavar="FOLDER", text="Folder of the files.")] = Path(),
    check: Annotated[Path | None, _CHECK] = None,
    lock: Annotated[bool, _LOCK] = False,
    force: ForceOption = False,
) -> None:
    """Write environment.yml, requirements.txt and REPRODUCE.md, so that others can run the work again."""
    from tidynet.core.environment import current_environment
    from tidynet.output.export.environment_files import ENVIRONMENT_FILES, write_environment
    from tidynet.output.export.lock_file import LOCK_FILE

    if check is not None:
        _print_differences(check, model, lock)
        return
    if out.exists() and not out.is_dir():
        raise FileReadError(f"'{out}' is a file, expected a folder", "choose another with --out")
    names = [*ENVIRONMENT_FILES, *([LOCK_FILE] if lock else [])]
    for name in names:
        check_overwrite(out / name, force)
    if model is None or model.suffix == ".ipynb":
        environment = current_environment(_requirements(model, out))
    else:
        environment = _recorded_environment(model)
    with make_console() as console:
        if lock:
            console.show_status("requesting files and hashes from the package index")
        for path in write_environment(out, environment, "tidynet-work", lock=lock):
            console.print_file(path, path.stat().st_size)


def _print_differences(check: Path, model: Path | None, lock: bool) -> None:
    from tidynet.core.environment import differences

    if model is not None:
        raise InputError("a model is given twice, with --check and without", "remove one of them")
    if lock:
        raise InputError("--lock is given, but --check writes nothing", "remove one of them")
    result = [str(item) for item in differences(_recorded_environment(check))]
    for line in result or ["nothing differs from the model's environment"]:
        typer.echo(line)


def _requirements(notebook: Path | None, folder: Path) -> list[str]:
    """What a notebook imports, or all those of a folder."""
    from tidynet.output.notebook.file import notebook_requirements

    notebooks = sorted(folder.glob("*.ipynb")) if notebook is None else [notebook]
    return [name for item in notebooks for name in notebook_requirements(item)]


def _recorded_environment(model: Path) -> dict[str, object]:
    from tidynet.estimators.file_format import read_model_file

    facts, _ = read_model_file(model)
    environment: dict[str, object] | None = (facts.get("record", {}).get("provenance") or {}).get("environment")
    if environment is None:
        raise InputError(f"the model '{model}' does not hold the environment of its training", "train it again")
    return environment
