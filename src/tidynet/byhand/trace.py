"""One training step of any network on any table, number by number.

`trace` takes the step, `Trace` holds all its numbers as plain data and writes them down: as text, Markdown,
LaTeX, HTML with mathematics typeset by the browser itself, or JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidynet.byhand.trace_data import TraceData
from tidynet.byhand.trace_lines import TraceSection, sections
from tidynet.byhand.trace_sources import TraceSource, make_trace_source
from tidynet.core.errors import FileReadError, InputError, did_you_mean, folder_not_found_error
from tidynet.core.text import join_names
from tidynet.engine import TrainingConfig
from tidynet.engine.optimizers import optimizer as optimizer_row
from tidynet.preprocessing.categories import category_text, encode_categories
from tidynet.preprocessing.encoders import as_numbers

__all__ = ["FORMATS", "Trace", "trace", "trace_row"]

Array = NDArray[Any]

FORMATS = ("text", "markdown", "latex", "html", "json")
MOST = 12  # units or weights of a layer that are written out


@dataclass(frozen=True)
class Trace(TraceData):
    """One training step, written down: as text, Markdown, LaTeX, HTML or JSON.

    Its numbers are the attributes of `Traced`: above all `step`, with each layer's inputs, weights, h, a, f′(h),
    δ, Δw and new weights.
    """

    def sections(self, max_count: int = MOST) -> list[TraceSection]:
        """The lines, layer by layer; of more than `max_count` units or weights the rest is folded."""
        return sections(self, max_count)

    def to_text(self, max_count: int = MOST) -> str:
        """Aligned lines for a terminal."""
        from tidynet.byhand.trace_text import text

        return text(self, max_count)

    def to_markdown(self, max_count: int = MOST) -> str:
        """Markdown with LaTeX mathematics, as notebooks and code hosts show it."""
        from tidynet.byhand.trace_text import markdown

        return markdown(self, max_count)

    def to_latex(self, max_count: int = MOST) -> str:
        """A LaTeX document (amsmath)."""
        from tidynet.byhand.trace_text import latex

        return latex(self, max_count)

    def to_html(self, max_count: int = MOST) -> str:
        """A page by itself; mathematics as MathML, no script and nothing from the network."""
        from tidynet.byhand.trace_html import to_html_page

        return to_html_page(self, max_count)

    def to_dict(self) -> dict[str, Any]:
        """Every number, nothing folded, as JSON-ready values."""
        return {
            "title": self.title,
            "notes": list(self.notes),
            "network": self.network.to_dict(),
            "loss": self.own_loss or self.loss,
            "optimizer": self.plan.optimizer,
            "learning_rate": self.step.rate,
            "penalties": asdict(self.plan.penalties),
            "rows": [{name: _plain(value) for name, value in row.items()} for row in self.rows],
            "answers": self.outputs,
            "step": _plain(self.step),
        }

    def to_json(self) -> str:
        """`to_dict` as JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def render(self, form: str = "text") -> str:
        """The trace in one of `FORMATS`.

        Raises
        ------
        InputError
            If there is no such format.
        """
        makers: dict[str, Callable[[], str]] = {
            "text": self.to_text, "markdown": self.to_markdown, "latex": self.to_latex, "html": self.to_html,
            "json": self.to_json,
        }  # fmt: skip
        if form not in makers:
            hint = did_you_mean(str(form), makers) or f"choose one of {join_names(makers)}"
            raise InputError(f"the format {form!r} of a trace is unknown", hint)
        return makers[form]()

    def save(self, path: str | Path, form: str = "text") -> int:
        """Write the trace to a file; returns its bytes."""
        content = self.render(form).encode()
        try:
            Path(path).write_bytes(content)
        except OSError as error:
            if not Path(path).parent.is_dir():
                raise folder_not_found_error(Path(path)) from None
            raise FileReadError(
                f"the trace cannot be written to '{path}' ({error.strerror})", "name another file"
            ) from None
        return len(content)

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from tidynet.byhand.trace_html import to_html_fragment

        # A notebook keeps every output: of wide layers the numbers of fewer units.
        return to_html_fragment(self, MOST if max(self.network.sizes[1:]) <= MOST else MOST // 2)


def trace(
    model: Any,
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

    Parameters
    ----------
    model : MLPClassifier, MLPRegressor, Perceptron or byhand.network
        Fitted, or built by hand.
    X : Table, data frame or array
        The rows of the batch; one row may be a plain sequence of numbers.
    y : array, column or one value
        Their target.
    row : int, optional
        The one row of X and y to trace, counted from 0.
    member : int
        Which of the model's networks, counted from 0.
    optimizer : str, optional
        Instead of the model's own; ``"sgd"`` is the notes' plain gradient descent.
    learning_rate : float, optional
        Instead of the model's base rate; its schedule is left out.
    step : int
        Which step in a row on this batch to write down, from an optimizer that has seen nothing: from the
        second on momentum carries something over.
    dropout : bool
        Whether the model's dropout masks are drawn, with `seed`.
    sample_weight : array, optional
        Weight of each row.

    Returns
    -------
    Trace

    Raises
    ------
    InputError
        If the model is not fitted, a column is missing, or a row or network is out of range.

    Notes
    -----
    δ and Δw carry the notes' signs: δᵒ = (y − ŷ)·f′(h), and the step Δw = η·δ·x is added. Of several rows the
    mean of their steps is taken.

    >>> from tidynet.byhand import network
    >>> step = trace(network([[0.4, -0.2], [0.1]]), [0.1, 0.3], 1)
    >>> print(step.sections()[4].lines[0].numbers, "=", step.sections()[4].lines[0].value)
    (1 − 0.512)·0.512·(1 − 0.512) = 0.122
    """
    from tidynet.byhand.training_step import compute_training_step

    if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or step < 1:
        raise InputError(f"step is {step!r}, expected a whole number from 1")
    source = make_trace_source(model, *_select_rows(X, y, row), member)
    plan = _plan(source, optimizer, learning_rate, seed)
    if source.take is not None:
        traced = source.take(plan.learning_rate)
    else:
        weights = None if sample_weight is None else _weights(sample_weight, len(source.X))
        traced = compute_training_step(
            source.network, source.theta, source.X, source.y, plan, number=int(step), dropped=dropout,
            weights=weights, names=source.names,
        )  # fmt: skip
    title = f"One training step of {source.title}"
    return Trace(
        title, source.network, plan, traced, source.rows, source.answers, source.loss, source.own_loss,
        (_optimizer_text(plan, int(step), dropout, source), *source.notes),
    )  # fmt: skip


def _select_rows(X: Any, y: Any, row: int | None) -> tuple[Any, Any]:
    """The batch: everything given, or the one row asked for."""
    from tidynet.estimators.input_validation import validate_input
    from tidynet.table import Table

    if isinstance(X, (list, tuple, np.ndarray)) and np.ndim(X) == 1 and len(X) and not hasattr(X[0], "__len__"):
        X = np.asarray(X, dtype=np.float64)[None, :]
    if isinstance(X, Table):
        X = X.frame
    values = y if hasattr(y, "__len__") and not isinstance(y, str) else [y]
    if row is None:
        return X, values
    rows = validate_input(X, infer=False).rows
    if isinstance(row, bool) or not isinstance(row, (int, np.integer)) or not 0 <= row < rows:
        raise InputError(f"row is {row!r}, expected a row number from 0 to {rows - 1}")
    row = int(row)
    if isinstance(X, pl.DataFrame):
        part: Any = X[row : row + 1]
    elif hasattr(X, "iloc"):
        part = X.iloc[row : row + 1]
    else:
        part = np.asarray(X)[row : row + 1]
    return part, values.iloc[row : row + 1] if hasattr(values, "iloc") else values[row : row + 1]


def _plan(source: TraceSource, name: str | None, rate: float | None, seed: int) -> TrainingConfig:
    plan = replace(source.plan, seed=seed)
    if name is not None:
        optimizer_row(name)
        penalties = plan.penalties if name == "adamw" else replace(plan.penalties, decay=0.0)
        plan = replace(plan, optimizer=name, penalties=penalties)
    if plan.optimizer == "lbfgs":
        plan = replace(plan, optimizer="gradient_descent")
    return plan if rate is None else replace(plan, learning_rate=rate)


def _weights(user_value: Any, rows: int) -> Array:
    from tidynet.estimators.input_validation import validate_sample_weight

    result = validate_sample_weight(user_value, rows)
    assert result is not None
    return result


def _optimizer_text(plan: TrainingConfig, number: int, dropped: bool, source: TraceSource) -> str:
    """How the step is taken, in one line."""
    from tidynet.byhand.number_format import number_text

    penalties, parts = plan.penalties, []
    if source.loss == "perceptron":
        return f"the perceptron trick, η = {number_text(plan.learning_rate)}: a point on its side moves nothing"
    for name, value in (("L1 penalty α₁", penalties.l1), ("L2 penalty α₂", penalties.l2),
                        ("weight decay", penalties.decay), ("max-norm", penalties.max_norm),
                        ("clipping at", plan.clip_norm)):  # fmt: skip
        if value:
            parts.append(f"{name} {number_text(value)}")
    if any(plan.dropout):
        fractions = ", ".join(f"{fraction:g}" for fraction in plan.dropout)
        parts.append(f"dropout {fractions}" if dropped else "dropout left out")
    loss = source.own_loss or source.loss.replace("_", " ")
    what = "; ".join([f"{loss}, {plan.optimizer.replace('_', ' ')}, η = {number_text(plan.learning_rate)}", *parts])
    return f"{what}; step {number} of an optimizer that starts afresh" if number > 1 else what


def _plain(value: Any) -> Any:
    """Arrays as lists; what JSON does not know as words."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, np.ndarray):
        whole = value.tolist()
        return whole if value.dtype.kind == "f" and np.isfinite(value).all() else _plain(whole)
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def trace_row(model: Any, table: Any, row: int, *, target: str | None = None, **options: Any) -> Trace:
    """The trace of one row of a labeled table."""
    column = target if target is not None else getattr(model, "record_", {}).get("target")
    if column is None:
        raise InputError("the model does not know the name of its target column", "pass target=…, or --target COLUMN")
    frame: pl.DataFrame = table.frame
    if not 1 <= row <= frame.height:
        raise InputError(f"row {row} is not in '{table.name}', expected a row from 1 to {frame.height}")
    if column not in frame.columns:
        hint = did_you_mean(column, frame.columns) or f"it has {join_names(frame.columns)}"
        raise InputError(f"a step needs the answer, but the target '{column}' is not a column of '{table.name}'", hint)
    item = frame[row - 1 : row]
    answer = item.get_column(column)
    if answer.is_null()[0] or (answer.dtype.is_float() and answer.is_nan()[0]):
        raise InputError(
            f"the target '{column}' is missing in row {row}, and a step needs the answer", "take another row"
        )
    features = item.select([series for series in item.get_columns() if series.name != column])
    return trace(model, features, _with_labels(model, answer), **options)


def _with_labels(model: Any, answer: pl.Series) -> Array:
    """The answer as the model's own label, which a file may spell as another type."""
    classes = getattr(model, "classes_", None)
    if classes is None:
        return as_numbers(answer)
    known = category_text(pl.Series(classes.tolist())).to_list()
    code = encode_categories(answer, known, boolean=classes.dtype == bool)[0]
    if code < 0:
        text = category_text(answer)[0]
        raise InputError(f"the class '{text}' was not among those learnt", f"known are {join_names(known)}")
    return np.asarray(classes[[code]])
