"""`tidynet export`: a model for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from tidynet.cli.app import app
from tidynet.cli.options import ForceOption, ModelArgument, make_console, option, parse_column_names

_OUT = option("--out", "-o", metavar="FILE", text="The file to write.  [default: beside the model]")
_TO = option(
    "--to",
    text="An ONNX graph, one Python file that needs NumPy alone, or arrays.  [default: by the name, or onnx]",
    parse=("onnx", "numpy", "npz"),
)
_DTYPE = option(
    "--dtype",
    text="Type of the weights, of numpy and npz.  [default: the model's own]",
    parse=("float16", "float32", "float64"),
)
_TABLE = option("--table", metavar="TABLE", text="Write the features of this table into the npz too.")
_COLUMN_NAMES = option(
    "--column-names", metavar="NAME,…", text="The column names of an array (.npy, .npz), with commas."
)


@app.command("export")
def export_command(
    model: ModelArgument,
    out: Annotated[Path | None, _OUT] = None,
    to: Annotated[str | None, _TO] = None,
    dtype: Annotated[str | None, _DTYPE] = None,
    table: Annotated[Path | None, _TABLE] = None,
    column_names: Annotated[list[str] | None, _COLUMN_NAMES] = None,
    force: ForceOption = False,
) -> None:
    """Write a model for other programs: raw columns go in, probabilities or numbers come out.

    It holds preprocessing (scaling, bins, categories, missing values), all networks and calibration. Inputs are the
    columns by name: numbers (NaN if missing; dates as days since 1970, durations in seconds) and text ('' if missing).
    """
    from tidynet.estimators.load import load
    from tidynet.output.export.write import write_export

    names = parse_column_names(column_names)
    path, form = write_export(load(model), model, out, to, dtype=dtype, table=table, columns=names, force=force)
    with make_console() as console:
        console.print_file(path, path.stat().st_size, form)
