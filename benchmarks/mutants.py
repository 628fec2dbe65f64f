"""Change random lines of the package, one at a time, and report which changes no test detects.

Each mutant changes one operator, number or condition (operators of cosmic-ray) and runs the tests that execute the
changed line, found by one run of the fast tests of five rooms with coverage. Kernels run compiled, out of coverage's
sight: their mutants run the engine's tests of the kernels. Mutants run in copies of the checkout, several at a time.

Run with `make mutants`, or `python benchmarks/mutants.py --mutants 150 --seed 1`.
`--path subgroups` draws from the files alone whose path contains this text; `--only 3,17` runs these two of the drawn
mutants.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import pytest
from cosmic_ray.mutating import MutationVisitor
from cosmic_ray.plugins import get_operator, operator_names
from coverage import CoverageData

ROOT = Path(__file__).parents[1]
TARGETS = (
    "engine",
    "preprocessing",
    "evaluation",
    "table/infer_types.py",
    "table/infer_number_type.py",
    "table/infer_text_type.py",
    "table/ordinal_scales.py",
    "table/date_formats.py",
    "table/variable_type.py",
)
ROOMS = ("engine", "preprocessing", "evaluation", "estimators", "table")  # whose tests are run
KERNEL_TESTS = tuple(
    f"tests/engine/test_engine_{name}.py"
    for name in ("kernels", "registry", "prediction", "python_loop", "stopping", "hard_cases")
)
LEFT_OUT = ("ExceptionReplacer", "RemoveDecorator", "Variable", "ReplaceUnaryOperator_Delete")
SECONDS = 400  # of one mutant's tests; an endless loop counts as detected
MOST_TESTS = 60
FAMILIES = 12  # tries of an operator on a file before another file is drawn


@dataclass(frozen=True)
class Mutant:
    """One changed line."""

    path: Path
    line: int
    before: str
    after: str
    code: str


def target_files(part: str = "") -> list[Path]:
    """The files whose lines are changed: those whose path contains a text."""
    house = ROOT / "src" / "tidynet"
    places = [house / name for name in TARGETS if (house / name).exists()]
    paths = sorted(path for place in places for path in ([place] if place.is_file() else place.rglob("*.py")))
    return [path for path in paths if part in path.relative_to(house).as_posix()]


def meaning(code: str) -> str:
    """The program without what a mutant may change without any effect on a result."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
        if isinstance(node, ast.arg | ast.AnnAssign):
            node.annotation = ast.Constant(value=0)
        if isinstance(node, ast.Call):
            drop_effectless_arguments(node)
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and is_text(body[0].value):
            body[0].value = ast.Constant(value=0)
    return ast.dump(tree)


def drop_effectless_arguments(call: ast.Call) -> None:
    """Remove a cast's type, a TypeVar's bound, slots, a zip's check and the compiler's cache: no result changes."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    dropped = {"dataclass": {"slots"}, "njit": {"cache", "nogil"}, "TypeVar": {"bound"}, "zip": {"strict"}}.get(
        name, set()
    )
    call.keywords = [keyword for keyword in call.keywords if keyword.arg not in dropped]
    if name == "cast":
        call.args = call.args[1:]


def is_text(node: ast.expr) -> bool:
    """Whether an expression is a text, as a docstring is."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def draw_mutants(count: int, seed: int, part: str = "") -> Iterator[Mutant]:
    """Random mutants, files drawn by their length."""
    rng = random.Random(seed)
    paths = target_files(part)
    if not paths:
        sys.exit(f"no target file has '{part}' in its path")
    lengths = [path.read_text("utf-8").count("\n") for path in paths]
    names = [name for name in operator_names() if not any(part in name for part in LEFT_OUT)]
    names = [name for name in names if name.count("Is") != 1]  # identity in place of order, which nobody writes
    families: dict[str, list[str]] = {}
    for name in names:
        families.setdefault("_".join(name.split("_")[:2]), []).append(name)
    drawn: set[tuple[Path, str]] = set()
    while len(drawn) < count:
        [path] = rng.choices(paths, lengths)
        mutant = draw_mutant(path, families, rng)
        if mutant is not None and (path, mutant.code) not in drawn:
            drawn.add((path, mutant.code))
            yield mutant


