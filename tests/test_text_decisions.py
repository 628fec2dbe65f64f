"""No decision depends on the text of a message, and no module probes a model or reads foreign private names."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import tidynet

SOURCES = Path(tidynet.__file__).parent
WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|[A-Za-z]{2,} $")  # "two words", or a word with a space after it
# A protocol module has to probe; the predictor of an export runs without tidynet and knows pandas by name.
PROBES = {"estimators/fitted_model.py", "output/export/standalone_predictor.py"}
# Names of named tuples, `os`, Numba and scikit-learn.
LIBRARY_NAMES = {
    "_replace",
    "_asdict",
    "_exit",
    "_fields",
    "_cache",
    "_load_index",
    "_predictors",
    "_baseline_prediction",
}


def offenders(source: str) -> Iterator[tuple[int, str]]:
    """Line and kind of each offence in a module."""
    tree = ast.parse(source)
    private = private_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from ((node.lineno, "compares text") for item in [node.left, *node.comparators] if is_message(item))
            if any(is_type_name(item) for item in ast.walk(node)):
                yield node.lineno, "dispatches on type(…).__name__"
        elif isinstance(node, ast.Subscript) and is_type_name(node.slice):
            yield node.lineno, "dispatches on type(…).__name__"
        elif isinstance(node, ast.Call):
            yield from call_offences(node)
        elif isinstance(node, ast.arg) and node.arg == "model" and is_any(node.annotation):
            yield node.lineno, "model: Any"
        elif isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.startswith("__"):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not is_own and node.attr not in private | LIBRARY_NAMES:
                yield node.lineno, f"reads {node.attr}"


def call_offences(node: ast.Call) -> Iterator[tuple[int, str]]:
    function, arguments = node.func, node.args
    if isinstance(function, ast.Attribute) and function.attr in ("startswith", "endswith"):
        yield from ((node.lineno, "compares text") for item in arguments if is_message(item))
    if isinstance(function, ast.Attribute) and function.attr == "get" and any(map(is_type_name, arguments)):
        yield node.lineno, "dispatches on type(…).__name__"
    if isinstance(function, ast.Name) and function.id in ("hasattr", "getattr") and is_model(arguments[0]):
        yield node.lineno, f"{function.id}(model, …)"


def is_message(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and WORDS.search(node.value) is not None


def is_type_name(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "__name__"
        and isinstance(node.value, ast.Call)
        and isinstance(node.value.func, ast.Name)
        and node.value.func.id == "type"
    )


def is_any(annotation: ast.expr | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def is_model(node: ast.expr) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name == "model"


def private_names(tree: ast.AST) -> set[str]:
    """Private names that a module defines: functions, fields, and attributes of self."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls"):
            names.add(node.attr)
    return names


def found() -> dict[str, list[str]]:
    result = {}
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if name not in PROBES:
            lines = [f"{name}:{line} {kind}" for line, kind in offenders(path.read_text(encoding="utf-8"))]
            if lines:
                result[name] = lines
    return result


def test_no_file_has_an_offender() -> None:
    assert [line for lines in found().values() for line in lines] == []


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("if text.startswith('all epochs'): pass", "compares text"),
        ("if 'did not improve' in str(error): pass", "compares text"),
        ("if reason == 'the time limit was reached': pass", "compares text"),
        ("if type(event).__name__ == 'EpochEnded': pass", "dispatches on type(…).__name__"),
        ("handlers[type(event).__name__](event)", "dispatches on type(…).__name__"),
        ("def f(model: Any): pass", "model: Any"),
        ("hasattr(model, 'classes_')", "hasattr(model, …)"),
        ("getattr(data.model, 'recipe_', None)", "getattr(model, …)"),
        ("model._features(X)", "reads _features"),
    ],
)
def test_the_scan_finds(source: str, kind: str) -> None:
    assert [found for _, found in offenders(source)] == [kind]


@pytest.mark.parametrize("source", ["if text == 'regression': pass", "self._x = other._x", "name.startswith('array.')"])
def test_the_scan_allows(source: str) -> None:
    assert not Counter(kind for _, kind in offenders(source))
