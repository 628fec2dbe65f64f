"""The events of a run as lines: all of them for --verbose, and the few that the short screen needs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tidynet.core.text import format_bytes, format_duration, pluralize, printable
from tidynet.engine.stop_reason import StopReason
from tidynet.table.dialect import Dialect
from tidynet.workflow.events import DataSplit, EvaluationFinished, Event, SettingsResolved, TableRead, TrainingFinished

if TYPE_CHECKING:
    from tidynet.engine import History
    from tidynet.evaluation.result import Evaluation


def table_lines(event: TableRead) -> Iterator[str]:
    """How a table was read, and which columns and rows the network does not get."""
    known = [count for count in event.table.missing.values() if count]
    where = f" in {pluralize(len(known), 'column')}" if known else ""
    yield f"{pluralize(sum(known), 'missing value')}{where}"
    if event.table.dialect != Dialect():
        yield printable(f"read as {event.table.dialect.describe()}")
    for name, reason in event.excluded_columns.items():
        yield printable(f"excluded {name}: {reason}")
    if event.dropped_rows:
        yield f"excluded {pluralize(event.dropped_rows, 'row')} without a target"


def split_lines(event: DataSplit) -> Iterator[str]:
    """How many rows each part has, and how they were chosen."""
    validation = f" {event.validation:,} for validation," if event.validation or not event.folds else ""
    rows = f"{pluralize(event.training, 'row')} for training,{validation} {event.test:,} for the test"
    yield f"split {_split_method(event)} with seed {event.seed}: {rows}"
    if event.folds:
        yield f"each network uses 1 of {event.folds} folds of the training rows as validation set for early stopping"


def _split_method(event: DataSplit) -> str:
    return event.split_method or ("stratified by class" if event.stratified else "at random")


@dataclass
class RunFacts:
    """The events of a run that the short screen needs at its end."""

    read: TableRead | None = None
    split: DataSplit | None = None
    settings: SettingsResolved | None = None
    training: TrainingFinished | None = None
    evaluation: Evaluation | None = None

    def add(self, event: Event) -> None:
        """Keep an event."""
        match event:
            case TableRead():
                self.read = event
            case DataSplit():
                self.split = event
            case SettingsResolved():
                self.settings = event
            case TrainingFinished():
                self.training = event
            case EvaluationFinished():
                self.evaluation = event.evaluation

    def attention(self) -> list[tuple[str, str]]:
        """What of training, split and table changes how the result is read."""
        items = [("training", text) for text in _training_attention(self.training)] if self.training else []
        items += [("split", note) for note in self.split.notes] if self.split else []
        return items + ([("table", note) for note in self.read.notes] if self.read else [])

    def lines(self, seconds: float) -> Iterator[tuple[str, str]]:
        """The table with its parts, and the networks with their training, in one line each."""
        if self.read and self.split:
            yield "Data", _data_line(self.read, self.split)
        if self.settings and self.training:
            yield "Model", _model_line(self.settings, _histories(self.training), seconds)


def _histories(training: TrainingFinished) -> Sequence[History]:
    return training.histories or (training.history,)


def _data_line(read: TableRead, split: DataSplit) -> str:
    rows = split.training + split.validation + split.test
    parts = [f"train {split.training:,}", *([f"validation {split.validation:,}"] if split.validation else [])]
    excluded = [pluralize(len(read.excluded_columns), "column")] if read.excluded_columns else []
    excluded += [f"{pluralize(read.dropped_rows, 'row')} without a target"] if read.dropped_rows else []
    text = f"; {' and '.join(excluded)} excluded" if excluded else ""
    method = f"{_split_method(split)}, seed {split.seed}"
    return f"{pluralize(rows, 'row')}; {', '.join(parts)}, test {split.test:,} ({method}){text}"


def _model_line(settings: SettingsResolved, histories: Sequence[History], seconds: float) -> str:
    lengths = sorted({len(history) for history in histories})
    epochs = f"{lengths[0]} to {lengths[-1]} epochs" if len(lengths) > 1 else pluralize(lengths[0], "epoch")
    layers = "-".join(map(str, settings.hidden_layer_sizes))
    units = f"{layers} units" if layers else "no hidden layer"
    return f"{pluralize(len(histories), 'network')}, {units}, {epochs}, {format_duration(seconds)}"


def _training_attention(training: TrainingFinished) -> Iterator[str]:
    histories = _histories(training)
    limits = (StopReason.MAX_EPOCHS, StopReason.TIME_LIMIT)
    still = [item for item in histories if item.stop_reason in limits and item.best_epoch == len(item)]
    if training.interrupted:
        yield "interrupted by Ctrl-C: the networks have the best weights until then"
    elif still:
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