def draw_mutant(path: Path, families: dict[str, list[str]], rng: random.Random) -> Mutant | None:
    """A mutant of one file that differs in meaning; None if none is found soon."""
    code = path.read_text("utf-8")
    for _ in range(FAMILIES):
        operator = get_operator(rng.choice(families[rng.choice(list(families))]))()
        places = count_places(code, operator)
        if places:
            changed = MutationVisitor.mutate_code(code, operator, rng.randrange(places))
            if changed is not None and parses(changed) and meaning(changed) != meaning(code):
                pairs = list(zip(code.splitlines(), changed.splitlines(), strict=False))
                line = next(number for number, (old, new) in enumerate(pairs, 1) if old != new)
                return Mutant(path.relative_to(ROOT), line, pairs[line - 1][0], pairs[line - 1][1], changed)
    return None


def count_places(code: str, operator: object) -> int:
    """How many places of a file an operator can change."""
    counter = MutationVisitor(-1, operator)
    from cosmic_ray.ast import get_ast

    counter.walk(get_ast(code))
    return int(counter._count)


def parses(code: str) -> bool:
    """Whether the changed text is still a program."""
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def covering_tests(data: CoverageData, mutant: Mutant) -> list[str]:
    """The tests that run a line; for a compiled kernel, or a line run at import, those of its package."""
    contexts = data.contexts_by_lineno(str(ROOT / mutant.path)).get(mutant.line, [])
    tests = sorted({context.rsplit("|", 1)[0] for context in contexts if context})
    if tests and "kernels" not in mutant.path.parts:
        return tests if len(tests) <= MOST_TESTS else random.Random(0).sample(tests, MOST_TESTS)
    if "kernels" in mutant.path.parts:
        return list(KERNEL_TESTS)
    return ["tests/test_dataclasses.py", str(Path("tests") / mutant.path.parts[2])]


def is_detected(mutant: Mutant, tests: list[str], copy: Path) -> bool:
    """Whether the tests fail on a mutant, written into a copy of the checkout."""
    target = copy / mutant.path
    original = target.read_text("utf-8")
    target.write_text(mutant.code, "utf-8")
    try:
        environment = {**os.environ, "PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-m", "not slow", "-p", "no:cacheprovider", *tests]
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, timeout=SECONDS, check=False)
        return done.returncode not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_text(original, "utf-8")


def collect_coverage() -> CoverageData:
    """Which test runs which line, from one run of the fast tests of the rooms."""
    file = ROOT / ".coverage.mutants"
    if not file.exists():
        environment = {**os.environ, "COVERAGE_FILE": str(file), "PYTHONPATH": str(ROOT / "src")}
        options = ["-q", "-n", "2", "-m", "not slow", "--cov", "--cov-context=test", "--cov-report="]
        command = [sys.executable, "-m", "pytest", *options, *(f"tests/{room}" for room in ROOMS)]
        if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
            file.unlink(missing_ok=True)
            sys.exit("tests fail without a mutant, so a failure would detect nothing; correct them first")
    data = CoverageData(basename=str(file))
    data.read()
    return data


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.9, help="fraction of mutants that the tests have to detect")
    parser.add_argument("--path", default="", help="a text in the paths of the files to draw from; default all")
    parser.add_argument("--only", default="", help="numbers of the mutants to run, separated by commas; default all")
    options = parser.parse_args()
    only = {int(number) for number in options.only.split(",") if number}
    drawn = enumerate(draw_mutants(options.mutants, options.seed, options.path), 1)
    mutants = [numbered for numbered in drawn if not only or numbered[0] in only]
    data = collect_coverage()
    folder = Path(tempfile.mkdtemp(prefix="tidynet-mutants-"))
    copies: Queue[Path] = Queue()
    for number in range(options.workers):
        copy = folder / str(number) / "main"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", ".*cache"))
        copies.put(copy)

    def run_one(numbered: tuple[int, Mutant]) -> tuple[int, Mutant, bool]:
        number, mutant = numbered
        copy = copies.get()
        try:
            return number, mutant, is_detected(mutant, covering_tests(data, mutant), copy)
        finally:
            copies.put(copy)

    survivors = []
    try:
        with ThreadPoolExecutor(options.workers) as pool:
            for number, mutant, detected in pool.map(run_one, mutants):
                print(f"{number:4d} {'detected' if detected else 'SURVIVED'} {mutant.path}:{mutant.line}", flush=True)
                if not detected:
                    survivors.append(mutant)
                    print(f"     - {mutant.before.strip()}\n     + {mutant.after.strip()}", flush=True)
    finally:
        shutil.rmtree(folder)
    killed = len(mutants) - len(survivors)
    print(f"{killed} of {len(mutants)} mutants detected ({killed / len(mutants):.0%})")
    return int(killed < options.least * len(mutants))


if __name__ == "__main__":
    sys.exit(main())
