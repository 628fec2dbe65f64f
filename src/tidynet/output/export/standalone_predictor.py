"""Predictions by NumPy alone: the code of every file that `tidynet export --to numpy` writes.

It imports nothing of tidynet. The written file contains this code, then the model's facts and arrays.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from typing import Any

import numpy as np

SOFT_LIMIT = 3.0
MIN_VALUE = 1e-12

# As tidynet reads tables: the texts of a missing value, of false and of true.
NA_VALUES = {
    "", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NAN", "-nan", "NaT", "NULL", "Null", "null", "None",
    "?", "-", "--", ".",
}  # fmt: skip
FALSE = {"false", "f", "no", "n", "0", "off", "absent", "negative", "nein", "non"}
TRUE = {"true", "t", "yes", "y", "1", "on", "present", "positive", "+", "ja", "oui", "si", "sí"}


def array(dtype, shape, text):
    """An array from its bytes, which are written in base 64."""
    return np.frombuffer(base64.b64decode(text), dtype=np.dtype(dtype)).reshape(shape)


# Preprocessing: columns → inputs of the networks ------------------------------------------------


def column_of(table, name):
    """A column of a mapping, a data frame or a list of rows that are mappings, as a list."""
    try:
        values = [row[name] for row in table] if isinstance(table, (list, tuple)) else table[name]
    except KeyError:
        raise KeyError(f"the column {name!r} is missing") from None
    return values.tolist() if isinstance(values, np.ndarray) and values.dtype.kind not in "mM" else list(values)


def is_missing(value):
    return value is None or value != value or type(value).__name__ in ("NAType", "NaTType")


def as_number(value, form):
    """A number; of a date the days since 1970, of a duration the seconds; NaN where it is missing."""
    if is_missing(value):
        return math.nan
    if isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
        return float(value)
    if isinstance(value, str) and value.strip() in NA_VALUES:
        return math.nan
    if form == "date":
        return np.datetime64(value, "us").astype(np.int64) / 86_400e6
    if form == "duration" and not isinstance(value, str):
        return np.timedelta64(value, "us").astype(np.int64) / 1e6
    return float(value)


def category_text(value):
    """A category as text, the same for 1, 1.0 and "1"."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value)).lower()
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(float(value)) < 2**53:
        return str(int(value))
    return str(value)


