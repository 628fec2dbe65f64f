"""The columns of a table → numbers and codes for a network.

A recipe is fitted on training rows and applied to any later table: columns may have another order, and further columns,
unseen categories and new missing values are allowed; a missing column is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.core.display import Displayed
from tidynet.core.errors import InputError, did_you_mean
from tidynet.core.text import join_names, pluralize
from tidynet.preprocessing.column_changes import ColumnChange, find_column_changes, type_name
from tidynet.preprocessing.encoders import CategoryEncoder, NumberEncoder, as_numbers, read_dates
from tidynet.table import ColumnFormat, TypeInference, VariableType, refuse_infinities
from tidynet.table.date_formats import detect_date_format

_EXCLUDED = {VariableType.IDENTIFIER: "an identifier: ", VariableType.CONSTANT: "constant: ", VariableType.TEXT: ""}
_AS_NUMBERS = (VariableType.CONTINUOUS, VariableType.DISCRETE, VariableType.DATETIME, VariableType.DURATION)


@dataclass(frozen=True, eq=False)
class EncodedFeatures:
    """Rows as inputs of a network and of linear models; arrays have one row for each."""

    numbers: NDArray[np.float64]  # scaled numbers, then missing indicators
    bins: NDArray[np.int32]  # the bin of each binned number
    fractions: NDArray[np.float64]  # the position in the bin
    codes: NDArray[np.int32]  # of each categorical column, −1 for an unseen category
    standardized: NDArray[np.float64]  # standardized numbers, then missing indicators
    n_categories: tuple[int, ...]  # number of codes of each categorical column

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.numbers.shape[0])

    @classmethod
    def of_numbers(cls, numbers: NDArray[Any]) -> EncodedFeatures:
        """Features of a plain array of numbers."""
        rows = numbers.shape[0]
        none = np.empty((rows, 0))
        return cls(numbers, none.astype(np.int32), none, none.astype(np.int32), numbers, ())

    def dense_one_hot(self) -> NDArray[np.float64]:
        """The matrix for linear models: standardized numbers, missing indicators, one-hot categories."""
        parts = [self.standardized]
        for column, count in enumerate(self.n_categories):
            parts.append((self.codes[:, column, None] == np.arange(count)[None, :]).astype(np.float64))
        return np.concatenate(parts, axis=1)


@dataclass(frozen=True, repr=False)
class Recipe(Displayed):
    """How a table's columns become features."""

    columns: tuple[str, ...]  # all columns of the training table, in order
    numbers: tuple[NumberEncoder, ...]
    categories: tuple[CategoryEncoder, ...]
    excluded_columns: dict[str, str] = field(default_factory=dict)  # columns that are not used, with the reason
    variable_types: dict[str, str] = field(default_factory=dict)  # the inferred variable type of each column
    passthrough_columns: bool = False  # whether numbers are taken as they are, unscaled
    stored_types: dict[str, str] = field(default_factory=dict)  # the `type_name` of each used column in training
    column_formats: dict[str, ColumnFormat] = field(default_factory=dict)  # of the training file, the target's too

    def display_lines(self) -> list[str]:
        """How many columns become numbers and categories, and which are excluded, with the reason."""
        parts = f"{pluralize(len(self.numbers), 'number')}, {pluralize(len(self.categories), 'categorical column')}"
        head = f"Recipe of {pluralize(len(self.columns), 'column')}: {parts}"
        return [head, *(f"excluded '{name}': {reason}" for name, reason in self.excluded_columns.items())]

    @classmethod
    def numeric_passthrough(cls, columns: Iterable[str]) -> Recipe:
        """The recipe that reads every column as a number, unscaled."""
        names = tuple(columns)
        encoders = tuple(NumberEncoder(name, 0.0, 1.0, 0.0, 1.0, False) for name in names)
        return cls(names, encoders, (), passthrough_columns=True)

    @classmethod
    def fit(
        cls,
        frame: pl.DataFrame,
        inferred_types: Mapping[str, TypeInference],
        bins: int = 16,
        column_formats: Mapping[str, ColumnFormat] = {},
    ) -> Recipe:
        """Fit on training rows."""
        refuse_infinities(frame)
        numbers, categories = [], []
        excluded_columns = exclusion_reasons(inferred_types, frame.columns)
        for name in frame.columns:
            inferred_type = inferred_types[name]
            if name in excluded_columns:
                continue
            column = frame.get_column(name)
            if inferred_type.variable_type in _AS_NUMBERS or _is_monotonic(column, inferred_type):
                numbers.append(_number_encoder(column, inferred_type.variable_type, bins))
            else:
                is_boolean = inferred_type.variable_type is VariableType.BOOLEAN
                categories.append(CategoryEncoder.fit(column, inferred_type.categories, is_boolean))
        if not numbers and not categories:
            detail = "; ".join(f"'{name}': {reason}" for name, reason in list(excluded_columns.items())[:3])
            raise InputError(
                "the table has no usable feature" + (f" ({detail})" if detail else ""),
                "add a column of numbers or categories besides the target",
            )
        kinds = {name: str(inferred_types[name].variable_type) for name in frame.columns}
        types = {name: type_name(dtype) for name, dtype in frame.schema.items() if name not in excluded_columns}
        return cls(
            tuple(frame.columns), tuple(numbers), tuple(categories), excluded_columns, kinds, stored_types=types,
            column_formats=dict(column_formats),
        )  # fmt: skip

    @property
    def used_columns(self) -> tuple[str, ...]:
        """The columns that the features come from."""
        return (*(item.name for item in self.numbers), *(item.name for item in self.categories))

    @property
    def feature_names(self) -> list[str]:
        """Names of the columns of `EncodedFeatures.dense_one_hot`."""
        marks = [f"{encoder.name} is missing" for encoder in self.numbers if encoder.add_indicator]
        names = [encoder.name for encoder in self.numbers] + marks
        for encoder in self.categories:
            categories = [*encoder.categories, *(["missing"] if encoder.add_indicator else [])]
            names += [f"{encoder.name} = {category}" for category in categories]
        return names

    @property
    def binned(self) -> tuple[NumberEncoder, ...]:
        """The numbers that have bins."""
        return tuple(encoder for encoder in self.numbers if encoder.edges)

    def transform(self, frame: pl.DataFrame) -> EncodedFeatures:
        """The features of a table with the used columns."""
        self._require_columns(frame)
        rows = frame.height
        if self.passthrough_columns:
            values = _side_by_side([as_numbers(frame.get_column(name)) for name in self.columns], rows, np.float64)
            return EncodedFeatures.of_numbers(values)
        self._check_types(frame)
        refuse_infinities(pl.DataFrame([frame.get_column(encoder.name) for encoder in self.numbers]))
        values_of = {encoder.name: _values(frame.get_column(encoder.name), encoder) for encoder in self.numbers}
        marks = [np.isnan(values_of[e.name]).astype(np.float64) for e in self.numbers if e.add_indicator]
        placed = [encoder.binned(values_of[encoder.name]) for encoder in self.binned]
        return EncodedFeatures(
            numbers=_side_by_side([e.scaled_values(values_of[e.name]) for e in self.numbers] + marks, rows, np.float64),
            bins=_side_by_side([bins for bins, _ in placed], rows, np.int32),
            fractions=_side_by_side([fractions for _, fractions in placed], rows, np.float64),
            codes=_side_by_side([e.codes(frame.get_column(e.name)) for e in self.categories], rows, np.int32),
            standardized=_side_by_side(
                [e.standardized(values_of[e.name]) for e in self.numbers] + marks, rows, np.float64
            ),
            n_categories=tuple(encoder.code_rows for encoder in self.categories),
        )

    def raw_numbers(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The values of the numeric columns, unscaled, NaN for missing; shape (rows, numbers)."""
        self._require_columns(frame)
        values = [_values(frame.get_column(encoder.name), encoder) for encoder in self.numbers]
        return _side_by_side(values, frame.height, np.float64)

    def number_ranges(self, frame: pl.DataFrame) -> NDArray[np.float64]:
        """The smallest and the largest value of each numeric column, shape (2, numbers); NaN if all are missing."""
        result = np.full((2, len(self.numbers)), np.nan)
        for index, encoder in enumerate(self.numbers):
            values = _values(frame.get_column(encoder.name), encoder)
            result[:, index] = np.fmin.reduce(values), np.fmax.reduce(values)
        return result

    def find_column_changes(self, frame: pl.DataFrame, only_types: bool = False) -> dict[str, ColumnChange]:
        """How the used columns of a table differ from those in training."""
        return find_column_changes((*self.numbers, *self.categories), self.stored_types, frame, only_types)

    def column_change_notes(self, frame: pl.DataFrame, only_types: bool = False) -> list[str]:
        """A sentence for each column that differs from training."""
        result = self.find_column_changes(frame, only_types).values()
        return [text for item in result if (text := item.sentence())]

    def _require_columns(self, frame: pl.DataFrame) -> None:
        for name in self.used_columns:
            if name not in frame.columns:
                hint = did_you_mean(name, frame.columns) or f"its columns are {join_names(frame.columns)}"
                raise InputError(f"the table has no column '{name}', which the model was trained on", hint)

    def _check_types(self, frame: pl.DataFrame) -> None:
        """Refuse dates for numbers and durations for dates, though each could be converted."""
        for encoder in self.numbers:
            trained, came = self.stored_types.get(encoder.name, ""), type_name(frame.schema[encoder.name])
            of_dates = encoder.is_date and came == "dates"
            if trained and came not in (trained, "numbers", "text", "true and false", "") and not of_dates:
                expected = "dates" if encoder.is_date else trained
                raise InputError(
                    f"the column '{encoder.name}' contains {came}, expected {expected} as in training",
                    "convert the column",
                )

    def to_dict(self) -> dict[str, Any]:
        """The recipe as JSON-ready values."""
        formats = {name: written.to_state() for name, written in self.column_formats.items()}
        return {**asdict(replace(self, column_formats={})), "column_formats": formats}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe that `to_dict` described."""
        return cls(
            tuple(values["columns"]),
            tuple(NumberEncoder(**{**item, "edges": tuple(item["edges"])}) for item in values["numbers"]),
            tuple(
                CategoryEncoder(**{**item, "categories": tuple(item["categories"])}) for item in values["categories"]
            ),
            dict(values["excluded_columns"]),
            dict(values["variable_types"]),
            bool(values["passthrough_columns"]),
            dict(values["stored_types"]),
            {name: ColumnFormat.from_state(state) for name, state in values["column_formats"].items()},
        )


def _number_encoder(series: pl.Series, kind: VariableType, bins: int) -> NumberEncoder:
    is_date = kind is VariableType.DATETIME
    form = detect_date_format(series) if is_date and series.dtype == pl.String else None
    name = "" if form is None else form.name
    encoder = NumberEncoder.fit(series.name, as_numbers(read_dates(series, name) if is_date else series), bins)
    return replace(encoder, is_date=is_date, date_format=name)


def _is_monotonic(series: pl.Series, inferred_type: TypeInference) -> bool:
    """Whether an ordinal column has numbers in increasing order, which bins keep and codes do not."""
    if inferred_type.variable_type is not VariableType.ORDINAL or not series.dtype.is_numeric():
        return False
    numbers = [float(category) for category in inferred_type.categories if _is_number(category)]
    return len(numbers) == len(inferred_type.categories) and numbers == sorted(numbers)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"[+-]?\d+(?:\.\d*)?", text) is not None


def _values(series: pl.Series, encoder: NumberEncoder) -> NDArray[np.float64]:
    return as_numbers(read_dates(series, encoder.date_format) if encoder.is_date else series)


def exclusion_reasons(inferred_types: Mapping[str, TypeInference], columns: Iterable[str]) -> dict[str, str]:
    """The excluded columns (identifiers, constants, free text), each with its reason."""
    prefixes = {name: _EXCLUDED.get(inferred_types[name].variable_type) for name in columns}
    return {name: f"{prefix}{inferred_types[name].reason}" for name, prefix in prefixes.items() if prefix is not None}


def _side_by_side(columns: list[NDArray[Any]], rows: int, dtype: Any) -> NDArray[Any]:
    made = np.empty((rows, len(columns)), dtype)
    for index, column in enumerate(columns):
        made[:, index] = column
    return made
