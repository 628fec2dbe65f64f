"""A model as one Python file that needs NumPy alone, or as an .npz file of its arrays."""

from __future__ import annotations

import base64
import json
import pprint
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.errors import InputError
from tidynet.share.export.portable import Portable, portable

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
    return answers(table, {given})
'''


def write_numpy(model: Any, path: str | Path, dtype: str | None = None) -> int:
    """Write a fitted model as one Python file that predicts with NumPy alone; returns its bytes.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
    path : str or Path
        Its name should be one that Python can import.
    dtype : {"float16", "float32", "float64"}, optional
        Type of the weights; by default the model's own.

    Raises
    ------
    InputError, FileFault
        If the dtype is none of these, or the file cannot be written.
    """
    from tidynet.model.atomic import replacing

    text = numpy_text(model, Path(path).stem, dtype)
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path).stat().st_size


def write_npz(model: Any, path: str | Path, dtype: str | None = None, table: Table | pl.DataFrame | None = None) -> int:
    """Write a fitted model's arrays and facts (as JSON, under `facts`) as an .npz file; returns its bytes.

    `numpy.load` reads it without pickle; the arrays' names are those of `Portable.arrays`, a model of quantiles
    beside one of means has the prefix ``quantiles.``. With a table, its features are there too: ``features.numbers``,
    ``.bins``, ``.fractions`` and ``.codes`` (the attributes of `tidynet.prepare.Features`).
    """
    from tidynet.model.atomic import replacing

    made = portable(model)
    arrays = _typed(made, dtype)
    facts: dict[str, Any] = _facts(made)
    if made.beside is not None:
        arrays |= {f"quantiles.{name}": values for name, values in _typed(made.beside, dtype).items()}
        facts["beside"] = _facts(made.beside)
    if table is not None:
        found = model.recipe_.transform(table if isinstance(table, pl.DataFrame) else table.frame)
        own = made.dtype if dtype is None else np.dtype(dtype)
        arrays |= {f"features.{name}": getattr(found, name).astype(own) for name in ("numbers", "fractions")}
        arrays |= {f"features.{name}": getattr(found, name) for name in ("bins", "codes")}
    arrays["facts"] = np.array(json.dumps(facts, ensure_ascii=False))
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return Path(path).stat().st_size


def numpy_text(model: Any, module: str = "model", dtype: str | None = None) -> str:
    """The text of the Python file."""
    from tidynet import __version__

    made = portable(model)
    record = getattr(model, "record_", {})
    target = f"Predicts {_quiet(record['target'])}." if record.get("target") else "Predicts."
    code = (Path(__file__).parent / "standalone.py").read_text("utf-8").split('"""', 2)[2].strip()
    code = code.replace("from __future__ import annotations\n\n", "")
    gives = ", ".join(f"`{name}`" for name in _outputs(made))
    head = HEAD.format(
        title=target, version=__version__, module=module, gives=gives, columns=_columns_told(made),
        example="..." if not made.one_matrix else "",
    )  # fmt: skip
    if made.one_matrix:
        head = head.replace("({})", "(X)")
    parts = [head, code, "", "", *_data(made, "", dtype)]
    given = "MODEL, ARRAYS"
    if made.beside is not None:
        parts += _data(made.beside, "QUANTILE_", dtype)
        given += ", (QUANTILE_MODEL, QUANTILE_ARRAYS)"
    return "\n".join([*parts, END.format(gives=gives, given=given)])


def _quiet(text: str) -> str:
    r"""A text of the user's as it can stand in a docstring, where it is then read as its `repr`.

    Examples
    --------
    >>> print(_quiet("new\nline"))
    'new\\nline'
    """
    return repr(text).replace("\\", "\\\\").replace('"', '\\"')


def _outputs(made: Portable) -> list[str]:
    if made.result in ("classes", "labels"):
        return ["label", "probabilities"]
    names = ["prediction", *(["deviation"] if made.result == "gaussian" else [])]
    return [*names, *(["quantiles"] if made.beside is not None else [])]


def _columns_told(made: Portable) -> str:
    if made.one_matrix:
        return "    X: one matrix of numbers, the columns in the order of the training; NaN where one is missing"
    forms = {
        "number": "numbers; None or NaN where missing",
        "date": "dates: datetime, numpy.datetime64, text in ISO form, or days since 1970",
        "duration": "durations: timedelta, numpy.timedelta64, or seconds",
    }
    told = []
    for column in made.columns:
        levels = ", ".join(_quiet(level[:40]) for level in column.levels[:6])
        more = ", …" if len(column.levels) > 6 else ", in any common spelling" if column.is_boolean else ""
        told.append(f"    {_quiet(column.name)}: {forms.get(column.form, f'levels {levels}{more}')}")
    return "\n".join(told)


def _facts(made: Portable) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "result": made.result,
        "one_matrix": made.one_matrix,
        "places": list(made.places),
        "plain": made.plain,
        "numbers": [(column.name, column.form) for column in made.numbers],
        "levels": [
            (column.name, list(column.levels), column.marks_missing, column.is_boolean) for column in made.levels
        ],
        "activations": list(made.activations),
        "quantiles": list(made.quantiles),
        "column_target": made.column_target,
    }
    if made.classes:
        facts |= {"classes": made.classes, "scaling": made.scaling, "temperature": made.temperature}
    return facts


def _typed(made: Portable, dtype: str | None) -> dict[str, Array]:
    """The arrays, the networks' weights in the type asked for."""
    if dtype is not None and dtype not in ("float16", "float32", "float64"):
        raise InputError(f"dtype is {dtype!r}, expected float16, float32 or float64")
    own = made.dtype if dtype is None else np.dtype(dtype)
    weights = {name for name in made.arrays if (name[0] in "Wb" and name[1:].isdigit()) or name.startswith("levels_")}
    return {name: values.astype(own) if name in weights else values for name, values in made.arrays.items()}


def _data(made: Portable, prefix: str, dtype: str | None) -> Iterator[str]:
    yield f"{prefix}MODEL = " + pprint.pformat(_facts(made), width=116, sort_dicts=False)
    yield ""
    yield f"# {_size(_typed(made, dtype))}"
    yield f"{prefix}ARRAYS = {{"
    for name, values in _typed(made, dtype).items():
        kind = values.dtype.newbyteorder("<").str if values.dtype.itemsize > 1 else values.dtype.str
        data = base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()
        lines = "".join(f'\n        "{line}"' for line in textwrap.wrap(data, 108)) or ' ""'
        yield f'    "{name}": array("{kind}", {values.shape},{lines}),'
    yield "}"
    yield ""


def _size(arrays: dict[str, Array]) -> str:
    total = sum(values.nbytes for values in arrays.values())
    return f"{sum(values.size for values in arrays.values()):,} numbers, {total:,} bytes in memory"
