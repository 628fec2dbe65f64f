"""A model as an ONNX graph: raw columns in, probabilities or numbers out, the recipe inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import MissingDependencyError
from tidynet.engine import ACTIVATIONS
from tidynet.estimators.fitted_model import FittedModel
from tidynet.output.export.portable_model import PortableColumn, PortableModel, make_portable_model
from tidynet.preprocessing.categories import alternative_spellings
from tidynet.table.boolean_and_na_values import NA_VALUES

Array = NDArray[Any]

OPSET, ML_OPSET, IR = 17, 4, 9  # ONNX Runtime 1.15 (2023) and later, and what other runtimes know by now
MIN_VALUE = 1e-12  # as in probability_calibration
SOFT_LIMIT = 3.0  # as in preprocessing.encoders


def write_onnx(model: FittedModel, path: str | Path) -> int:
    """Write a fitted model as an ONNX file; returns its bytes.

    Each column is an input of shape (rows, 1): float64 for numbers, dates (days since 1970) and durations
    (seconds), text for categories; its description names its unit. A model trained on a plain array takes one matrix
    `X`. Outputs of a classifier are `label` and `probabilities` (in the order of the classes), of a regressor
    `prediction`, and `quantiles` or `deviation` if it has them.
    """
    from tidynet.core.atomic_write import atomic_write

    onnx_proto = onnx_model(make_portable_model(model), _metadata(model))
    with atomic_write(path) as temporary:
        temporary.write_bytes(onnx_proto.SerializeToString())
    return Path(path).stat().st_size


def onnx_model(model: PortableModel, metadata: dict[str, str] | None = None) -> Any:
    """The graph, checked."""
    try:
        import onnx
    except ImportError as error:
        raise MissingDependencyError(
            "the package onnx is not installed, but an ONNX export needs it", "run: pip install 'tidynet[onnx]'"
        ) from error
    graph = _Graph()
    graph.add_input(model)
    outputs = graph.model(model)
    helper = onnx.helper
    onnx_proto = helper.make_model(
        helper.make_graph(graph.nodes, "tidynet", graph.inputs, outputs, graph.used_constants()),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
        ir_version=IR,
        producer_name="tidynet",
    )
    helper.set_model_props(onnx_proto, _column_specs(model) | (metadata or {}))
    onnx.checker.check_model(onnx_proto)
    return onnx_proto


def _column_specs(model: PortableModel) -> dict[str, str]:
    columns = {column.name: column.description for column in model.columns}
    categories = {column.name: list(column.categories) for column in model.categorical}
    text = {"columns": columns, "categories": categories, "classes": model.classes}
    return {name: json.dumps(value, ensure_ascii=False) for name, value in text.items() if value}


def _metadata(model: FittedModel) -> dict[str, str]:
    record = model.record_
    provenance = record.get("provenance", {})
    text = {"target": record.get("target"), "task": record.get("task"), "date": provenance.get("date")}
    return {name: str(value) for name, value in text.items() if value}


def _lookup_nodes(column: PortableColumn) -> dict[str, int]:
    """The code of each known text: categories, their common spellings, and the texts of a missing value."""
    levels = {level: code for code, level in enumerate(column.categories)}
    missing_values = dict.fromkeys((*NA_VALUES, column.missing_text), len(levels)) if column.has_missing_code else {}
    return missing_values | alternative_spellings(column.categories, column.is_boolean) | levels


class _Graph:
    """Nodes as they are added; each method returns the name of its result."""

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
        """The constants that a node uses; ONNX Runtime warns of others on load."""
        taken = {name for node in self.nodes for name in node.input}
        return [constant for constant in self.constants if constant.name in taken]

    def add(self, kind: str, *inputs: str, domain: str = "", name: str = "", **attributes: Any) -> str:
        from onnx import helper

        onnx_proto = name or f"tidynet {kind} {len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [onnx_proto], domain=domain, **attributes))
        return onnx_proto

    def unused_name(self, name: str) -> str:
        """A name for an output that no column has."""
        while any(item.name == name for item in self.inputs):
            name += "_"
        return name

    def cast(self, what: str, dtype: Any, name: str = "") -> str:
        from onnx import helper

        return self.add("Cast", what, name=name, to=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def add_input(self, model: PortableModel) -> None:
        """Declare the inputs."""
        from onnx import TensorProto, helper

        if model.takes_matrix:
            width = None if not model.column_positions else max(model.column_positions) + 1
            shape = ["rows", width if len(model.column_positions) == width else "columns"]
            text = "numbers, the columns in the order of the training; missing: NaN"
            self.inputs.append(helper.make_tensor_value_info("X", TensorProto.DOUBLE, shape, text))
            return
        for column in model.columns:
            kind = TensorProto.STRING if column.input_type == "text" else TensorProto.DOUBLE
            self.inputs.append(helper.make_tensor_value_info(column.name, kind, ["rows", 1], column.description))

    def model(self, model: PortableModel) -> list[Any]:
        """All nodes of a model; returns its outputs."""
        raw = self.networks(model)
        if model.output_type in ("classes", "labels"):
            return self.classes(model, raw)
        outputs = self.numbers(model, raw)
        if model.quantile_model is not None:
            beside = self.numbers(model.quantile_model, self.networks(model.quantile_model), "quantiles")
            outputs += beside
        return outputs

    # Preprocessing -----------------------------------------------------------------------------

    def raw_numbers(self, model: PortableModel) -> str:
        """All numeric columns, float64."""
        if model.takes_matrix:
            return self.add("Gather", "X", self.constant(model.column_positions, np.int64), axis=1)
        return self.add("Concat", *(column.name for column in model.numeric), axis=1)

    def dense(self, model: PortableModel) -> str:
        """[scaled numbers | missing indicators | bins] in the networks' type."""
        x, arrays = self.raw_numbers(model), model.arrays
        if model.is_passthrough:
            return self.cast(x, model.dtype)
        missing = self.add("IsNaN", x)
        filled = self.add("Where", missing, self.constant(arrays["median"]), x)
        centered = self.add("Sub", filled, self.constant(arrays["median"]))
        ratio = self.add("Div", centered, self.constant(arrays["scale"]))
        z = self.add("Clip", ratio, self.constant(-1e150), self.constant(1e150))  # the square is finite
        part = self.add("Div", z, self.constant(SOFT_LIMIT))
        root = self.add("Sqrt", self.add("Add", self.constant(1.0), self.add("Mul", part, part)))
        parts = [self.add("Div", z, root)]
        missing_values = self.cast(missing, np.float64)
        if len(arrays["indicator_columns"]):
            parts.append(self.add("Gather", missing_values, self.constant(arrays["indicator_columns"]), axis=1))
        if len(arrays["bin_column"]):
            parts.append(self.bins(model, filled, missing_values))
        return self.cast(self.add("Concat", *parts, axis=1), model.dtype)

    def bins(self, model: PortableModel, filled: str, missing_values: str) -> str:
        """How far each bin is filled, from 0 to 1, and which values are missing."""
        arrays = model.arrays
        column = self.constant(arrays["bin_column"])
        above = self.add("Sub", self.add("Gather", filled, column, axis=1), self.constant(arrays["bin_low"]))
        fraction = self.add("Div", above, self.constant(arrays["bin_width"]))
        filled_fraction = self.add("Clip", fraction, self.constant(0.0), self.constant(1.0))
        marks = self.constant(arrays["bin_has_indicator"].astype(np.float64))
        in_missing = self.add("Mul", self.add("Gather", missing_values, column, axis=1), marks)
        is_missing = arrays["bin_is_missing"].astype(np.float64)
        known = self.add("Mul", self.add("Sub", self.constant(1.0), in_missing), self.constant(1 - is_missing))
        return self.add(
            "Add", self.add("Mul", filled_fraction, known), self.add("Mul", in_missing, self.constant(is_missing))
        )

    def codes(self, column: PortableColumn) -> str:
        """The code of each category, shape (rows,); an unseen one has the last row of the weights, all 0."""
        from onnx import numpy_helper

        if column.name in self._columns:
            return self._columns[column.name]
        keys, source = list(column.categories), column.name
        unseen = len(keys) + column.has_missing_code
        if column.input_type == "text":
            known = _lookup_nodes(column)
            named: dict[str, Any] = {"keys_strings": list(known), "values_int64s": list(known.values())}
            named["default_int64"] = unseen
        else:
            levels = np.array([float(level) for level in keys])
            other = np.max(np.abs(levels), initial=1.0) * 2 + 1
            if column.has_missing_code:
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
        for number, column in enumerate(model.categorical):
            rows = self.constant(arrays[f"categories_{number}"])
            result.append(self.add("Gather", rows, self.codes(column), axis=1))
        h = self.add("Sum", *result) if len(result) > 1 else result[0]
        for depth, name in enumerate(model.activations, start=1):
            if depth > 1:
                h = self.add("MatMul", h, self.constant(arrays[f"W{depth}"]))
            h = ACTIVATIONS[name].onnx(self, self.add("Add", h, self.constant(arrays[f"b{depth}"])), model.dtype)
        return self.add("ReduceMean", self.cast(h, np.float64), axes=[0], keepdims=0)

    # Outputs -------------------------------------------------------------------------

    def classes(self, model: PortableModel, raw: str) -> list[Any]:
        """Add the probabilities and the label of the most probable class."""
        from onnx import TensorProto, helper

        count, probabilities, label = len(model.classes), self.unused_name("probabilities"), self.unused_name("label")
        info = [helper.make_tensor_value_info(probabilities, TensorProto.DOUBLE, ["rows", count])]
        if model.output_type == "labels":
            p = self.add("Identity", raw, name=probabilities)
            self.cast(self.add("Greater", p, self.constant(0.5)), np.int64, name=label)
            return [helper.make_tensor_value_info(label, TensorProto.INT64, ["rows", count]), *info]
        if count == 1:
            p = self.add("Add", self.add("Mul", raw, self.constant(0.0)), self.constant(1.0))
        elif count == 2:
            p = self.add("Concat", self.add("Sub", self.constant(1.0), raw), raw, axis=1)
        else:
            p = self.normalize(raw)
        p = self.add("Identity", self.scaled(model, p), name=probabilities)
        labels = np.array(model.classes)
        labels = labels.astype(object) if labels.dtype.kind == "U" else labels
        self.add("Gather", self.constant(labels), self.add("ArgMax", p, axis=1, keepdims=0), name=label)
        kind = TensorProto.STRING if labels.dtype == object else helper.np_dtype_to_tensor_dtype(labels.dtype)
        return [helper.make_tensor_value_info(label, kind, ["rows"]), *info]

    def normalize(self, p: str) -> str:
        """Probabilities that sum to 1."""
        return self.add("Div", p, self.add("ReduceSum", p, self.constant([1], np.int64), keepdims=1))

    def scaled(self, model: PortableModel, p: str) -> str:
        """Probabilities by temperature or isotonic scaling."""
        if model.calibration == "temperature":
            logarithms = self.add("Log", self.add("Max", p, self.constant(MIN_VALUE)))
            return self.add("Softmax", self.add("Div", logarithms, self.constant(model.temperature)), axis=-1)
        if model.calibration != "isotonic":
            return p
        curves = [values for name, values in model.arrays.items() if name.startswith("curve_")]
        of = [1] if len(curves) == 1 else range(len(curves))
        result = [
            self.curve(self.add("Gather", p, self.constant([k], np.int64), axis=1), c)
            for k, c in zip(of, curves, strict=True)
        ]
        if len(result) == 1:
            return self.add("Concat", self.add("Sub", self.constant(1.0), result[0]), result[0], axis=1)
        return self.normalize(self.add("Concat", *result, axis=1))

    def curve(self, p: str, points: Array) -> str:
        """A line through points: y₀ + Σ clip((p − xⱼ)/(xⱼ₊₁ − xⱼ), 0, 1)·(yⱼ₊₁ − yⱼ)."""
        x, y = points
        fraction = self.add("Div", self.add("Sub", p, self.constant(x[:-1])), self.constant(np.diff(x)))
        filled_fraction = self.add("Clip", fraction, self.constant(0.0), self.constant(1.0))
        rise = self.add("MatMul", filled_fraction, self.constant(np.diff(y)[:, None]))
        return self.add("Add", rise, self.constant(y[0]))

    def numbers(self, model: PortableModel, raw: str, name: str = "prediction") -> list[Any]:
        """Numbers in the target's own units."""
        from onnx import TensorProto, helper

        mean, std = model.arrays["mean"], model.arrays["deviation"]
        flat = name == "prediction" and model.has_column_target and model.output_type != "quantiles"
        name = self.unused_name(name)
        targets, outputs = len(mean), []
        if model.output_type == "gaussian":
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
        if model.output_type == "quantiles":
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

        if model.has_column_target and width == 1:
            self.add("Squeeze", what, self.constant([1], np.int64), name=name)
            return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows"])
        self.add("Identity", what, name=name)
        return helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["rows", width])