def canonical_value(text, boolean):
    """A text in its canonical spelling: no outer blanks, "1.0" as "1", any word for true as "true"."""
    text = text.strip()
    if re.fullmatch(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?", text):
        text = text.lstrip("+")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        text = "0" if text == "-0" else text
    word = re.sub(r"^\d+\s*[-.:)=]\s*(?=[a-z])", "", text.casefold()) if boolean and text not in NA_VALUES else None
    return "true" if word in TRUE else "false" if word in FALSE else text


def numeric_values(table, model):
    """All numeric columns, shape (rows, columns), float64."""
    if model["takes_matrix"]:
        return np.asarray(table, dtype=np.float64)[:, model["column_positions"]]
    result = [[as_number(value, form) for value in column_of(table, name)] for name, form in model["numeric"]]
    return np.array(result, dtype=np.float64).T


def dense(x, model, arrays):
    """[scaled numbers | missing indicators | how far each bin is filled]."""
    if model["is_passthrough"]:
        return x
    missing = np.isnan(x)
    filled = np.where(missing, arrays["median"], x)
    with np.errstate(over="ignore"):
        z = np.clip((filled - arrays["median"]) / arrays["scale"], -1e150, 1e150)  # the square is finite
    scaled = z / np.sqrt(1 + (z / SOFT_LIMIT) ** 2)
    at = arrays["bin_column"]
    with np.errstate(over="ignore"):
        filled_fraction = np.clip((filled[:, at] - arrays["bin_low"]) / arrays["bin_width"], 0, 1)
    in_missing = missing[:, at] & arrays["bin_has_indicator"]
    bins = np.where(arrays["bin_is_missing"], in_missing, np.where(in_missing, 0, filled_fraction))
    return np.concatenate([scaled, missing[:, arrays["indicator_columns"]], bins], axis=1)


def codes(table, name, categories, has_missing_code, is_boolean):
    """The code of each category; the last code for an unseen one."""
    known = {category: code for code, category in enumerate(categories)}
    canonical = [canonical_value(category, is_boolean) for category in categories]
    counts = Counter(canonical)
    unique = {text: code for code, text in enumerate(canonical) if counts[text] == 1}
    unseen = len(categories) + has_missing_code
    missing = len(categories) if has_missing_code else unseen

    def code(value):
        text = category_text(value)
        return (
            known[text]
            if text in known
            else unique.get(canonical_value(text, is_boolean), missing if text.strip() in NA_VALUES else unseen)
        )

    return np.array([missing if is_missing(value) else code(value) for value in column_of(table, name)])


# The networks -----------------------------------------------------------------------------------


def softmax(h):
    e = np.exp(h - h.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


ACTIVATIONS: dict[str, Any] = {}  # of the written model, filled in by the export


def outputs(table, model, arrays):
    """Mean over the networks of their outputs, shape (rows, outputs); a network is one slice of each array."""
    total = 0.0
    first = dense(numeric_values(table, model), model, arrays) if arrays["W1"].shape[1] else None
    rows = [codes(table, *column) for column in model["categorical"]]
    networks, dtype = len(arrays["W1"]), np.result_type(arrays["W1"].dtype, np.float32)
    for k in range(networks):
        h: Any = 0 if first is None else first.astype(dtype) @ arrays["W1"][k]
        for number, code in enumerate(rows):
            h = h + arrays[f"categories_{number}"][k][code].astype(dtype)
        for depth, name in enumerate(model["activations"], start=1):
            if depth > 1:
                h = h @ arrays[f"W{depth}"][k]
            with np.errstate(over="ignore"):
                h = ACTIVATIONS[name](h + arrays[f"b{depth}"][k])
        total = total + h.astype(np.float64)
    return total / networks


# Outputs ---------------------------------------------------------------------------------


def scaled(p, model, arrays):
    """Probabilities by temperature or isotonic scaling."""
    if model["calibration"] == "temperature":
        return softmax(np.log(np.maximum(p, MIN_VALUE)) / model["temperature"])
    if model["calibration"] != "isotonic":
        return p
    if p.shape[1] == 2:
        second = np.interp(p[:, 1], *arrays["curve_0"])
        return np.stack([1 - second, second], axis=1)
    p = np.stack([np.interp(p[:, k], *arrays[f"curve_{k}"]) for k in range(p.shape[1])], axis=1)
    return p / p.sum(axis=1, keepdims=True)


def probabilities(table, model, arrays):
    """Probability of each class, shape (rows, classes), in the order of model["classes"]."""
    p = outputs(table, model, arrays)
    if model["output_type"] == "labels":
        return p
    if len(model["classes"]) == 1:
        return np.ones_like(p)
    if len(model["classes"]) == 2:
        return scaled(np.concatenate([1 - p, p], axis=1), model, arrays)
    return scaled(p / p.sum(axis=1, keepdims=True), model, arrays)


def numbers(table, model, arrays):
    """(predicted numbers, their deviations or None) in the target's own units."""
    raw, deviations = outputs(table, model, arrays), None
    mean, std = arrays["mean"], arrays["deviation"]
    if model["output_type"] == "gaussian":
        deviations = np.exp(0.5 * raw[:, len(mean) :]) * std
        raw = raw[:, : len(mean)]
    levels = max(1, len(model["quantiles"]))
    result = raw * np.repeat(std, levels) + np.repeat(mean, levels)
    if model["output_type"] == "quantiles":
        result = np.sort(result.reshape(len(raw), len(mean), levels), axis=2).reshape(len(raw), -1)
    return result, deviations


def predict_table(table, model, arrays, quantiles=None):
    """All outputs of the model for a table, by name."""
    if model["output_type"] in ("classes", "labels"):
        p = probabilities(table, model, arrays)
        several = model["output_type"] == "labels"
        label = (p > 0.5).astype(int) if several else np.array(model["classes"])[p.argmax(axis=1)]
        return {"label": label, "probabilities": p}
    result, deviations = numbers(table, model, arrays)
    flat = model["has_column_target"] and result.shape[1] == 1
    text = {"prediction": result[:, 0] if flat else result}
    if deviations is not None:
        text["deviation"] = deviations[:, 0] if flat else deviations
    if quantiles is not None:
        text["quantiles"] = numbers(table, *quantiles)[0]
    return text
