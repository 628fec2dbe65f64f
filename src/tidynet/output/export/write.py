"""The export of a model; format and path are checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tidynet.core.errors import InputError, check_overwrite
from tidynet.core.text import pluralize
from tidynet.estimators.fitted_model import FittedModel, is_classifier, training_formats

SUFFIXES = {"onnx": ".onnx", "numpy": ".py", "npz": ".npz"}


def write_export(
    model: FittedModel,
    source: Path,
    out: Path | None = None,
    form: str | None = None,
    *,
    dtype: str | None = None,
    table: Path | None = None,
    columns: Sequence[str] | None = None,
    force: bool = False,
) -> tuple[Path, str]:
    """Write a model in another format; returns the path and a description of its content."""
    from tidynet.output.export.numpy_source import write_npz, write_numpy
    from tidynet.output.export.onnx_graph import write_onnx

    form = form or _form_of(out)
    path = out or source.with_name(source.stem + SUFFIXES[form])
    if path.suffix.lower() != SUFFIXES[form]:
        raise InputError(f"--out is '{path}', expected a name with the suffix {SUFFIXES[form]} for {form}", "rename it")
    if form == "numpy" and not path.stem.isidentifier():
        raise InputError(
            f"--out is '{path}', expected the name of a Python module", "use letters, digits and underscores"
        )
    if table is not None and form != "npz":
        raise InputError(f"--table is given, but {form} has no features", "use --to npz")
    if columns is not None and table is None:
        raise InputError("columns are named, but --table is missing", "remove them")
    if dtype is not None and form == "onnx":
        raise InputError("--dtype is given, but an ONNX graph has the dtype of the model", "remove it")
    check_overwrite(path, force)
    if form == "onnx":
        write_onnx(model, path)
        outputs = "probabilities" if is_classifier(model) else "numbers"
        return path, f"{pluralize(len(model.recipe_.used_columns), 'column')} → {outputs}"
    if form == "numpy":
        write_numpy(model, path, dtype)
        return path, "Python with NumPy alone, "
    from tidynet.table import read

    write_npz(
        model,
        path,
        dtype,
        None if table is None else read(table, columns=columns, column_formats=training_formats(model)),
    )
    return path, f"arrays of {dtype or model.dtype_}"


def _form_of(out: Path | None) -> str:
    if out is None:
        return "onnx"
    result = [form for form, suffix in SUFFIXES.items() if out.suffix.lower() == suffix]
    if not result:
        raise InputError(
            f"--out is '{out}', expected a name with the suffix .onnx, .py or .npz", "rename it, or add --to"
        )
    return result[0]
