"""Imports between the rooms follow the arrows, and no two modules import each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tidynet

HOUSE = Path(tidynet.__file__).parent

# A room may import itself, `core`, and these.
RESULTS = {"table", "profiling", "plot", "preprocessing", "engine", "estimators", "byhand", "evaluation"}
ARROWS: dict[str, set[str]] = {
    "core": set(),
    "table": set(),
    "engine": set(),
    "profiling": {"table"},
    "plot": {"table", "profiling"},
    "preprocessing": {"table"},
    "estimators": {"table", "preprocessing", "engine"},
    # a trace or a figure shows a table's columns by the names that the recipe gives them
    "byhand": {"table", "preprocessing", "engine", "estimators", "plot"},
    # findings and associations are computed in profiling; baselines and folds use the encoded rows of preprocessing
    "evaluation": {"table", "profiling", "preprocessing", "estimators", "plot"},
    "output": RESULTS,
    "workflow": RESULTS | {"output"},
    "cluster": RESULTS | {"output", "workflow"},
}
# These two only parse, call and show, and may import anything.
DOORS = {"cli", "studio", "__main__"}
# `from tidynet import __version__` is a fact about the package, not a room.
FACTS = {"__version__"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE.parent).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def imported(name: str, source: str, *, is_package: bool = False) -> Iterator[str]:
    """Dotted names within tidynet that a module's text imports, wherever in the text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] == "tidynet")
        elif isinstance(node, ast.ImportFrom):
            base = absolute(name, node, is_package=is_package)
            if base.split(".")[0] == "tidynet":
                yield from (f"{base}.{alias.name}" for alias in node.names)


def absolute(name: str, node: ast.ImportFrom, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = name.split(".")
    package = parts[: len(parts) - node.level + is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def wrong_arrows(name: str, source: str, *, is_package: bool = False) -> list[str]:
    room = name.split(".")[1]
    if room in DOORS:
        return []
    wrong = []
    for target in imported(name, source, is_package=is_package):
        goal = target.split(".")[1] if "." in target else "the package itself"
        if goal not in {room, "core"} | ARROWS.get(room, set()) | FACTS:
            wrong.append(f"{name} imports {target}")
    return wrong


def test_every_room_is_on_the_map() -> None:
    rooms = {name.split(".")[1] for name, _ in modules() if "." in name}
    assert rooms <= ARROWS.keys() | DOORS


def test_every_room_is_a_package() -> None:
    folders = {path.parent for path in HOUSE.rglob("*.py")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_imports_follow_the_arrows() -> None:
    wrong = [
        arrow
        for name, path in modules()
        if "." in name
        for arrow in wrong_arrows(name, path.read_text("utf-8"), is_package=path.stem == "__init__")
    ]
    assert wrong == []


def test_no_two_modules_import_each_other() -> None:
    known = {name for name, _ in modules()}
    arrows = set()
    for name, path in modules():
        for target in imported(name, path.read_text("utf-8"), is_package=path.stem == "__init__"):
            goal = target if target in known else target.rpartition(".")[0]
            # A package that gathers its own modules is no arrow between two rooms.
            if goal in known and not goal.startswith(f"{name}.") and not name.startswith(f"{goal}."):
                arrows.add((name, goal))
    assert [arrow for arrow in sorted(arrows) if arrow[::-1] in arrows] == []


@pytest.mark.parametrize(
    ("name", "source", "wrong"),
    [
        ("tidynet.engine.train", "from tidynet.table import x", ["tidynet.engine.train imports tidynet.table.x"]),
        ("tidynet.engine.train", "from ..table import x", ["tidynet.engine.train imports tidynet.table.x"]),
        ("tidynet.profiling.profile", "def f():\n    import tidynet.cli", ["tidynet.profiling.profile imports tidynet.cli"]),
        ("tidynet.evaluation.scores", "import tidynet", ["tidynet.evaluation.scores imports tidynet"]),
        ("tidynet.output.report.report", "from tidynet import cli", ["tidynet.output.report.report imports tidynet.cli"]),
        ("tidynet.output.report.report", "from tidynet import __version__\nfrom . import text", []),
        ("tidynet.estimators.classifier", "from ..engine.train import train\nfrom ..core.errors import InputError", []),
        ("tidynet.cli", "from tidynet.workflow import run", []),
    ],
)  # fmt: skip
def test_a_wrong_arrow_is_found(name: str, source: str, wrong: list[str]) -> None:
    assert wrong_arrows(name, source) == wrong


def public_names() -> Iterator[tuple[str, str]]:
    """Each public class and top-level function with its module; sections of an evaluation share one interface."""
    for name, path in modules():
        # The file that an export writes is read by others, who do not have the package.
        if ".evaluation.sections." in name or name.endswith(".standalone_predictor"):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                yield node.name, name


def test_no_two_public_names_are_equal() -> None:
    homes: dict[str, list[str]] = {}
    for name, module in public_names():
        homes.setdefault(name, []).append(module)
    assert {name: places for name, places in homes.items() if len(set(places)) > 1} == {}


def test_functions_have_at_most_70_lines() -> None:
    long = [
        f"{name}.{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for name, path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name != "__init__" and (node.end_lineno or 0) - node.lineno >= 70
    ]
    assert long == []
