"""What a person takes away from a table: the door to the room `share`, which looks, learns and then writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.errors import FileReadError, InputError, check_folder, did_you_mean
from tidynet.core.text import join_names

if TYPE_CHECKING:
    from tidynet.output.notebook.cell import NotebookCell

__all__ = ["notebook"]


def notebook(
    table: str | Path,
    target: str,
    *,
    model: str | Path | None = None,
    out: str | Path = "analysis.ipynb",
    run: bool = True,
    formats: Iterable[str] = (),
    jupytext: bool = False,
    seed: int = 0,
    effort: str = "balanced",
    force: bool = False,
    on_message: Callable[[str], None] | None = None,
    **reading: Any,
) -> list[Path]:
    """Write an analysis of a table as a notebook: what is seen, the network, its test; run, with outputs inside.

    Parameters
    ----------
    table : str or Path
        A file, a database address or a shipped table: something that the notebook can read again.
    target : str
        The column to predict.
    model : str or Path, optional
        A model file that ``tidynet train`` wrote from this table; without it the notebook trains one.
    out : str or Path
        The notebook; its name ends in .ipynb.
    run : bool
        Whether to run it in a fresh kernel, which puts the outputs inside.
    formats : iterable of str
        Other forms to write beside it: "html", "slides", "markdown", "script".
    jupytext : bool
        Whether to pair it with a text form (jupytext's py:percent).
    seed, effort
        Of the training, where there is no model; as ``tidynet train`` takes them.
    force : bool
        Whether files that are there may be replaced.
    on_message : callable, optional
        Called with what is being done, in words.
    **reading
        How to read the table, as `tidynet.read` takes it.

    Returns
    -------
    list of Path
        The files that were written, the notebook first.

    Raises
    ------
    InputError, FileFault
        If the table, the target, the model or a form cannot be used, or a file is in the way.
    MissingExtra
        If packages of the extra ``notebook`` are not installed.
    TidynetError
        If a cell fails; nothing is written then.

    Examples
    --------
    >>> notebook("penguins", "species", out="analysis.txt")
    Traceback (most recent call last):
    tidynet.core.errors.InputError: the notebook's name is 'analysis.txt', expected one that ends in .ipynb
    """
    from tidynet.output.notebook.convert import convert, with_alt_text
    from tidynet.output.notebook.file import execute, make_notebook, require_notebook_extra

    say = on_message or _discard_message
    _check_arguments(target, model)
    path, forms = Path(out), _output_formats(formats, jupytext=jupytext)
    _check_output_paths(path, forms, force=force)
    source = _load_source(table, path.parent)
    require_notebook_extra(*(["jupytext"] if jupytext else []))
    cells = _build_notebook(table, source, target, model, path, {"seed": seed, "effort": effort}, reading, say)
    made = make_notebook(cells)
    if jupytext:
        made.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    if run:
        execute(made, path.parent.absolute(), say)
        with_alt_text(made)
    say("writing")
    import nbformat

    nbformat.validate(made)
    files = {path.name: nbformat.writes(made).encode()}
    for form in forms:
        files |= convert(made, form, path.stem)
    return _write_all(path.parent, files)


def _check_arguments(target: Any, model: Any) -> None:
    if not isinstance(target, str):
        raise InputError(f"the target is {target!r}, expected the name of a column")
    if not isinstance(model, str | Path | None):
        raise InputError(f"the model is {model!r}, expected the name of a model file")


def _discard_message(_: str) -> None:
    """Nobody listens."""


def _output_formats(formats: Iterable[str], *, jupytext: bool) -> list[str]:
    known = ("html", "slides", "markdown", "script")
    forms = list(dict.fromkeys([formats] if isinstance(formats, str) else formats))
    for form in forms:
        if form not in known:
            raise InputError(f"the form is '{form}', expected one of {join_names(known)}", did_you_mean(form, known))
    if jupytext and "script" in forms:
        raise InputError("a pair and a script are both a .py file", "ask for one of them")
    return [*forms, *(["pair"] if jupytext else [])]


def _check_output_paths(path: Path, forms: list[str], *, force: bool) -> None:
    from tidynet.output.notebook.convert import FORMS, figures_folder

    if path.suffix != ".ipynb":
        raise InputError(f"the notebook's name is '{path}', expected one that ends in .ipynb")
    check_folder(path)
    for file in (path, *(path.with_name(path.stem + FORMS[form]) for form in forms)):
        if file.exists() and not force:
            raise FileReadError(f"'{file}' exists already", "replace it with --force, or choose another with --out")
        if file.is_dir():
            raise FileReadError(f"'{file}' is a folder, expected a file", "choose another with --out")
    pictures = path.with_name(figures_folder(path.stem))
    if "markdown" in forms and pictures.exists() and not (pictures.is_dir() and os.access(pictures, os.W_OK)):
        what = "is a folder that cannot be written" if pictures.is_dir() else "is a file"
        raise FileReadError(f"'{pictures}' {what}, expected a place for the pictures", "choose another name with --out")


def _load_source(table: Any, folder: Path) -> str:
    """How the notebook, from its folder, finds the table."""
    if not isinstance(table, str | Path) or str(table) == "-":
        raise InputError("the notebook has to read the table again", "give a file, or the name of a shipped table")
    path = Path(table)
    return _relative_path(path, folder) if path.exists() else str(table)


def _relative_path(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _build_notebook(
    table: str | Path,
    source: str,
    target: str,
    model: str | Path | None,
    path: Path,
    training: Mapping[str, Any],
    reading: Mapping[str, Any],
    say: Callable[[str], None],
) -> list[NotebookCell]:
    """Look, learn and test, so that the words can say what was found."""
    from importlib.metadata import version

    import numpy as np

    from tidynet.output.notebook.build import make_cells
    from tidynet.output.notebook.cell import NotebookSpec
    from tidynet.table.read import read
    from tidynet.workflow import TrainOptions, evaluate_on_test_rows, fit_and_evaluate
    from tidynet.workflow.explore import explore

    whole = read(table, **reading)
    fitted = None if model is None else _load_model(model, target, whole)
    kinds = {} if fitted is None else _changed_variable_types(whole, fitted.recipe_.kinds)
    if kinds:
        reading = {**reading, "kinds": {**(reading.get("kinds") or {}), **kinds}}
        whole = read(whole, variable_types=kinds)
    trained_on = {*whole.columns} if fitted is None else {target, *fitted.recipe_.kinds}
    left_out = tuple(name for name in whole.columns if name not in trained_on)
    known = np.flatnonzero(whole[target].is_not_null().to_numpy())
    # What the network was given, as its report looks at it.
    user_value = whole.drop(*left_out).take(known) if left_out or len(known) < whole.height else whole
    seen = explore(user_value, target, on_message=say)
    if fitted is None:
        say("training")
        # The test comes once, below.
        fitted = fit_and_evaluate(whole, TrainOptions(target=target, **training, sections="scores")).model
    further = {} if model is None else _extra_evaluation_options(fitted)
    evaluation = evaluate_on_test_rows(
        fitted, whole, **further, on_event=lambda title, *_: say(f"testing: {title.lower()}")
    )
    plan = NotebookSpec(
        source=source,
        target=target,
        read_options=reading,
        model=None if model is None else _relative_path(Path(model), path.parent),
        train_options=training,
        excluded_columns=left_out,
        n_rows_without_target=whole.height - len(known),
        evaluation_options=further,
        version=version("tidynet"),
    )
    return make_cells(plan, seen.profile, evaluation, fitted)


def _changed_variable_types(table: Any, kinds: Mapping[str, str]) -> dict[str, str]:
    """The columns that training took as another kind than reading judges them."""
    judged = {name: item.variable_type.value for name, item in table.inferred_types.items()}
    return {name: kind for name, kind in kinds.items() if judged.get(name, kind) != kind}


def _load_model(model: str | Path, target: str, whole: Any) -> Any:
    """A model that predicts the target, and knows which rows of the table it has not seen."""
    from tidynet.estimators.load import load
    from tidynet.workflow import recover_test_rows

    fitted = load(model)
    trained = fitted.record_.get("target")
    if trained is None:
        raise InputError(
            f"the model '{model}' does not know the name of its target",
            "fit it on a named column, or train one with tidynet train",
        )
    if trained != target:
        raise InputError(
            f"the model '{model}' predicts '{trained}', not '{target}'", "give its own target, or another model"
        )
    recover_test_rows(fitted, whole)
    return fitted


def _extra_evaluation_options(model: Any) -> dict[str, Any]:
    """What a model was tested by beyond the usual, which its report tells and the notebook does again."""
    parts = {part["name"]: part for part in (model.record_.get("evaluation") or {}).get("sections", ())}
    requested: dict[str, Any] = {}
    if "cross-validation" in parts:
        facts = parts["cross-validation"]["facts"]
        requested |= {"folds": facts["folds"], "repeats": facts["repeats"]}
    return requested | ({"learning_curve": True} if "learning curve" in parts else {})


def _write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all files beside their places first, so that a full disk leaves none of them."""
    from tidynet.core.atomic_write import atomic_write

    paths = {folder / name: content for name, content in files.items()}
    made = [item for item in {path.parent for path in paths} if not item.is_dir()]
    try:
        for item in made:
            item.mkdir()
        with ExitStack() as temporaries:
            for path, content in paths.items():
                temporaries.enter_context(atomic_write(path)).write_bytes(content)
    except FileReadError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(
            f"'{folder}' cannot hold the notebook's files ({reason})", "choose another with --out"
        ) from error
    finally:
        for item in made:
            if item.is_dir() and not any(item.iterdir()):
                item.rmdir()
    return list(paths)
