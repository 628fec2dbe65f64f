"""Predictions of a whole table, written as they come: memory does not grow with the table."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeAlias

import numpy as np
import polars as pl

from tidynet.errors import InputError
from tidynet.model.atomic import replacing
from tidynet.table.read import chunks
from tidynet.table.reading import Reading

if TYPE_CHECKING:
    from tidynet.model.classifier import MLPClassifier
    from tidynet.model.regressor import MLPRegressor

    Model: TypeAlias = MLPClassifier | MLPRegressor

__all__ = ["Extras", "key_columns", "predict_chunk", "write_predictions"]

LABELS_BETWEEN = " | "  # a prediction set's labels; a comma would need quotes in CSV


@dataclass
class Extras:
    """What to write beside each prediction, and what came of it.

    Attributes
    ----------
    coverage : float or None
        Adds `prediction_set`, labels from the most probable on with ``" | "`` between them, or `lower` and `upper`.
    per_class : bool
        Whether sets keep their promise within each class.
    abstain : bool
        Leaves unsure predictions blank: classes whose set holds several labels (at 90% if no coverage is given),
        numbers whose interval is wider than `widest`.
    widest : float or None
        The widest interval of a prediction that is not left blank.
    unfamiliarity : bool
        Adds `unfamiliarity`, from 0 to 1, and `unfamiliar_because`, in words.
    rows, blank : int
        How many rows were written, and how many of them were left blank.
    """

    coverage: float | None = None
    per_class: bool = False
    abstain: bool = False
    widest: float | None = None
    unfamiliarity: bool = False
    rows: int = 0
    blank: int = 0

    def sentence(self) -> str:
        """How many predictions were left blank.

        Examples
        --------
        >>> Extras(abstain=True, rows=200, blank=30).sentence()
        '30 of 200 predictions (15.0%) were left blank as unsure'
        """
        share = f" ({self.blank / self.rows:.1%})" if self.rows else ""
        return f"{self.blank:,} of {self.rows:,} predictions{share} were left blank as unsure"


def write_predictions(
    model: Model,
    source: Any,
    out: str | os.PathLike[str] | None = None,
    *,
    stream: BinaryIO | None = None,
    ragged: Literal["error", "skip"] = "error",
    extras: Extras | None = None,
    **reading: Any,
) -> int:
    """Predict every row of a table and write key columns, `prediction` and `probability_<class>`.

    A model of several numbers writes `prediction_1`, `prediction_2` and so on; one that has learnt quantiles
    beside its number writes `quantile_<level>` too.
    The key columns are those that training judged to be identifiers; they are copied as they are.
    Where the table has none of them, a column `row` counts the rows from 1.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        A fitted model.
    source : path, name, '-' or data frame
        Anything that ``tidynet.read`` takes; files are read and written in chunks.
    out : path, optional
        A file whose name ends in ``.csv`` or ``.parquet``; it appears whole or not at all.
    stream : binary stream, optional
        Where CSV in UTF-8 goes when `out` is not given; standard output by default.
    ragged : {'error', 'skip'}, default 'error'
        What to do with rows of a text file that have too many or too few fields.
    extras : Extras, optional
        What to write beside the predictions; it counts the rows and those left blank.
    **reading
        How else the table is written, as `tidynet.read` takes it: ``separator``, ``query`` and so on.

    Returns
    -------
    int
        How many rows were predicted.

    Raises
    ------
    InputError
        If `out` ends otherwise or is the table itself, or a column that the model needs is missing.
    FileFault
        If the table cannot be read or `out` cannot be written.

    Examples
    --------
    >>> import io, tidynet as tn
    >>> table = tn.read("penguins").select("species", "bill_length_mm", "bill_depth_mm")
    >>> model = tn.MLPClassifier(random_state=0).fit(table.drop(target="species"), table["species"])
    >>> with io.BytesIO() as stream:
    ...     count = write_predictions(model, "penguins", stream=stream)
    ...     first = stream.getvalue().decode().splitlines()[0]
    >>> count, first
    (344, 'row,prediction,probability_Adelie,probability_Chinstrap,probability_Gentoo')
    """
    parts = _predictions(model, chunks(source, reading=Reading(ragged=ragged, **reading)), extras or Extras())
    if out is None:
        return _write_csv(parts, sys.stdout.buffer if stream is None else stream)
    path = Path(out)
    write = _writer(path, source)
    with replacing(path) as temporary:
        return write(parts, temporary)


def predict_chunk(
    model: Model, chunk: pl.DataFrame, *, first_row: int = 1, extras: Extras | None = None
) -> pl.DataFrame:
    """The key columns of some rows, their predictions, and for classes the probabilities.

    Parameters
    ----------
    model : MLPClassifier or MLPRegressor
        A fitted model.
    chunk : polars DataFrame of n rows
    first_row : int, default 1
        The number of the first of these rows in the whole table, for tables without a key.
    extras : Extras, optional
        What to write beside the predictions.

    Returns
    -------
    polars DataFrame of n rows
        A key column that is named like one of the new columns becomes ``input_<name>``.
    """
    numbers = pl.Series("row", range(first_row, first_row + chunk.height), dtype=pl.Int64)
    keys = [chunk[name] for name in key_columns(model) if name in chunk.columns] or [numbers]
    new = _with_extras(model, chunk, _prediction_columns(model, chunk), extras or Extras())
    taken = {series.name for series in new}
    return pl.DataFrame([key.alias(f"input_{key.name}") if key.name in taken else key for key in keys] + new)


def key_columns(model: Model) -> list[str]:
    """The columns that training judged to be identifiers, and so no features."""
    return [name for name, kind in model.recipe_.kinds.items() if kind == "identifier"]


def _prediction_columns(model: Model, chunk: pl.DataFrame) -> list[pl.Series]:
    from tidynet.model.regressor import MLPRegressor

    if isinstance(model, MLPRegressor):
        predicted = model.predict(chunk)
        if predicted.ndim == 1:
            return [pl.Series("prediction", predicted), *_quantile_columns(model, chunk)]
        return [pl.Series(f"prediction_{place}", column) for place, column in enumerate(predicted.T, start=1)]
    probability = model.predict_proba(chunk)
    return [
        pl.Series("prediction", model.classes_[probability.argmax(axis=1)]),
        *(pl.Series(f"probability_{name}", column) for name, column in zip(model.classes_, probability.T, strict=True)),
    ]


def _with_extras(model: Model, chunk: pl.DataFrame, columns: list[pl.Series], extras: Extras) -> list[pl.Series]:
    """The columns of predictions with those that were asked for, blank where the model abstains."""
    from tidynet.model.regressor import MLPRegressor

    extras.rows += chunk.height
    coverage = 0.9 if extras.coverage is None else extras.coverage
    new: list[pl.Series]
    unsure: pl.Series | None
    if extras.coverage is None and not extras.abstain:
        new, unsure = [], None
    elif isinstance(model, MLPRegressor):
        new, unsure = _interval_columns(model, chunk, coverage, extras)
    else:
        new, unsure = _set_column(model, chunk, coverage, extras)
    if extras.abstain and unsure is not None:
        extras.blank += int(unsure.sum())
        columns = [columns[0].set(unsure, None), *columns[1:]]
    if extras.unfamiliarity:
        because = ["; ".join(reasons) for reasons in model.unfamiliar_because(chunk)]
        new += [
            pl.Series("unfamiliarity", model.unfamiliarity(chunk)),
            pl.Series("unfamiliar_because", because, dtype=pl.String),
        ]
    return columns + new


def _set_column(
    model: MLPClassifier, chunk: pl.DataFrame, coverage: float, extras: Extras
) -> tuple[list[pl.Series], pl.Series]:
    members = model.predict_members(chunk, coverage, extras.per_class)
    order = np.argsort(-model.predict_proba(chunk), axis=1, kind="stable")
    labels = [str(label) for label in model.classes_]
    joined = [
        LABELS_BETWEEN.join(labels[code] for code in codes if member[code])
        for codes, member in zip(order, members, strict=True)
    ]
    new = [] if extras.coverage is None else [pl.Series("prediction_set", joined, dtype=pl.String)]
    return new, pl.Series(members.sum(axis=1) != 1)


def _interval_columns(
    model: MLPRegressor, chunk: pl.DataFrame, coverage: float, extras: Extras
) -> tuple[list[pl.Series], pl.Series]:
    if extras.abstain and extras.widest is None:
        raise InputError(
            "to abstain from a number, the widest interval that is still of use must be known",
            "give it, as in --abstain --widest 10",
        )
    found = model.predict_interval(chunk, coverage)
    ends = found.reshape(len(found), -1, 2)
    several = ends.shape[1] > 1
    new = []
    for target in range(ends.shape[1] if extras.coverage is not None else 0):
        mark = f"_{target + 1}" if several else ""
        new += [pl.Series(f"lower{mark}", ends[:, target, 0]), pl.Series(f"upper{mark}", ends[:, target, 1])]
    widest = np.inf if extras.widest is None else extras.widest
    return new, pl.Series((ends[:, :, 1] - ends[:, :, 0] > widest).any(axis=1))


def _quantile_columns(model: MLPRegressor, chunk: pl.DataFrame) -> list[pl.Series]:
    """What a model of one number learnt of its quantiles beside it."""
    if model.quantile_model_ is None:
        return []
    levels = sorted(model.quantile_model_.network_.options.quantiles)
    predicted = model.predict_quantiles(chunk)
    return [pl.Series(f"quantile_{level:g}", column) for level, column in zip(levels, predicted.T, strict=True)]


def _predictions(model: Model, parts: Iterable[pl.DataFrame], extras: Extras) -> Iterator[pl.DataFrame]:
    first_row = 1
    for part in parts:
        yield predict_chunk(model, part, first_row=first_row, extras=extras)
        first_row += part.height


def _writer(out: Path, source: Any) -> Callable[[Iterable[pl.DataFrame], Path], int]:
    writers = {".csv": _write_csv_file, ".parquet": _write_parquet_file}
    if out.suffix.lower() not in writers:
        raise InputError(
            f"predictions are written to a name that ends in .csv or .parquet, and '{out}' ends in neither",
            "name another file",
        )
    if isinstance(source, (str, os.PathLike)) and out.exists() and Path(source).exists() and out.samefile(source):
        raise InputError(f"'{out}' is the table itself, which the predictions would replace", "name another file")
    return writers[out.suffix.lower()]


def _write_csv(parts: Iterable[pl.DataFrame], stream: BinaryIO) -> int:
    count = 0
    for position, part in enumerate(parts):
        stream.write(part.write_csv(include_header=position == 0).encode())
        count += part.height
    stream.flush()
    return count


def _write_csv_file(parts: Iterable[pl.DataFrame], path: Path) -> int:
    with path.open("wb") as stream:
        return _write_csv(parts, stream)


def _write_parquet_file(parts: Iterable[pl.DataFrame], path: Path) -> int:
    # A Parquet file ends with an index of all its rows, so the parts wait on disk, not in memory.
    with tempfile.TemporaryDirectory(prefix=f"{path.name}.", dir=path.parent) as folder:
        count = 0
        files: list[Path] = []
        for part in parts:
            files.append(Path(folder) / f"{len(files)}.parquet")
            part.write_parquet(files[-1])
            count += part.height
        pl.scan_parquet(files, glob=False).sink_parquet(path)
    return count
