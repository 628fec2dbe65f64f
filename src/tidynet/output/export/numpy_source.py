"""A model as one Python file that needs NumPy alone, or as an .npz file of its arrays."""

from __future__ import annotations

import base64
import json
import pprint
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.engine import ACTIVATIONS
from tidynet.output.export.portable_model import PortableModel, make_portable_model

if TYPE_CHECKING:
    from tidynet.table.table import Table

__all__ = ["numpy_text", "write_npz", "write_numpy"]

Array = NDArray[Any]

HEAD = '''"""{title}

Written by tidynet {version}; needs Python 3.9 or later and NumPy, and nothing of tidynet.

    import {module}
    {module}.predict({{{example}}})

Columns (lists, arrays, a data frame that has them, or a list of rows such as `csv.DictReader` gives):
{columns}

Gives a dict: {gives}.
"""'''

END = '''
def predict(table):
    """What the model says of each row of a table: {gives}."""
    return predict_table(table, {given})
'''


def write_numpy(model: Any, path: str | Path, dtype: str | None = None) -> int:
    """Write a fitted model as one Python file that predicts with NumPy alone; returns its bytes."""
    from tidynet.core.atomic_write import atomic_write

    text = numpy_text(model, Path(path).stem, dtype)
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path).stat().st_size


def write_npz(model: Any, path: str | Path, dtype: str | None = None, table: Table | pl.DataFrame | None = None) -> int:
    """Write a fitted model's arrays and facts (as JSON, under `facts`) as an .npz file; returns its bytes.

    `numpy.load` reads it without pickle; the arrays' names are those of `Portable.arrays`, a model of quantiles
    beside one of means has the prefix ``quantiles.``. With a table, its features are there too: ``features.numbers``,
    ``.bins``, ``.fractions`` and ``.codes`` (the attributes of `tidynet.preprocessing.Features`).
    """
    from tidynet.core.atomic_write import atomic_write

    provenance = make_portable_model(model)
    arrays = _cast_arrays(provenance, dtype)
    facts: dict[str, Any] = _metadata_source(provenance)
    if provenance.beside is not None:
        arrays |= {f"quantiles.{name}": values for name, values in _cast_arrays(provenance.beside, dtype).items()}
        facts["beside"] = _metadata_source(provenance.beside)
    if table is not None:
        result = model.recipe_.transform(table if isinstance(table, pl.DataFrame) else table.frame)
        own = provenance.dtype if dtype is None else np.dtype(dtype)
        arrays |= {f"features.{name}": getattr(result, name).astype(own) for name in ("numbers", "fractions")}
        arrays |= {f"features.{name}": getattr(result, name) for name in ("bins", "codes")}
    arrays["facts"] = np.array(json.dumps(facts, ensure_ascii=False))
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return Path(path).stat().st_size


def numpy_text(model: Any, module: str = "model", dtype: str | None = None) -> str:
    """The text of the Python file."""
    from tidynet import __version__

    provenance = make_portable_model(model)
    record = getattr(model, "record_", {})
    target = f"Predicts {_docstring_safe(record['target'])}." if record.get("target") else "Predicts."
    code = (Path(__file__).parent / "standalone_predictor.py").read_text("utf-8").split('"""', 2)[2].strip()
    code = code.replace("from __future__ import annotations\n\n", "")
    code = re.sub(r"(?m)^ACTIVATIONS.*$", lambda _: _activations_source(provenance), code)
    gives = ", ".join(f"`{name}`" for name in _outputs(provenance))
    head = HEAD.format(
        title=target, version=__version__, module=module, gives=gives, columns=_column_specs(provenance),
        example="..." if not provenance.one_matrix else "",
    )  # fmt: skip
    if provenance.one_matrix:
        head = head.replace("({})", "(X)")
    parts = [head, code, "", "", *_data(provenance, "", dtype)]
    user_value = "MODEL, ARRAYS"
    if provenance.beside is not None:
        parts += _data(provenance.beside, "QUANTILE_", dtype)
        user_value += ", (QUANTILE_MODEL, QUANTILE_ARRAYS)"
    return "\n".join([*parts, END.format(gives=gives, given=user_value)])


