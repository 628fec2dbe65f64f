"""An analysis of a table as a notebook: profile, training, test, and the files of the notebook."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tidynet.core.errors import FileReadError, InputError, check_folder, check_overwrite, did_you_mean
from tidynet.core.text import join_names

if TYPE_CHECKING:
    from tidynet.core.notebook_cell import NotebookCell
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.table.table import Table


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
    """Write an analysis of a table as a notebook that was run: the profile, the network, its test.

    The files that were written are returned, the notebook first.

    Parameters
    ----------
    table : str or Path
        A file, a database address or a shipped table, which the notebook reads again.
    target : str
        The column to predict.
    model : str or Path, optional
        A model file that ``tidynet train`` wrote from this table; by default the notebook trains one.
    out : str or Path
        The notebook; its name ends in .ipynb.
    run : bool
        Whether to run it in a new kernel, so that it holds its outputs.
    formats : iterable of str
        Further formats: "html", "slides", "markdown", "script".
    jupytext : bool
        Whether to pair it with a text file (jupytext's py:percent).
    seed, effort
        Of the training, where there is no model; as ``tidynet train`` takes them.
    force : bool
        Whether to replace existing files.
    on_message : callable, optional
        Called with the present activity.
    **reading
        How to read the table, as `tidynet.read` takes it.

    Raises
    ------
    InputError, FileReadError
        If the table, the target, the model or a format cannot be used, or a file exists already.
    MissingDependencyError
        If packages of the extra ``notebook`` are not installed.
    TidynetError
        If a cell fails; then no file is written.

    Examples
    --------
    >>> notebook("penguins", "species", out="analysis.txt")
    Traceback (most recent call last):
    tidynet.core.errors.InputError: the notebook is 'analysis.txt', expected a name that ends in .ipynb
    """
    report = on_message or (lambda _: None)
    _check_arguments(target, model)
    path, requested = Path(out), _check_formats(formats, jupytext=jupytext)
    _check_output_paths(path, requested, force=force)
    source = _load_source(table, path.parent)
    training = {"seed": seed, "effort": effort}
    make = partial(_make_cells, table, source, target, model, path, training, reading, report)
    return _write_all(path.parent, _make_files(make, path, requested, jupytext=jupytext, run=run, report=report))


def _make_files(
    make: Callable[[], list[NotebookCell]],
    path: Path,
    formats: list[str],
    *,
    jupytext: bool,
    run: bool,
    report: Callable[[str], None],
) -> dict[str, bytes]:
    """The content of each file by its name, the notebook first."""
    from tidynet.output.notebook.convert import convert, with_alt_text
    from tidynet.output.notebook.file import execute, make_notebook, require_notebook_extra

    require_notebook_extra(*(["jupytext"] if jupytext else []))
    made = make_notebook(make())
    if jupytext:
        made.metadata["jupytext"] = {"formats": "ipynb,py:percent"}
    if run:
        execute(made, path.parent.absolute(), report)
        with_alt_text(made)
    report("writing")
    import nbformat

    nbformat.validate(made)
    files = {path.name: nbformat.writes(made).encode()}
    for name in formats:
        files |= convert(made, name, path.stem)
    return files


def _check_arguments(target: object, model: object) -> None:
    if not isinstance(target, str):
        raise InputError(f"the target is {target!r}, expected the name of a column")
    if not isinstance(model, str | Path | None):
        raise InputError(f"the model is {model!r}, expected the name of a model file")


def _check_formats(formats: Iterable[str], *, jupytext: bool) -> list[str]:
    known = ("html", "slides", "markdown", "script")
    requested = list(dict.fromkeys([formats] if isinstance(formats, str) else formats))
    for name in requested:
        if name not in known:
            raise InputError(f"the format is '{name}', expected one of {join_names(known)}", did_you_mean(name, known))
    if jupytext and "script" in requested:
        raise InputError("jupytext and the format 'script' both write a .py file, expected one of them", "remove one")
    return [*requested, *(["pair"] if jupytext else [])]


def _check_output_paths(path: Path, formats: list[str], *, force: bool) -> None:
    from tidynet.output.notebook.convert import FORMS, figures_folder

    if path.suffix != ".ipynb":
        raise InputError(f"the notebook is '{path}', expected a name that ends in .ipynb")
    check_folder(path)
    for file in (path, *(path.with_name(path.stem + FORMS[name]) for name in formats)):
        check_overwrite(file, force)
        if file.is_dir():
            raise FileReadError(f"'{file}' is a folder, expected a file", "choose another with --out")
    figures = path.with_name(figures_folder(path.stem))
    if "markdown" in formats and figures.exists() and not (figures.is_dir() and os.access(figures, os.W_OK)):
        what = "a folder that cannot be written" if figures.is_dir() else "a file"
        raise FileReadError(f"'{figures}' is {what}, expected a folder for figures", "choose another name with --out")


def _load_source(table: Any, folder: Path) -> str:
    """The table as the notebook names it, from its folder."""
    if not isinstance(table, str | Path) or str(table) == "-":
        raise InputError(
            "the table is no file, but the notebook reads it again", "give a file, or the name of a shipped table"
        )
    path = Path(table)
    return _relative_path(path, folder) if path.exists() else str(table)


def _relative_path(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()


def _make_cells(
    table: str | Path,
    source: str,
    target: str,
    model: str | Path | None,
    path: Path,
    training: Mapping[str, Any],
    reading: Mapping[str, Any],
    report: Callable[[str], None],
) -> list[NotebookCell]:
    """Profile, train and test, so that the text of the notebook states the results."""
    from importlib.metadata import version

    from tidynet.output.notebook.build import make_cells
    from tidynet.output.notebook.notebook_spec import NotebookSpec
    from tidynet.table.read import read
    from tidynet.workflow import TrainOptions, evaluate_on_test_rows, fit_and_evaluate
    from tidynet.workflow.explore import explore

    whole = read(table, **reading)
    fitted = None if model is None else _load_model(model, target, whole)
    changed = {} if fitted is None else _changed_variable_types(whole, fitted.recipe_.variable_types)
    if changed:
        reading = {**reading, "variable_types": {**(reading.get("variable_types") or {}), **changed}}
        whole = read(whole, variable_types=changed)
    known = {*whole.columns} if fitted is None else {target, *fitted.recipe_.variable_types}
    excluded = tuple(name for name in whole.columns if name not in known)
    labeled = np.flatnonzero(whole[target].is_not_null().to_numpy())
    trained_on = whole.drop(*excluded).take(labeled) if excluded or len(labeled) < whole.height else whole
    seen = explore(trained_on, target, on_message=report)
    if fitted is None:
        report("training")
        # The test is below.
        fitted = fit_and_evaluate(whole, TrainOptions(target=target, **training, sections="scores")).model
    further = {} if model is None else _extra_evaluation_options(fitted)
    evaluation = evaluate_on_test_rows(
        fitted, whole, **further, on_event=lambda title, *_: report(f"testing: {title.lower()}")
    )
    spec = NotebookSpec(
        source=source,
        target=target,
        read_options=reading,
        model=None if model is None else _relative_path(Path(model), path.parent),
        train_options=training,
        excluded_columns=excluded,
        n_rows_without_target=whole.height - len(labeled),
        evaluation_options=further,
        version=version("tidynet"),
    )
    return make_cells(spec, seen.profile, evaluation, fitted)


def _changed_variable_types(table: Table, variable_types: Mapping[str, str]) -> dict[str, str]:
    """The columns whose type in training is not the inferred one."""
    inferred = {name: item.variable_type.value for name, item in table.inferred_types.items()}
    return {name: item for name, item in variable_types.items() if inferred.get(name, item) != item}


def _load_model(model: str | Path, target: str, whole: Table) -> FittedModel:
    """A model of this target whose test rows are known."""
    from tidynet.estimators.load import load
    from tidynet.workflow import recover_test_rows

    fitted = load(model)
    trained = fitted.record_.get("target")
    if trained is None:
        raise InputError(
            f"the model '{model}' has no target name, expected '{target}'",
            "fit it on a named column, or train one with tidynet train",
        )
    if trained != target:
        raise InputError(
            f"the target is '{target}', but the model '{model}' predicts '{trained}'",
            "give its target, or another model",
        )
    recover_test_rows(fitted, whole)
    return fitted


def _extra_evaluation_options(model: FittedModel) -> dict[str, Any]:
    """The retraining sections of the evaluation of a model, which the notebook computes again."""
    from tidynet.evaluation.section import SectionName

    sections = {item["name"]: item for item in (model.record_.get("evaluation") or {}).get("sections", ())}
    requested: dict[str, Any] = {}
    if SectionName.CROSS_VALIDATION in sections:
        facts = sections[SectionName.CROSS_VALIDATION]["facts"]
        requested |= {"folds": facts["folds"], "repeats": facts["repeats"]}
    return requested | ({"learning_curve": True} if SectionName.LEARNING_CURVE in sections else {})


def _write_all(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write all files or none."""
    from tidynet.core.atomic_write import atomic_write

    paths = {folder / name: content for name, content in files.items()}
    new_folders = [item for item in {path.parent for path in paths} if not item.is_dir()]
    try:
        for item in new_folders:
            item.mkdir()
        with ExitStack() as temporaries:
            for path, content in paths.items():
                temporaries.enter_context(atomic_write(path)).write_bytes(content)
    except FileReadError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileReadError(
            f"the folder '{folder}' cannot be written ({reason})", "choose another with --out"
        ) from error
    finally:
        for item in new_folders:
            if item.is_dir() and not any(item.iterdir()):
                item.rmdir()
    return list(paths)
