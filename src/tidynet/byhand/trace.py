"""One training step of any network on any table, number by number.

`trace` computes the step; `Trace` holds all numbers as plain data and writes them as text, Markdown, LaTeX, HTML
(mathematics as MathML) or JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.byhand.columns import check_row
from tidynet.byhand.trace_lines import TraceSection, sections, sum_terms
from tidynet.byhand.trace_sources import TraceableModel, TraceSource, make_trace_source
from tidynet.byhand.training_step import TraceData
from tidynet.core.errors import FileReadError, InputError, did_you_mean, folder_not_found_error
from tidynet.core.formula_text import number_text
from tidynet.core.text import join_names, pluralize
from tidynet.engine import TrainingConfig
from tidynet.engine.optimizers import optimizer as optimizer_row
from tidynet.estimators.fitted_model import predicts_classes, run_record
from tidynet.preprocessing.categories import category_text, encode_categories
from tidynet.preprocessing.encoders import as_numbers

if TYPE_CHECKING:
    from tidynet.table import Table

Array = NDArray[Any]

FORMATS = ("text", "markdown", "latex", "html", "json")
MAX_UNITS = 12  # units or weights written out of each layer
_MAX_NOTEBOOK_UNITS = 6  # the same for wide layers in a notebook, which stores every output
MAX_LINES = 60  # of the text of a wide network


@dataclass(frozen=True, repr=False)
class Trace(TraceData):
    """One training step as text, Markdown, LaTeX, HTML or JSON.

    `step` has all numbers: inputs, weights, h, a, f′(h), δ, Δw and new weights of each layer. Of wide layers the text
    shows the first units, the largest terms and the largest updates; ``max_units`` sets how many.
    """

    @property
    def max_units(self) -> int:
        """The units shown of each layer: 12, or of wider layers as many as fit into about 60 lines."""
        if max(self.network.sizes[1:]) <= MAX_UNITS:
            return MAX_UNITS
        counts = (6, 4, 3, 2)
        return next((n for n in counts if sum(len(part.lines) + 2 for part in self.sections(n)) <= MAX_LINES), 1)

    def sections(self, max_units: int | None = None) -> list[TraceSection]:
        """The lines by layer, with at most `max_units` units or weights of each; above 12 also terms of a sum."""
        return sections(self, max_units or self.max_units)

    def to_text(self, max_units: int | None = None) -> str:
        """Aligned lines for a terminal."""
        from tidynet.byhand.trace_text import text

        shown, widest = max_units or self.max_units, max(self.network.sizes)
        if min(shown, sum_terms(shown)) >= widest:
            return text(self, shown)
        needed = max(widest, MAX_UNITS + 1)
        short = f"{pluralize(shown, 'unit')} per layer, {pluralize(sum_terms(shown), 'term')} per sum"
        whole = f"all units and terms with max_units={needed} or --max-units {needed}"
        return f"{text(self, shown)}\nShort form: {short}; {whole}\n"

    def to_markdown(self, max_units: int | None = None) -> str:
        """Markdown with LaTeX mathematics."""
        from tidynet.byhand.trace_text import markdown

        return markdown(self, max_units or self.max_units)

    def to_latex(self, max_units: int | None = None) -> str:
        """A LaTeX document (amsmath)."""
        from tidynet.byhand.trace_text import latex

        return latex(self, max_units or self.max_units)

    def to_html(self, max_units: int | None = None) -> str:
        """A self-contained HTML page without scripts."""
        from tidynet.byhand.trace_html import to_html_page

        return to_html_page(self, max_units or MAX_UNITS)

    def to_dict(self) -> dict[str, Any]:
        """All numbers as JSON-ready values."""
        return {
            "title": self.title,
            "notes": list(self.notes),
            "network": self.network.to_dict(),
            "loss": self.custom_loss or self.loss,
            "optimizer": self.config.optimizer,
            "learning_rate": self.step.rate,
            "penalties": asdict(self.config.penalties),
            "rows": [{name: _json_value(value) for name, value in row.items()} for row in self.rows],
            "targets": self.targets,
            "step": _json_value(self.step),
        }

    def to_json(self, max_units: int | None = None) -> str:  # noqa: ARG002
        """`to_dict` as JSON, always complete."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def render(self, form: str = "text", max_units: int | None = None) -> str:
        """The trace in one of `FORMATS`.

        Raises
        ------
        InputError
            If there is no such format, or `max_units` is below 1.
        """
        if max_units is not None and max_units < 1:
            raise InputError(f"max_units is {max_units}, expected a whole number of at least 1")
        makers: dict[str, Callable[[int | None], str]] = {
            "text": self.to_text, "markdown": self.to_markdown, "latex": self.to_latex, "html": self.to_html,
            "json": self.to_json,
        }  # fmt: skip
        if form not in makers:
            hint = did_you_mean(str(form), makers) or f"choose one of {join_names(makers)}"
            raise InputError(f"the format of the trace is {form!r}, expected one of {join_names(makers)}", hint)
        return makers[form](max_units)

    def save(self, path: str | Path, form: str = "text", max_units: int | None = None) -> int:
        """Write the trace to a file; returns the bytes written."""
        content = self.render(form, max_units).encode()
        try:
            return Path(path).write_bytes(content)
        except OSError as error:
            if not Path(path).parent.is_dir():
                raise folder_not_found_error(Path(path)) from None
            raise FileReadError(f"the file '{path}' cannot be written: {error.strerror}", "use another file") from None

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        counts = f"{pluralize(len(self.step.layers), 'layer')}, {pluralize(len(self.step.y), 'row')}"
        return f"<Trace: {self.title}; {counts}, E = {number_text(self.step.error)}>"

    def _repr_html_(self) -> str:
        from tidynet.byhand.trace_html import to_html_fragment

        is_narrow = max(self.network.sizes[1:]) <= MAX_UNITS
        return to_html_fragment(self, MAX_UNITS if is_narrow else _MAX_NOTEBOOK_UNITS)