def _activations_source(model: PortableModel) -> str:
    """The activations of the model as NumPy expressions."""
    models = [model] if model.beside is None else [model, model.beside]
    names = dict.fromkeys(name for item in models for name in item.activations)
    rows = [f'    "{name}": lambda h: {ACTIVATIONS[name].numpy},' for name in names]
    return "\n".join(["ACTIVATIONS: dict[str, Any] = {", *rows, "}"])


def _docstring_safe(text: str) -> str:
    r"""A text of the user's as it can stand in a docstring, where it is then read as its `repr`.

    Examples
    --------
    >>> print(_docstring_safe("new\nline"))
    'new\\nline'
    """
    return repr(text).replace("\\", "\\\\").replace('"', '\\"')


def _outputs(provenance: PortableModel) -> list[str]:
    if provenance.result in ("classes", "labels"):
        return ["label", "probabilities"]
    names = ["prediction", *(["deviation"] if provenance.result == "gaussian" else [])]
    return [*names, *(["quantiles"] if provenance.beside is not None else [])]


def _column_specs(provenance: PortableModel) -> str:
    if provenance.one_matrix:
        return "    X: one matrix of numbers, the columns in the order of the training; NaN where one is missing"
    forms = {
        "number": "numbers; None or NaN where missing",
        "date": "dates: datetime, numpy.datetime64, text in ISO form, or days since 1970",
        "duration": "durations: timedelta, numpy.timedelta64, or seconds",
    }
    text = []
    for column in provenance.columns:
        levels = ", ".join(_docstring_safe(level[:40]) for level in column.levels[:6])
        more = ", …" if len(column.levels) > 6 else ", in any common spelling" if column.is_boolean else ""
        text.append(f"    {_docstring_safe(column.name)}: {forms.get(column.form, f'levels {levels}{more}')}")
    return "\n".join(text)


def _metadata_source(provenance: PortableModel) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "result": provenance.result,
        "one_matrix": provenance.one_matrix,
        "places": list(provenance.places),
        "plain": provenance.plain,
        "numbers": [(column.name, column.form) for column in provenance.numbers],
        "levels": [
            (column.name, list(column.levels), column.marks_missing, column.is_boolean) for column in provenance.levels
        ],
        "activations": list(provenance.activations),
        "quantiles": list(provenance.quantiles),
        "column_target": provenance.column_target,
    }
    if provenance.classes:
        facts |= {"classes": provenance.classes, "scaling": provenance.scaling, "temperature": provenance.temperature}
    return facts


def _cast_arrays(provenance: PortableModel, dtype: str | None) -> dict[str, Array]:
    """The arrays, the networks' weights in the type asked for."""
    if dtype is not None and dtype not in ("float16", "float32", "float64"):
        raise InputError(f"dtype is {dtype!r}, expected float16, float32 or float64")
    own = provenance.dtype if dtype is None else np.dtype(dtype)
    weights = {
        name for name in provenance.arrays if (name[0] in "Wb" and name[1:].isdigit()) or name.startswith("levels_")
    }
    return {name: values.astype(own) if name in weights else values for name, values in provenance.arrays.items()}


def _data(provenance: PortableModel, prefix: str, dtype: str | None) -> Iterator[str]:
    yield f"{prefix}MODEL = " + pprint.pformat(_metadata_source(provenance), width=116, sort_dicts=False)
    yield ""
    yield f"# {_size(_cast_arrays(provenance, dtype))}"
    yield f"{prefix}ARRAYS = {{"
    for name, values in _cast_arrays(provenance, dtype).items():
        kind = values.dtype.newbyteorder("<").str if values.dtype.itemsize > 1 else values.dtype.str
        data = base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()
        lines = "".join(f'\n        "{line}"' for line in textwrap.wrap(data, 108)) or ' ""'
        yield f'    "{name}": array("{kind}", {values.shape},{lines}),'
    yield "}"
    yield ""


def _size(arrays: dict[str, Array]) -> str:
    total = sum(values.nbytes for values in arrays.values())
    return f"{sum(values.size for values in arrays.values()):,} numbers, {total:,} bytes in memory"
