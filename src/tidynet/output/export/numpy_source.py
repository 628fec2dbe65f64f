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
from tidynet.estimators.fitted_model import FittedModel
from tidynet.output.export.portable_model import PortableModel, make_portable_model

if TYPE_CHECKING:
    from tidynet.table.table import Table

Array = NDArray[Any]

HEAD = '''"""{title}

Written by tidynet {version}; needs Python 3.9 or later and NumPy, and no tidynet.

    import {module}
    {module}.predict({{{example}}})

Columns (lists, arrays, a data frame that has them, or a list of rows such as `csv.DictReader` gives):
{columns}

Returns a dict: {gives}.
"""'''

END = '''
def predict(table):
    """The outputs for each row of a table: {gives}."""
    return predict_table(table, {given})
'''


def write_numpy(model: FittedModel, path: str | Path, dtype: str | None = None) -> int:
    """Write a fitted model as one Python file that predicts with NumPy alone; returns its bytes."""
    from tidynet.core.atomic_write import atomic_write

    text = numpy_text(model, Path(path).stem, dtype)
    with atomic_write(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return Path(path).stat().st_size


def write_npz(
    model: FittedModel, path: str | Path, dtype: str | None = None, table: Table | pl.DataFrame | None = None
) -> int:
    """Write a fitted model's arrays and facts (as JSON, under `facts`) as an .npz file; returns its bytes.

    `numpy.load` reads it without pickle. Array names: `PortableModel`; those of a quantile model have the prefix
    ``quantiles.``. With a table, its features are added: ``features.numbers``, ``.bins``, ``.fractions``, ``.codes``.
    """
    from tidynet.core.atomic_write import atomic_write

    portable = make_portable_model(model)
    arrays = _cast_arrays(portable, dtype)
    facts: dict[str, Any] = _metadata_source(portable)
    if portable.quantile_model is not None:
        arrays |= {f"quantiles.{name}": values for name, values in _cast_arrays(portable.quantile_model, dtype).items()}
        facts["quantile_model"] = _metadata_source(portable.quantile_model)
    if table is not None:
        result = model.recipe_.transform(table if isinstance(table, pl.DataFrame) else table.frame)
        own = portable.dtype if dtype is None else np.dtype(dtype)
        arrays |= {f"features.{name}": getattr(result, name).astype(own) for name in ("numbers", "fractions")}
        arrays |= {f"features.{name}": getattr(result, name) for name in ("bins", "codes")}
    arrays["facts"] = np.array(json.dumps(facts, ensure_ascii=False))
    with atomic_write(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return Path(path).stat().st_size


def numpy_text(model: FittedModel, module: str = "model", dtype: str | None = None) -> str:
    """The text of the Python file."""
    from tidynet import __version__

    portable = make_portable_model(model)
    record = model.record_
    target = f"Predicts {_docstring_safe(record['target'])}." if record.get("target") else "Predicts."
    code = (Path(__file__).parent / "standalone_predictor.py").read_text("utf-8").split('"""', 2)[2].strip()
    code = code.replace("from __future__ import annotations\n\n", "")
    code = re.sub(r"(?m)^ACTIVATIONS.*$", lambda _: _activations_source(portable), code)
    gives = ", ".join(f"`{name}`" for name in _outputs(portable))
    head = HEAD.format(
        title=target, version=__version__, module=module, gives=gives, columns=_column_specs(portable),
        example="..." if not portable.takes_matrix else "",
    )  # fmt: skip
    if portable.takes_matrix:
        head = head.replace("({})", "(X)")
    parts = [head, code, "", "", *_data(portable, "", dtype)]
    arguments = "MODEL, ARRAYS"
    if portable.quantile_model is not None:
        parts += _data(portable.quantile_model, "QUANTILE_", dtype)
        arguments += ", (QUANTILE_MODEL, QUANTILE_ARRAYS)"
    return "\n".join([*parts, END.format(gives=gives, given=arguments)])


def _activations_source(model: PortableModel) -> str:
    """The activations of the model as NumPy expressions."""
    models = [model] if model.quantile_model is None else [model, model.quantile_model]
    names = dict.fromkeys(name for item in models for name in item.activations)
    rows = [f'    "{name}": lambda h: {ACTIVATIONS[name].numpy},' for name in names]
    return "\n".join(["ACTIVATIONS: dict[str, Any] = {", *rows, "}"])


def _docstring_safe(text: str) -> str:
    r"""A text of the user for a docstring, where it reads as its `repr`."""
    return repr(text).replace("\\", "\\\\").replace('"', '\\"')


def _outputs(portable: PortableModel) -> list[str]:
    if portable.output_type in ("classes", "labels"):
        return ["label", "probabilities"]
    names = ["prediction", *(["deviation"] if portable.output_type == "gaussian" else [])]
    return [*names, *(["quantiles"] if portable.quantile_model is not None else [])]


def _column_specs(portable: PortableModel) -> str:
    if portable.takes_matrix:
        return "    X: one matrix of numbers, the columns in the order of the training; missing: NaN"
    forms = {
        "number": "numbers; missing: None or NaN",
        "date": "dates: datetime, numpy.datetime64, text in ISO form, or days since 1970",
        "duration": "durations: timedelta, numpy.timedelta64, or seconds",
    }
    text = []
    for column in portable.columns:
        categories = ", ".join(_docstring_safe(category[:40]) for category in column.categories[:6])
        more = ", …" if len(column.categories) > 6 else ", in any common spelling" if column.is_boolean else ""
        text.append(
            f"    {_docstring_safe(column.name)}: {forms.get(column.input_type, f'categories {categories}{more}')}"
        )
    return "\n".join(text)


def _metadata_source(portable: PortableModel) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "output_type": portable.output_type,
        "takes_matrix": portable.takes_matrix,
        "column_positions": list(portable.column_positions),
        "is_passthrough": portable.is_passthrough,
        "numeric": [(column.name, column.input_type) for column in portable.numeric],
        "categorical": [
            (column.name, list(column.categories), column.has_missing_code, column.is_boolean)
            for column in portable.categorical
        ],
        "activations": list(portable.activations),
        "quantiles": list(portable.quantiles),
        "has_column_target": portable.has_column_target,
    }
    if portable.classes:
        facts |= {"classes": portable.classes, "calibration": portable.calibration, "temperature": portable.temperature}
    return facts


def _cast_arrays(portable: PortableModel, dtype: str | None) -> dict[str, Array]:
    """The arrays, the networks' weights in the requested dtype."""
    if dtype is not None and dtype not in ("float16", "float32", "float64"):
        raise InputError(f"dtype is {dtype!r}, expected float16, float32 or float64", "choose one of them")
    own = portable.dtype if dtype is None else np.dtype(dtype)
    weights = {
        name for name in portable.arrays if (name[0] in "Wb" and name[1:].isdigit()) or name.startswith("categories_")
    }
    return {name: values.astype(own) if name in weights else values for name, values in portable.arrays.items()}


def _data(portable: PortableModel, prefix: str, dtype: str | None) -> Iterator[str]:
    yield f"{prefix}MODEL = " + pprint.pformat(_metadata_source(portable), width=116, sort_dicts=False)
    yield ""
    yield f"# {_size(_cast_arrays(portable, dtype))}"
    yield f"{prefix}ARRAYS = {{"
    for name, values in _cast_arrays(portable, dtype).items():
        kind = values.dtype.newbyteorder("<").str if values.dtype.itemsize > 1 else values.dtype.str
        data = base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()
        lines = "".join(f'\n        "{line}"' for line in textwrap.wrap(data, 108)) or ' ""'
        yield f'    "{name}": array("{kind}", {values.shape},{lines}),'
    yield "}"
    yield ""


def _size(arrays: dict[str, Array]) -> str:
    total = sum(values.nbytes for values in arrays.values())
    return f"{sum(values.size for values in arrays.values()):,} numbers, {total:,} bytes in memory"