def trace(
    model: TraceableModel,
    X: Any,
    y: Any,
    *,
    row: int | None = None,
    member: int = 0,
    optimizer: str | None = None,
    learning_rate: float | None = None,
    step: int = 1,
    dropout: bool = True,
    seed: int = 0,
    sample_weight: Any = None,
) -> Trace:
    """One training step for one row or a small batch, number by number.

    Signs as in the notes: δᵒ = (y − ŷ)·f′(h), and Δw = η·δ·x is added. The step of several rows is their mean.

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, Perceptron or ManualNetwork
        Fitted, or made by `byhand.manual_network`.
    X : Table, data frame or array
        The rows of the batch; one row may be a sequence of numbers.
    y : array, column or one value
        Their target.
    row, member : int
        The one row of X and y to trace (optional), and the network of the ensemble, both from 0.
    optimizer : str, optional
        In place of the model's own; ``"sgd"`` is the gradient descent of the notes.
    learning_rate : float, optional
        In place of the model's base rate; without schedule.
    step : int
        The number of the step, from 1: steps are repeated on this batch with a new optimizer.
    dropout : bool
        Whether to use the model's dropout masks, with `seed`.
    sample_weight : array, optional
        Weight of each row.

    Raises
    ------
    InputError
        If the model is not fitted, a column is missing, or a row or network is out of range.

    Examples
    --------
    >>> from tidynet.byhand import manual_network
    >>> step = trace(manual_network([[0.4, -0.2], [0.1]]), [0.1, 0.3], 1)
    >>> print(step.sections()[4].lines[0].numbers, "=", step.sections()[4].lines[0].value)
    (1 − 0.512)·0.512·(1 − 0.512) = 0.122
    """
    from tidynet.byhand.training_step import compute_training_step

    if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or step < 1:
        raise InputError(f"step is {step!r}, expected a whole number from 1")
    source = make_trace_source(model, *_select_rows(X, y, row), member)
    config = _config(source, optimizer, learning_rate, seed)
    if source.take_step is not None:
        taken = source.take_step(config.learning_rate)
    else:
        weights = None if sample_weight is None else _weights(sample_weight, len(source.X))
        taken = compute_training_step(
            source.network, source.theta, source.X, source.y, config, number=int(step), use_dropout=dropout,
            weights=weights, names=source.names,
        )  # fmt: skip
    return Trace(
        f"One training step of {source.title}", source.network, config, taken, source.rows, source.targets, source.loss,
        source.custom_loss, (_optimizer_text(config, int(step), dropout, source), *source.notes),
    )  # fmt: skip


