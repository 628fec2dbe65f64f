"""How often planted subgroups and leaks are found by trained networks, and how often others are reported.

    python benchmarks/evaluation_findings.py --draws 20 --rows 3000

Each draw simulates a table, trains a network on half of its rows and evaluates the other half.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl

from tidynet import MLPClassifier, MLPRegressor, read
from tidynet.evaluation.evaluation_data import predict_test_data
from tidynet.evaluation.leakage import find_leakage
from tidynet.evaluation.subgroups import weak_subgroups

Frame = dict[str, Any]
LEAKS = {
    "target-leakage",
    "missingness-predicts-target",
    "train-test-duplicates",
    "groups-in-both-splits",
    "identifier-column",
    "time-ordered-rows",
}
WEAK: dict[tuple[str, ...], Callable[[Frame], Any]] = {
    (): lambda f: np.zeros(len(f["x"]), dtype=bool),
    ("city",): lambda f: f["city"] == "Hamar",
    ("idle",): lambda f: f["idle"] > 0.67,
    ("city", "sex"): lambda f: (f["city"] == "Bergen") & (f["sex"] == "f"),
}


def columns(random: np.random.Generator, rows: int) -> Frame:
    """Columns of a clean table."""
    return {
        "x": random.normal(size=rows),
        "z": random.normal(size=rows),
        "idle": random.normal(size=rows),
        "age": random.integers(18, 80, rows),
        "city": random.choice(["Oslo", "Bergen", "Hamar"], rows, p=[0.5, 0.3, 0.2]),
        "sex": random.choice(["f", "m"], rows),
    }


def score(frame: Frame) -> Any:
    """What the target follows."""
    return 3 * frame["x"] + 2 * frame["z"] * np.where(frame["sex"] == "m", 1, 0.5) + (frame["city"] == "Oslo")


def target(task: str, frame: Frame, weak: Any, random: np.random.Generator) -> Any:
    """Classes of which a share is flipped, or numbers with noise; more of it in the weak subgroup."""
    if task == "regression":
        return score(frame) + random.normal(size=len(weak)) * np.where(weak, 3.0, 1.0)
    sure = random.random(len(weak)) < 1 / (1 + np.exp(-score(frame)))
    return np.where(random.random(len(weak)) < np.where(weak, 0.4, 0.02), ~sure, sure).astype(int).astype(str)


def subgroups(task: str, weak: tuple[str, ...], draw: int, rows: int) -> tuple[bool, bool]:
    """Whether any subgroup is named in a draw, and whether the planted one is named first."""
    random = np.random.default_rng(draw)
    frame = columns(random, rows)
    y = target(task, frame, WEAK[weak](frame), random)
    features, half = pl.DataFrame(frame), rows // 2
    model = (MLPRegressor if task == "regression" else MLPClassifier)(random_state=draw, effort="fast")
    model.fit(features[:half], y[:half])
    found = weak_subgroups(predict_test_data(model, features[half:], y[half:], "y")).found
    return bool(found), bool(found) and found[0].columns == weak


def planted(name: str, frame: Frame, y: Any, random: np.random.Generator) -> tuple[Frame, Any, str]:
    """A table with one leak, and the code of its finding."""
    rows = len(y)
    wrong = np.where(random.random(rows) < 0.02, random.permutation(y), y)
    if name == "copy with errors":
        return {**frame, "outcome": np.where(wrong == "1", "paid", "open")}, y, "target-leakage"
    if name == "number that sorts the classes":
        return {**frame, "risk": (y == "1") * 2.0 + random.random(rows)}, y, "target-leakage"
    if name == "known for one class":
        return {**frame, "paid": np.where(y == "1", random.normal(size=rows), np.nan)}, y, "missingness-predicts-target"
    if name == "repeated rows":
        again = random.integers(0, rows, rows // 10)
        return (
            {key: np.append(value, value[again]) for key, value in frame.items()},
            np.append(y, y[again]),
            "train-test-duplicates",
        )
    if name == "row number":
        return {"place": np.arange(rows) * 3.0, **frame}, y, "identifier-column"
    if name == "one person, many rows":
        return {"patient": random.integers(0, rows // 5, rows), **frame}, y, "groups-in-both-splits"
    if name == "time order":
        return {"day": np.arange("2020-01-01", rows, dtype="datetime64[D]")[:rows], **frame}, y, "time-ordered-rows"
    return frame, y, ""


LEAKY = (
    "copy with errors", "number that sorts the classes", "known for one class", "repeated rows", "row number",
    "one person, many rows", "time order",
)  # fmt: skip


def honest(name: str, random: np.random.Generator, rows: int) -> Frame:
    """A table without a leak, with something that resembles one; the target is y."""
    a, b = random.normal(size=(2, rows))
    town = random.choice(["A", "B", "C", "D"], rows)
    if name == "houses: area explains four fifths of the price":
        area = random.normal(80, 20, rows).round()
        price = (3000 * area + random.normal(0, 25_000, rows)).round(-3)
        return {"area": area, "rooms": random.integers(1, 6, rows), "town": town, "y": price}
    if name == "houses with correlated columns":
        area = random.normal(80, 20, rows).round()
        rooms = (area / 25 + random.normal(0, 0.4, rows)).round()
        price = (3000 * area + 20_000 * (town == "A") + random.normal(0, 8_000, rows)).round(-4)
        return {"area": area, "rooms": rooms, "town": town, "y": price}
    if name == "patients: age, pressure, town":
        pressure = random.normal(120, 15, rows).round(1)
        sick = random.random(rows) < 1 / (1 + np.exp(-(pressure - 120) / 12 + 0.5 * (town == "A")))
        return {"age": random.integers(18, 80, rows), "pressure": pressure, "town": town, "y": np.where(sick, "y", "n")}
    if name == "sum of a larger and a smaller part":
        return {"a": a, "b": b, "y": 2 * a + b + 0.3 * random.normal(size=rows)}
    if name == "one steep number and classes":
        sure = random.random(rows) < 1 / (1 + np.exp(-8 * a - b))
        return {"a": a, "b": b, "town": town, "y": np.where(sure, "y", "n")}
    return {  # answers on a scale, most of them alike
        **{f"q{place}": np.clip((4 + a + 0.7 * random.normal(size=rows)).round(), 1, 7) for place in range(6)},
        "y": np.clip((4 + a + 0.7 * random.normal(size=rows)).round(), 1, 7),
    }


HONEST = (
    "houses: area explains four fifths of the price", "houses with correlated columns",
    "patients: age, pressure, town", "sum of a larger and a smaller part", "one steep number and classes",
    "answers on a scale",
)  # fmt: skip


def looked_for(table: Frame, random: np.random.Generator) -> set[str]:
    """The codes of the findings when a random fifth of the rows is the test set."""
    order = random.permutation(len(table["y"]))
    fifth = len(order) // 5
    found = find_leakage(read(table), "y", training=np.sort(order[fifth:]), test=np.sort(order[:fifth]))
    return {one.code for one in found}


def honestly(name: str, draw: int, rows: int) -> tuple[bool, bool]:
    """Whether any leak is reported in a draw of a table without one."""
    random = np.random.default_rng(draw)
    return bool(looked_for(honest(name, random, rows), random) & LEAKS), False


def leaks(name: str, draw: int, rows: int) -> tuple[bool, bool]:
    """Whether any leak is reported in a draw, and whether the planted one is."""
    random = np.random.default_rng(draw)
    frame = columns(random, rows)
    y = target("binary", frame, WEAK[()](frame), random)
    frame, y, code = planted(name, frame, y, random)
    found = looked_for({**frame, "y": y}, random)
    return bool(found & LEAKS), code in found


def print_row(label: str, results: list[tuple[bool, bool]]) -> None:
    """One line of the table."""
    print(
        f"| {label} | {len(results)} | {sum(any_ for any_, _ in results)} | {sum(right for _, right in results)} |",
        flush=True,
    )


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--only", choices=("subgroups", "leaks"))
    chosen = parser.parse_args()
    if chosen.only != "subgroups":
        print("| planted | draws | any leak reported | the planted one |\n|---|---:|---:|---:|")
        for name in ("nothing", *LEAKY):
            print_row(name, [leaks(name, draw, chosen.rows) for draw in range(chosen.draws)])
        for name in HONEST:
            for rows in (900, chosen.rows):
                results = [honestly(name, draw, rows) for draw in range(chosen.draws)]
                print_row(f"nothing; {name}, {rows:,} rows", results)
    if chosen.only != "leaks":
        print("\n| task, weak subgroup | draws | any named | the planted one first |\n|---|---:|---:|---:|")
        for task in ("binary", "regression"):
            for weak in WEAK:
                label = f"{task}, {' and '.join(weak) or 'none'}"
                print_row(label, [subgroups(task, weak, draw, chosen.rows) for draw in range(chosen.draws)])


if __name__ == "__main__":
    main()
