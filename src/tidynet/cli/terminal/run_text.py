"""The events of a run as lines: all of them for --verbose, and the few that the short screen needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.text import format_bytes, format_duration, pluralize, printable
from tidynet.engine.stop_reason import StopReason

if TYPE_CHECKING:
    from tidynet.engine import History
    from tidynet.workflow import DataSplit, SettingsResolved, TableRead

__all__ = ["data_line", "files_line", "model_line", "split_lines", "table_lines", "training_attention"]


def table_lines(event: TableRead) -> Iterator[str]:
    """How a table was read, and which columns and rows the network does not get."""
    known = [count for count in event.table.missing.values() if count]
    where = f" in {pluralize(len(known), 'column')}" if known else ""
    yield f"{pluralize(sum(known), 'missing value')}{where}"
    options = dict(event.table.detected_options)
    if options:
        file_format = options.pop("format", "a table")
        listed = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in options.items())
        yield printable(f"read as {file_format}" + (f": {listed}" if listed else ""))
    for name, reason in event.excluded_columns.items():
        yield printable(f"excluded {name}: {reason}")
    if event.dropped_rows:
        yield f"excluded {pluralize(event.dropped_rows, 'row')} without a target"


def split_lines(event: DataSplit) -> Iterator[str]:
    """How many rows each part has, and how they were chosen."""
    validation = f" {event.validation:,} for validation," if event.validation or not event.folds else ""
    yield (
        f"split {_method(event)} with seed {event.seed}: {pluralize(event.training, 'row')} for training,{validation} "
        f"{event.test:,} for the test"
    )
    if event.folds:
        yield f"each network uses 1 of {event.folds} folds of the training rows as validation set for early stopping"


def _method(event: DataSplit) -> str:
    return event.split_method or ("stratified by class" if event.stratified else "at random")


def data_line(read: TableRead, split: DataSplit) -> str:
    """The table and its parts in one line."""
    rows = split.training + split.validation + split.test
    parts = [f"train {split.training:,}", *([f"validation {split.validation:,}"] if split.validation else [])]
    excluded = [pluralize(len(read.excluded_columns), "column")] if read.excluded_columns else []
    excluded += [f"{pluralize(read.dropped_rows, 'row')} without a target"] if read.dropped_rows else []
    text = f"; {' and '.join(excluded)} excluded" if excluded else ""
    return (
        f"{pluralize(rows, 'row')}; {', '.join(parts)}, test {split.test:,} ({_method(split)}, seed {split.seed}){text}"
    )


def model_line(settings: SettingsResolved, histories: Sequence[History], seconds: float) -> str:
    """The networks and their training in one line."""
    lengths = sorted({len(history) for history in histories})
    epochs = f"{lengths[0]} to {lengths[-1]} epochs" if len(lengths) > 1 else pluralize(lengths[0], "epoch")
    layers = "-".join(map(str, settings.hidden_layer_sizes))
    units = f"{layers} units" if layers else "no hidden layer"
    return f"{pluralize(len(histories), 'network')}, {units}, {epochs}, {format_duration(seconds)}"


def training_attention(histories: Sequence[History], interrupted: bool) -> Iterator[str]:
    """What of a training changes how its result is read."""
    if interrupted:
        yield "interrupted by Ctrl-C: the networks have the best weights until then"
    still = [
        history
        for history in histories
        if history.stop_reason in (StopReason.MAX_EPOCHS, StopReason.TIME_LIMIT) and history.best_epoch == len(history)
    ]
    if still and not interrupted:
        whole = f"{len(still)} of {pluralize(len(histories), 'network')}" if len(histories) > 1 else "the network"
        last = max(len(history) for history in still)
        yield f"{whole} still improved at epoch {last} → more --max-epochs or --effort"
    yield from dict.fromkeys(note for history in histories for note in history.notes)


def files_line(files: Sequence[tuple[Path, int]]) -> str:
    """Written files with their sizes, and their folder once."""
    folders = {path.parent for path, _ in files}
    one_folder = len(folders) == 1 and len(files) > 1
    names = ", ".join(f"{path.name if one_folder else path} ({format_bytes(size)})" for path, size in files)
    return printable(f"{names} in {folders.pop()}/" if one_folder else names)