def _select_rows(X: Any, y: Any, row: int | None) -> tuple[Any, Any]:
    """The batch: all rows, or one."""
    from tidynet.estimators.input_validation import validate_input
    from tidynet.table import Table

    if isinstance(X, (list, tuple, np.ndarray)) and np.ndim(X) == 1 and len(X):
        X = np.asarray(X, dtype=np.float64)[None, :]
    if isinstance(X, Table):
        X = X.frame
    target = [y] if isinstance(y, str) or np.ndim(y) == 0 else y
    if row is None:
        return X, target
    index = check_row(row, validate_input(X, infer=False).rows)
    rows = slice(index, index + 1)
    if not isinstance(X, pl.DataFrame) and not hasattr(X, "iloc"):
        X = np.asarray(X)
    X, target = (part.iloc[rows] if hasattr(part, "iloc") else part[rows] for part in (X, target))
    return X, target


def _config(source: TraceSource, name: str | None, rate: float | None, seed: int) -> TrainingConfig:
    config = replace(source.config, seed=seed)
    if name is not None:
        optimizer_row(name)
        penalties = config.penalties if name == "adamw" else replace(config.penalties, decay=0.0)
        config = replace(config, optimizer=name, penalties=penalties)
    if config.optimizer == "lbfgs":
        config = replace(config, optimizer="gradient_descent")
    return config if rate is None else replace(config, learning_rate=rate)


def _weights(sample_weight: Any, rows: int) -> Array:
    from tidynet.estimators.row_weights import validate_sample_weight

    weights = validate_sample_weight(sample_weight, rows)
    assert weights is not None
    return weights


def _optimizer_text(config: TrainingConfig, number: int, use_dropout: bool, source: TraceSource) -> str:
    """Loss, optimizer, learning rate, regularization and step in one line."""
    rate = f"η = {number_text(config.learning_rate)}"
    if source.loss == "perceptron":
        return f"perceptron rule, {rate}: correctly classified rows change nothing"
    penalties = config.penalties
    loss = source.custom_loss or source.loss.replace("_", " ")
    parts = [f"{loss}, {config.optimizer.replace('_', ' ')}, {rate}"]
    for name, value in (
        ("L1 penalty α₁", penalties.l1), ("L2 penalty α₂", penalties.l2), ("weight decay", penalties.decay),
        ("max-norm", penalties.max_norm), ("gradient clipping at", config.clip_norm),
    ):  # fmt: skip
        if value:
            parts.append(f"{name} {number_text(value)}")
    if any(config.dropout):
        fractions = ", ".join(f"{fraction:g}" for fraction in config.dropout)
        parts.append(f"dropout {fractions}" if use_dropout else "without dropout")
    if number > 1:
        parts.append(f"step {number} of a new optimizer")
    return "; ".join(parts)


def _json_value(value: Any) -> Any:
    """Arrays as lists, non-finite numbers and unknown types as text."""
    if isinstance(value, dict):
        return {name: _json_value(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_value(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json_value(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        values = value.tolist()
        return values if value.dtype.kind == "f" and np.isfinite(value).all() else _json_value(values)
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, np.generic):
        return _json_value(value.item())
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def trace_row(model: TraceableModel, table: Table, row: int, *, target: str | None = None, **options: Any) -> Trace:
    """The trace of one row of a table with a target column, counted from 1."""
    column = target if target is not None else run_record(model).get("target")
    if column is None:
        raise InputError("the model has no name of a target column", "use target=…, or --target COLUMN")
    frame = table.frame
    if not 1 <= row <= frame.height:
        raise InputError(f"row is {row}, expected a row of '{table.name}' from 1 to {frame.height}")
    if column not in frame.columns:
        hint = did_you_mean(column, frame.columns) or f"its columns are {join_names(frame.columns)}"
        raise InputError(f"the target '{column}' is not a column of '{table.name}'", hint)
    selected = frame[row - 1 : row]
    value = selected.get_column(column)
    if value.is_null()[0] or (value.dtype.is_float() and value.is_nan()[0]):
        raise InputError(f"the target '{column}' is missing in row {row}", "choose another row")
    return trace(model, selected.drop(column), _with_labels(model, value), **options)


def _with_labels(model: TraceableModel, value: pl.Series) -> Array:
    """The target as the model's own class label, which a file may store as another type."""
    if not predicts_classes(model):
        return as_numbers(value)
    classes = model.classes_
    known = category_text(pl.Series(classes.tolist())).to_list()
    code = encode_categories(value, known, boolean=classes.dtype == bool)[0]
    if code < 0:
        raise InputError(
            f"the class '{category_text(value)[0]}' is not in the training data", f"use one of {join_names(known)}"
        )
    return np.asarray(classes[[code]])
