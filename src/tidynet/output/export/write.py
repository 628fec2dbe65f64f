"""Which form a model is exported in, and where to; checked before any work is done."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tidynet.core.errors import FileReadError, InputError

__all__ = ["write_export"]

ENDINGS = {"onnx": ".onnx", "numpy": ".py", "npz": ".npz"}


def write_export(
    model: Any,
    source: Path,
    out: Path | None = None,
    form: str | None = None,
    *,
    dtype: str | None = None,
    table: Path | None = None,
    columns: Sequence[str] | None = None,
    force: bool = False,
) -> tuple[Path, str]:
    """Write a model in another form."""
    from tidynet.output.export.numpy_source import write_npz, write_numpy
    from tidynet.output.export.onnx_graph import write_onnx

    form = form or _form_of(out)
    path = out or source.with_name(source.stem + ENDINGS[form])
    if path.suffix.lower() != ENDINGS[form]:
        raise InputError(f"--out is '{path}', expected a name that ends in {ENDINGS[form]} for {form}")
    if form == "numpy" and not path.stem.isidentifier():
        raise InputError(f"--out is '{path}', which Python cannot import", "take letters, digits and underscores")
    if table is not None and form != "npz":
        raise InputError(f"--table was given, but {form} holds no features", "write them with --to npz")
    if columns is not None and table is None:
        raise InputError("names of columns were given, but no --table", "leave them out")
    if dtype is not None and form == "onnx":
        raise InputError("--dtype was given, but an ONNX graph keeps the model's own", "leave it away")
    if path.exists() and not force:
        raise FileReadError(f"'{path}' exists already", "replace it with --force, or choose another name with --out")
    if form == "onnx":
        write_onnx(model, path)
        return path, f"{_width(model)}, probabilities out, " if hasattr(
            model, "classes_"
        ) else f"{_width(model)}, numbers out, "
    if form == "numpy":
        write_numpy(model, path, dtype)
        return path, "Python that needs NumPy alone, "
    from tidynet.table import read

    write_npz(model, path, dtype, None if table is None else read(table, columns=columns))
    return path, f"arrays of {dtype or model.dtype_}, "


def _width(model: Any) -> str:
    used = len(model.recipe_.used_columns)
    return f"{used:,} {'column' if used == 1 else 'columns'} in"


def _form_of(out: Path | None) -> str:
    if out is None:
        return "onnx"
    result = [form for form, ending in ENDINGS.items() if out.suffix.lower() == ending]
    if not result:
        raise InputError(f"--out is '{out}', expected a name that ends in .onnx, .py or .npz", "or say --to")
    return result[0]
