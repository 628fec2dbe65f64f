"""A model as an ONNX graph: raw columns in, probabilities or numbers out, the recipe inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import MissingDependencyError
from tidynet.engine import ACTIVATIONS
from tidynet.output.export.portable_model import Column, PortableModel, make_portable_model
from tidynet.preprocessing.categories import alternative_spellings
from tidynet.table.boolean_and_na_values import NA_VALUES

__all__ = ["onnx_model", "write_onnx"]

Array = NDArray[Any]

OPSET, ML_OPSET, IR = 17, 4, 9  # ONNX Runtime 1.15 (2023) and later, and what other runtimes know by now
MIN_VALUE = 1e-12  # as in model/scaling.py
SOFT_LIMIT = 3.0  # as in prepare/encoders.py


def write_onnx(model: Any, path: str | Path) -> int:
    """Write a fitted model as an ONNX file; returns its bytes.

    Each column is an input of shape (rows, 1): float64 for numbers, dates (days since 1970) and durations
    (seconds), text for levels; each says in its description what it takes. A model trained on a plain array takes
    one matrix `X`. Outputs of a classifier are `label` and `probabilities` (in the order of the classes), of a
    regressor `prediction`, and `quantiles` or `deviation` if it has them.

    """
    from tidynet.core.atomic_write import atomic_write

    provenance = onnx_model(make_portable_model(model), _metadata(model))
    with atomic_write(path) as temporary:
        temporary.write_bytes(provenance.SerializeToString())
    return Path(path).stat().st_size


def onnx_model(model: PortableModel, metadata: dict[str, str] | None = None) -> Any:
    """The graph, checked."""
    try:
        import onnx
    except ImportError as error:
        raise MissingDependencyError("ONNX needs the package onnx", "pip install 'tidynet[onnx]'") from error
    graph = _Graph()
    graph.add_input(model)
    outputs = graph.model(model)
    helper = onnx.helper
    provenance = helper.make_model(
        helper.make_graph(graph.nodes, "tidynet", graph.inputs, outputs, graph.used_constants()),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=IR,
        producer_name="tidynet",
    )
    helper.set_model_props(provenance, _column_specs(model) | (metadata or {}))
    onnx.checker.check_model(provenance)
    return provenance


def _column_specs(model: PortableModel) -> dict[str, str]:
    columns = {column.name: column.told for column in model.columns}
    levels = {column.name: list(column.levels) for column in model.levels}
    text = {"columns": columns, "levels": levels, "classes": model.classes}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in text.items() if value}


def _metadata(model: Any) -> dict[str, str]:
    record = getattr(model, "record_", {})
    provenance = record.get("provenance", {})
    text = {"target": record.get("target"), "task": record.get("task"), "date": provenance.get("date")}
    return {name: str(value) for name, value in text.items() if value}


def _lookup_nodes(column: Column) -> dict[str, int]:
    """The code of each text that is known: levels, their other common spellings, and what spells a missing value."""
    levels = {level: code for code, level in enumerate(column.levels)}
    gaps = dict.fromkeys((*NA_VALUES, column.missing), len(levels)) if column.marks_missing else {}
    return gaps | alternative_spellings(column.levels, column.is_boolean) | levels


class _Graph:
    """Nodes as they are added; each method gives the name of what it computes."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self._columns: dict[str, str] = {}

    def constant(self, values: Any, dtype: Any = None) -> str:
        from onnx import numpy_helper

        name = f"tidynet constant {len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values, dtype=dtype), name))
        return name

    def used_constants(self) -> list[Any]:
        """The constants that a node takes in; of others ONNX Runtime warns whenever it loads the model."""
        taken = {name for node in self.nodes for name in node.input}
        return [constant for constant in self.constants if constant.name in taken]

    def add(self, kind: str, *user_value: str, domain: str = "", name: str = "", **attributes: Any) -> str:
        from onnx import helper

        provenance = name or f"tidynet {kind} {len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(user_value), [provenance], domain=domain, **attributes))
        return provenance

    def unused_name(self, name: str) -> str:
        """A name for an output that no column has."""
        while any(user_value.name == name for user_value in self.inputs):
            name += "_"
        return name

    def cast(self, what: str, dtype: Any, name: str = "") -> str:
        from onnx import helper

        return self.add("Cast", what, name=name, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def add_input(self, model: PortableModel) -> None:
        """Declare the inputs."""
        from onnx import TensorProto, helper

        if model.one_matrix:
            width = None if not model.places else max(model.places) + 1
            shape = ["rows", width if len(model.places) == width else "columns"]
            text = "numbers, the columns in the order of the training; NaN where one is missing"
            self.inputs.append(helper.make_tensor_value_info("X", TensorProto.DOUBLE, shape, text))
            return
        for column in model.columns:
            kind = TensorProto.STRING if column.form == "text" else TensorProto.DOUBLE
            self.inputs.append(helper.make_tensor_value_info(column.name, kind, ["rows", 1], column.told))

    def model(self, model: PortableModel) -> list[Any]:
        """All nodes of a model; returns its outputs."""
        raw = self.networks(model)
        if model.result in ("classes", "labels"):
            return self.classes(model, raw)
        outputs = self.numbers(model, raw)
        if model.beside is not None:
            beside = self.numbers(model.beside, self.networks(model.beside), "quantiles")
            outputs += beside
        return outputs

    # The recipe -----------------------------------------------------------------------------

    def raw_numbers(self, model: PortableModel) -> str:
        """All quantities side by side, float64."""
        if model.one_matrix:
            return self.add("Gather", "X", self.constant(model.places, np.int64), axis=1)
        return self.add("Concat", *(column.name for column in model.numbers), axis=1)

    def dense(self, model: PortableModel) -> str:
        """[scaled numbers | missing marks | bins] in the networks' type."""
        x, arrays = self.raw_numbers(model), model.arrays
        if model.plain:
            return self.cast(x, model.dtype)
        missing = self.add("IsNaN", x)
        filled = self.add("Where", missing, self.constant(arrays["median"]), x)
        centred = self.add("Sub", filled, self.constant(arrays["median"]))
        z = self.add("Div", centred, self.constant(arrays["spread"]))
        part = self.add("Div", z, self.constant(SOFT_LIMIT))
        root = self.add("Sqrt", self.add("Add", self.constant(1.0), self.add("Mul", part, part)))
        parts = [self.add("Div", z, root)]
        gaps = self.cast(missing, np.float64)
        if len(arrays["marked"]):
            parts.append(self.add("Gather", gaps, self.constant(arrays["marked"]), axis=1))
        if len(arrays["bin_column"]):
            parts.append(self.bins(model, filled, gaps))
        return self.cast(self.add("Concat", *parts, axis=1), model.dtype)

    def bins(self, model: PortableModel, filled: str, gaps: str) -> str:
        """How far each bin is filled, from 0 to 1, and which values are missing."""
        arrays = model.arrays
        column = self.constant(arrays["bin_column"])
        above = self.add("Sub", self.add("Gather", filled, column, axis=1), self.constant(arrays["bin_low"]))
        fraction = self.add("Div", above, self.constant(arrays["bin_width"]))
        held = self.add("Clip", fraction, self.constant(0.0), self.constant(1.0))
        marks = self.constant(arrays["bin_marks"].astype(np.float64))
        gap = self.add("Mul", self.add("Gather", gaps, column, axis=1), marks)
        is_missing = arrays["bin_is_missing"].astype(np.float64)
        known = self.add("Mul", self.add("Sub", self.constant(1.0), gap), self.constant(1 - is_missing))
        return self.add("Add", self.add("Mul", held, known), self.add("Mul", gap, self.constant(is_missing)))

    def codes(self, column: Column) -> str:
        """The code of each level, shape (rows,); the last row of the weights, all 0, for one never seen."""
        from onnx import numpy_helper

        if column.name in self._columns:
            return self._columns[column.name]
        keys, source = list(column.levels), column.name
        unseen = len(keys) + column.marks_missing
        if column.form == "text":
            known = _lookup_nodes(column)
            named: dict[str, Any] = {"keys_strings": list(known), "values_int64s": list(known.values())}
            named["default_int64"] = unseen
        else:
            levels = np.array([float(level) for level in keys])
            other = np.max(np.abs(levels), initial=1.0) * 2 + 1
            if column.marks_missing:
                levels = np.append(levels, other)
                source = self.add("Where", self.add("IsNaN", source), self.constant(other), source)
            named = {
                "keys_tensor": numpy_helper.from_array(levels, "keys"),
                "values_tensor": numpy_helper.from_array(np.arange(len(levels)), "values"),
                "default_tensor": numpy_helper.from_array(np.array([unseen]), "default"),
            }
        result = self.add("LabelEncoder", source, domain="ai.onnx.ml", **named)
        self._columns[column.name] = self.add("Squeeze", result, self.constant([1], np.int64))
        return self._columns[column.name]

    # The networks ---------------------------------------------------------------------------

    def networks(self, model: PortableModel) -> str:
        """Mean of the networks' outputs, float64 of shape (rows, outputs)."""
        arrays, result = model.arrays, []
        if arrays["W1"].shape[1]:
            result.append(self.add("MatMul", self.dense(model), self.constant(arrays["W1"])))
        for number, column in enumerate(model.levels):
            rows = self.constant(arrays[f"levels_{number}"])
            result.append(self.add("Gather", rows, self.codes(column), axis=1))
        h = self.add("Sum", *result) if len(result) > 1 else result[0]
        for depth, name in enumerate(model.activations, start=1):
            if depth > 1:
                h = self.add("MatMul", h, self.constant(arrays[f"W{depth}"]))
            h = ACTIVATIONS[name].onnx(self, self.add("Add", h, self.constant(arrays[f"b{depth}"])), model.dtype)
        return self.add("ReduceMean", self.cast(h, np.float64), axes=[0], keepdims=0)

    # What comes out -------------------------------------------------------------------------

    def classes(self, model: PortableModel, raw: str) -> list[Any]:
        from onnx import TensorProto, helper

        count, probabilities, label = len(model.classes), self.unused_name("probabilities"), self.unused_name("label")
        info = [helper.make_tensor_value_info(probabilities, TensorProto.DOUBLE, ["rows", count])]
        if model.result == "labels":
            p = self.add("Identity", raw, name=probabilities)
            self.cast(self.add("Greater", p, self.constant(0.5)), np.int64, name=label)
            return [helper.make_tensor_value_info(label, TensorProto.INT64, ["rows", count]), *info]
        if count == 1:
            p = self.add("Add", self.add("Mul", raw, self.constant(0.0)), self.constant(1.0))
        elif count == 2:
            p = self.add("Concat", self.add("Sub", self.constant(1.0), raw), raw, axis=1)
        else:
            p = self.shares(raw)
        p = self.add("Identity", self.scaled(model, p), name=probabilities)
        labels = np.array(model.classes)
        labels = labels.astype(object) if labels.dtype.kind == "U" else labels
        self.add("Gather", self.constant(labels), self.add("ArgMax", p, axis=1, keepdims=0), name=label)
        kind = TensorProto.STRING if labels.dtype == object else helper.np_dtype_to_tensor_dtype(labels.dtype)
        return [helper.make_tensor_value_info(label, kind, ["rows"]), *info]

    def shares(self, p: str) -> str:
        """Made to sum to 1."""
        return self.add("Div", p, self.add("ReduceSum", p, self.constant([1], np.int64), keepdims=1))

    def scaled(self, model: PortableModel, p: str) -> str:
        """Probabilities by temperature or isotonic scaling, as in model/scaling.py."""
        if model.scaling == "temperature":
            logarithms = self.add("Log", self.add("Max", p, self.constant(MIN_VALUE)))
            return self.add("Softmax", self.add("Div", logarithms, self.constant(model.temperature)), axis=-1)
        if model.scaling != "isotonic":
            return p
        curves = [values for name, values in model.arrays.items() if name.startswith("curve_")]
        of = [1] if len(curves) == 1 else range(len(curves))
        result = [
            self.curve(self.add("Gather", p, self.constant([k], np.int64), axis=1), c)
            for k, c in zip(of, curves, strict=True)
        ]
        if len(result) == 1:
            return self.add("Concat", self.add("Sub", self.constant(1.0), result[0]), result[0], axis=1)
        return self.shares(self.add("Concat", *result, axis=1))

    def curve(self, p: str, points: Array) -> str:
        """A line through points: y₀ + Σ clip((p − xⱼ)/(xⱼ₊₁ − xⱼ), 0, 1)·(yⱼ₊₁ − yⱼ)."""
        x, y = points
        fraction = self.add("Div", self.add("Sub", p, self.constant(x[:-1])), self.constant(np.diff(x)))
        held = self.add("Clip", fraction, self.constant(0.0), self.constant(1.0))
        rise = self.add("MatMul", held, self.constant(np.diff(y)[:, None]))
        return self.add("Add", rise, self.constant(y[0]))

    def numbers(self, model: PortableModel, raw: str, name: str = "prediction") -> list[Any]:
        """Numbers in the target's own units."""
        from onnx import TensorProto, helper

        mean, std = model.arrays["mean"], model.arrays["deviation"]
        flat = name == "prediction" and model.column_target and model.result != "quantiles"
        name = self.unused_name(name)
        targets, outputs = len(mean), []
        if model.result == "gaussian":
            first = self.constant([0], np.int64), self.constant([targets], np.int64)
            second = self.constant([targets], np.int64), self.constant([2 * targets], np.int64)
            axis = self.constant([1], np.int64)
            half = self.add("Mul", self.add("Slice", raw, *second, axis), self.constant(0.5))
            spread = self.add("Mul", self.add("Exp", half), self.constant(std))
            outputs.append(self.reshape(spread, self.unused_name("deviation"), model, targets))
            raw = self.add("Slice", raw, *first, axis)
        levels = max(1, len(model.quantiles))
        scaled = self.add("Mul", raw, self.constant(np.repeat(std, levels)))
        scaled = self.add("Add", scaled, self.constant(np.repeat(mean, levels)))
        if model.result == "quantiles":
            apart = self.add("Reshape", scaled, self.constant([-1, targets, levels], np.int64))
            values, order = f"tidynet sorted {len(self.nodes)}", f"tidynet order {len(self.nodes)}"
            self.nodes.append(
                helper.make_node("TopK", [apart, self.constant([levels], np.int64)], [values, order], largest=0, axis=2)
            )
            scaled = self.add("Reshape", values, self.constant([-1, targets * levels], np.int64))
        if not flat:
            self.add("Identity", scaled, name=name)
            return [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows", targets * levels]), *outputs]
        return [self.reshape(scaled, name, model, 1), *outputs]

    def reshape(self, what: str, name: str, model: PortableModel, width: int) -> Any:
        from onnx import TensorProto, helper

        if model.column_target and width == 1:
            self.add("Squeeze", what, self.constant([1], np.int64), name=name)
            return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows"])
        self.add("Identity", what, name=name)
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows", width])
