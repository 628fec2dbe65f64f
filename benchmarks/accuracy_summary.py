"""What the results of accuracy.py say, as Markdown; with --write also the page and pictures in results/.

    python benchmarks/accuracy_summary.py                             # everything that is in results/
    python benchmarks/accuracy_summary.py /tmp/mine.csv benchmarks/results/accuracy_peers.csv \\
        --tables tuning --models linear,catboost,lightgbm,wide,long   # on the splits that all of them have
    python benchmarks/accuracy_summary.py --write
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import accuracy_pictures
import accuracy_statistics as statistics
import accuracy_tables
from accuracy import OURS_FILE, PEERS_FILE, RESULTS, splits_of, words_of
from accuracy_peers import title
from accuracy_runs import read_rows
from accuracy_statistics import Comparison

BASELINE, REFERENCE = "linear", "catboost"
ENOUGH_TABLES = 5  # fewer say nothing about a model
NOTES = f"""\
Loss is log loss for classes and RMSE for numbers; error is 1 − accuracy, or RMSE; scores are means over the splits
that all compared models have. Brackets hold 95% intervals from drawing the tables anew. *Way to the best*: the
table's loss with the linear model's as 0 and the lowest as 1, at least 0, without tables where nothing beats the
linear model. *Loss / another's*: geometric mean, without tables that a model solves (log loss under
{statistics.SOLVED:g}). *Calibration error*: the predicted class, 15 bins of equal width, mean over tables with
classes. *CPU s*: to fit and predict, summed over tables, one split, one thread.
"""


def main() -> None:
    options = _options()
    rows = [row for file in options.files for row in read_rows(file)]
    tables = accuracy_tables.names(options.tables)
    rows = [row for row in rows if row["table"] in tables and int(row["split"]) in options.splits]
    rows.sort(key=lambda row: tables.index(row["table"]))
    if not rows:
        raise SystemExit("there are no such results")
    if options.models:
        if unknown := sorted(set(options.models) - set(statistics.coverage(rows))):
            raise SystemExit(f"no results of {', '.join(unknown)}")
        print("\n".join(_section("", statistics.compare(rows, options.models))))
        return
    page, pictures = _page(rows)
    print(page)
    if options.write:
        (RESULTS / "accuracy.md").write_text(page, "utf-8")
        for name, (figure, alt) in pictures.items():
            accuracy_pictures.write(figure, RESULTS / name, alt)


def groups(covered: dict[str, set[tuple[str, int]]]) -> list[tuple[str, list[str]]]:
    """Titles and models to compare: the well measured ones, all with a split of every table, then each other one."""
    tables = {table for cells in covered.values() for table, _ in cells}
    whole = {model: _whole_splits(cells, tables) for model, cells in covered.items()}
    counts = sorted(count for count in whole.values() if count) or [0]
    well = [model for model, count in whole.items() if count >= counts[len(counts) // 2]]
    every = [model for model, count in whole.items() if count]
    found = [("The models measured on most splits", well)]
    if len(every) > len(well):
        found.append(("With those measured on fewer splits", every))
    for model, cells in covered.items():
        if model not in {*well, *every} and len({table for table, _ in cells}) >= ENOUGH_TABLES:
            found.append((f"{title(model)}, where it has been run", [*found[-1][1], model]))
    return found


def _whole_splits(cells: set[tuple[str, int]], tables: set[str]) -> int:
    """Splits that a model has of every table."""
    return sum(all((table, split) in cells for table in tables) for split in {split for _, split in cells})


def _page(rows: Sequence[dict[str, Any]]) -> tuple[str, dict[str, tuple[Any, str]]]:
    lines = ["# The default network beside its peers", "", *_origin(rows), "", NOTES]
    pictures: dict[str, tuple[Any, str]] = {}
    for place, (heading, models) in enumerate(groups(statistics.coverage(rows))):
        comparison = statistics.compare(rows, models)
        drawn = accuracy_pictures.pictures(comparison) if place < 2 else {}
        ending = "" if not place else "_with_slow"
        links = []
        for name, (figure, alt) in drawn.items():
            pictures[f"accuracy_{name}{ending}.svg"] = figure, alt
            links += [f"![{alt}](accuracy_{name}{ending}.svg)", ""]
        lines += _section(heading, comparison, links, by_table=place < 2)
    lines += _failures(rows)
    return "\n".join(lines).rstrip() + "\n", pictures


def _origin(rows: Sequence[dict[str, Any]]) -> list[str]:
    versions = sorted({row["version"] for row in rows if row["version"]})
    lines = ["By `python benchmarks/accuracy.py --models peers,ours`, then `benchmarks/accuracy_summary.py --write`."]
    note = PEERS_FILE.with_name(f"{PEERS_FILE.stem}_machine.txt")
    machine = note.read_text("utf-8").strip() if note.exists() else ""
    return [*lines, "", "```", *([machine] if machine else []), ", ".join(versions), "```"]


def _section(heading: str, comparison: Comparison, links: Sequence[str] = (), by_table: bool = True) -> list[str]:
    apart = accuracy_tables.held_out()
    lines = [f"## {heading}", ""] if heading else []
    lines += [*_overall("All tables", comparison), *links]
    for name, chosen in (
        ("Tables for tuning", [table for table in comparison.tables if table not in apart]),
        ("Tables held out", [table for table in comparison.tables if table in apart]),
    ):
        if 1 < len(chosen) < len(comparison.tables):
            lines += _overall(name, comparison.of_tables(chosen))
    if by_table:
        lines += [*_wins(comparison), *_by_table(comparison)]
    return lines


def _overall(name: str, comparison: Comparison) -> list[str]:
    models, tables = comparison.models, len(comparison.tables)
    columns: list[tuple[str, Callable[[int], str]]] = []

    def add(heading: str, by_table: Any, digits: int, change: Callable[[Any], Any] = lambda value: value) -> None:
        mean, low, high = (change(values) for values in statistics.interval(by_table))
        columns.append(
            (
                heading,
                lambda at: (
                    "–" if np.isnan(mean[at]) else f"{mean[at]:.{digits}f} ({low[at]:.{digits}f}–{high[at]:.{digits}f})"
                ),
            )
        )

    loss_ranks = statistics.ranks(comparison.loss)
    add("rank by loss", loss_ranks, 2)
    add("rank by error", statistics.ranks(comparison.error), 2)
    if BASELINE in models:
        add("way to the best", statistics.shares_of_the_way(comparison.loss, models.index(BASELINE)), 2)
    reference = models.index(REFERENCE) if REFERENCE in models else 0
    add(f"loss / {title(models[reference])}'s", statistics.loss_ratios(comparison, reference), 3, np.exp)
    has_classes = any(task != "regression" for task in comparison.tasks)
    calibration = statistics.interval(comparison.calibration_error)[0] if has_classes else np.full(len(models), np.nan)
    columns.append(("calibration error", lambda at: "–" if np.isnan(calibration[at]) else f"{calibration[at]:.3f}"))
    seconds = np.nansum(comparison.seconds, axis=0)
    columns.append(("CPU s", lambda at: f"{seconds[at]:,.0f}" if seconds[at] >= 10 else f"{seconds[at]:.1f}"))
    order = np.argsort(loss_ranks.mean(axis=0), kind="stable")
    splits = sorted(set(comparison.splits))
    count = f"{splits[0]}" if len(splits) == 1 else f"{splits[0]} to {splits[-1]}"
    return [
        f"**{name}**: {tables}, {count} split{'s' if splits[-1] > 1 else ''} of each",
        "",
        *_markdown(
            ["model", *(heading for heading, _ in columns)],
            [[title(models[at]), *(cell(at) for _, cell in columns)] for at in order],
        ),
    ]


def _wins(comparison: Comparison) -> list[str]:
    order = np.argsort(statistics.ranks(comparison.loss).mean(axis=0), kind="stable")
    shares = statistics.wins(comparison.loss)
    names = [title(comparison.models[at]) for at in order]
    rows = [
        [name, *("" if mine == theirs else f"{shares[mine, theirs]:.0%}" for theirs in order)]
        for name, mine in zip(names, order, strict=True)
    ]
    return [
        "Share of tables on which the row's model has a lower loss than the column's:",
        "",
        *_markdown(["", *names], rows),
    ]


def _by_table(comparison: Comparison) -> list[str]:
    apart = accuracy_tables.held_out()
    header = ["table", *(title(model) for model in comparison.models)]
    lines: list[str] = []
    for heading, values, best in (
        ("Log loss or RMSE by table (* held out, **best**):", comparison.loss, np.nanmin),
        ("Accuracy or R² by table:", np.where(np.isnan(comparison.r2), 1 - comparison.error, comparison.r2), np.nanmax),
    ):
        body = []
        for table, scores in zip(comparison.tables, values, strict=True):
            top = best(scores)
            shown = [_score(score) for score in scores]
            body.append(
                [
                    f"{table}{' *' if table in apart else ''}",
                    *(f"**{text}**" if score == top else text for text, score in zip(shown, scores, strict=True)),
                ]
            )
        lines += [heading, "", *_markdown(header, body)]
    return lines


def _score(value: float) -> str:
    if np.isnan(value):
        return "failed"
    if 0 < abs(value) < 0.001:
        return f"{value:.1e}"
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}" if abs(value) >= 1 else f"{value:.4f}"


def _failures(rows: Sequence[dict[str, Any]]) -> list[str]:
    failed = [row for row in rows if row["error"]]
    if not failed:
        return []
    body = [[row["table"], row["split"], title(row["model"]), row["error"].replace("|", "/")] for row in failed]
    return [
        "## What failed",
        "",
        "It ranks last; what was stopped for time is not judged.",
        "",
        *_markdown(["table", "split", "model", "error"], body),
    ]


def _markdown(header: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return [*(f"| {' | '.join(cells)} |" for cells in (header, rule, *body)), ""]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=[OURS_FILE, PEERS_FILE], help="files of results")
    parser.add_argument("--tables", type=words_of, default=["all"], help="names, tasks, tuning, held-out or all")
    parser.add_argument("--splits", type=splits_of, default=splits_of("0-4"), help="such as 0 or 0-4")
    parser.add_argument("--models", type=words_of, default=[], help="compare these, by their labels")
    parser.add_argument("--write", action="store_true", help="write accuracy.md and its pictures into results/")
    return parser.parse_args()


if __name__ == "__main__":
    main()
