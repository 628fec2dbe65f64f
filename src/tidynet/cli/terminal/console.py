"""The events of an experiment as text, with a moving bar where one can move.

On a terminal training is one bar; anywhere else (a pipe, a file, a log) it is plain lines.
Whatever a table holds is shown as text: markup and control characters have no effect.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.console import Console, RenderableType
from rich.live import Live
from rich.status import Status
from rich.table import Table as Grid
from rich.text import Text

from tidynet.cli.terminal.progress_bars import make_bars
from tidynet.cli.terminal.tables import column_table, contribution_table, score_table, section_table
from tidynet.core.text import format_bytes, pluralize, printable
from tidynet.estimators.training_progress import TrainingProgress, training_summary

if TYPE_CHECKING:
    from tidynet.evaluation.contributions import PredictionExplanation
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection
    from tidynet.workflow import (
        CompilationStarted,
        DataSplit,
        EpochEnded,
        EvaluationFinished,
        FilesWritten,
        SectionStarted,
        SettingsResolved,
        TableRead,
        TrainingFinished,
    )
    from tidynet.workflow.explore import Exploration, TableComparisonResult

__all__ = ["ConsoleReporter"]

# Where nothing needs to fit on a screen, no line is broken.
UNBROKEN = 10_000
# A longer list of columns is cut, unless --verbose asks for all of it.
LISTED_COLUMNS = 40
LISTED_FINDINGS = 8
LISTED_SHIFTS = 20
PARTS_BAR = 20  # characters
# Drawing takes time from training, and nobody reads faster than this.
SECONDS_BETWEEN_FRAMES = 0.1
# A slow training says something at least this often.
SECONDS_BETWEEN_LINES = 10.0


class ConsoleReporter:
    """Say on `stream` what an experiment does, event by event; hand it to ``experiment.run``."""

    def __init__(
        self,
        stream: TextIO,
        *,
        verbose: bool = False,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console = Console(file=stream, markup=False, highlight=False, emoji=False)
        self._moves = self._console.is_terminal and not self._console.is_dumb_terminal
        if not self._console.is_terminal:
            self._console.width = UNBROKEN
        self._verbose = verbose
        self._quiet = quiet
        self._clock = clock
        self._live: Live | None = None
        self._status: Status | None = None
        self._drawn = -math.inf
        self._progress: TrainingProgress | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()

    def __call__(self, event: object) -> None:
        """Say one event of an experiment."""
        says: dict[str, Callable[[Any], None]] = {
            "TableRead": self._table_read,
            "DataSplit": self._rows_split,
            "SettingsResolved": self._settings_chosen,
            "CompilationStarted": self._compiling,
            "EpochEnded": self._epoch_ended,
            "TrainingFinished": self._training_ended,
            "SectionStarted": self._section_started,
            "EvaluationFinished": self._evaluated,
            "FilesWritten": self._files_written,
        }
        # Networks that are trained side by side speak from their own threads.
        with self._lock:
            says[type(event).__name__](event)

    def evaluation(self, evaluation: Evaluation) -> None:
        """Say the scores of the network beside the baselines, the sentence, and what the other parts found.

        Rows that were learnt from, a table unlike the training rows and a baseline that wins are said first.
        """
        self._end_bar()
        if not self._quiet:
            for text in evaluation.summary_notes:
                self._say(Text(printable(text), "bold"))
                self._say("")
            self._say(Text(printable(evaluation.heading), "bold"))
            if not evaluation.no_known_class:
                self._print_table(self._training_started(partial(score_table, evaluation)))
            self._print_notes(evaluation.notes)
            if evaluation.final_notes:
                self._say("")
        brief = [text for text in (evaluation.training_rows_note, evaluation.sentence) if text]
        for text in brief if self._quiet else evaluation.final_notes:
            self._say(Text(printable(text), "bold"))
        if not self._quiet:
            for section in evaluation.sections:
                if section.sentences:
                    self._section(section)

    def contributions(self, result: PredictionExplanation) -> None:
        """Say what moves one row's prediction, a bar for each column, and whether it all adds up."""
        self._end_bar()
        self._say(Text(printable(result.heading), "bold"))
        self._say("")
        self._print_table(contribution_table(result, self._console.width))
        self._say("")
        self._say(printable(result.cumulative_sums))
        self._say(printable(result.precision_text))

    def section(self, title: str, number: int, parts: int) -> None:
        """Say which part of an evaluation is being read, as a bar over all of them."""
        if parts:
            done = round(PARTS_BAR * number / parts)
            bar = "━" * done + "╌" * (PARTS_BAR - done)
            self.show_status(f"{bar} {min(number + 1, parts)} of {parts}: {title[0].lower()}{title[1:]}")

    def _section(self, section: EvaluationSection) -> None:
        self._say("")
        self._say(Text(printable(section.title), "bold"))
        for text in section.sentences:
            self._say(f"  {printable(text)}")
        if section.lines:
            self._print_table(self._training_started(partial(section_table, section)))

    def _training_started(self, grid: Callable[..., Grid]) -> Grid:
        """The table in one line a row, else with intervals below their values, whole if there is room for that."""
        unbroken = self._console.options.update(max_width=UNBROKEN)
        for choices in ({}, {"narrow": True, "whole": True}, {"narrow": True, "whole": True, "bare": True}):
            table = grid(**choices)
            if self._console.measure(table, options=unbroken).maximum <= self._console.width:
                table.columns[0].max_width = None  # it may have what is left
                return table
        return grid(narrow=True)

    def show_status(self, text: str) -> None:
        """Say what is being done, with a sign that moves, until there is something to say."""
        if self._quiet or not self._moves:
            return
        if self._status is None:
            self._status = self._console.status(printable(text))
            self._status.start()
        else:
            self._status.update(printable(text))

    def exploration(self, exploration: Exploration) -> None:
        """Say what was seen of a table: five lines, then its findings, most important first."""
        from tidynet.cli.terminal.explore_text import finding_lines, finding_text, profile_table
        from tidynet.output.report.explore_text import summary_lines

        self._end_bar()
        profile = exploration.profile
        first, *lines = summary_lines(profile)
        self._say(Text(f"{printable(profile.name)}: {printable(first)}", "bold"))
        if self._quiet:
            return
        for line in lines:
            self._say(printable(line))
        self._print_notes(profile.notes)
        if self._verbose:
            result = getattr(exploration.table, "detected_options", {})
            if result:
                self._say("read as: " + ", ".join(f"{name} {printable(value)}" for name, value in result.items()))
            self._say("")
            self._print_table(profile_table(profile.columns))
        findings = profile.findings if self._verbose else profile.findings[:LISTED_FINDINGS]
        for number, item in enumerate(findings, 1):
            self._say("")
            if self._console.is_terminal:
                self._console.print(finding_text(number, item))
            else:
                for line in finding_lines(number, item):
                    self._say(line)
        remaining = len(profile.findings) - len(findings)
        self._say("")
        if remaining:
            self._say(f"… and {pluralize(remaining, 'more finding')}, in the report or with --verbose")
        elif not findings:
            self._say("nothing was found that deserves attention")

    def comparison(self, compared: TableComparisonResult) -> None:
        """Say how a second table differs from a first, most first."""
        from tidynet.output.report.compare_report import comparison_lines

        self._end_bar()
        comparison = compared.comparison
        first, *lines = comparison_lines(comparison)
        names = f"{printable(comparison.second)} beside {printable(comparison.first)}"
        self._say(Text(f"{names}: {first}", "bold"))
        if self._quiet:
            return
        for line in lines:
            self._say(printable(line))
        self._print_notes(comparison.notes)
        self._say("")
        sentences = comparison.sentences()
        text = sentences if self._verbose else sentences[:LISTED_SHIFTS]
        for number, sentence in enumerate(text, 1):
            self._say(f"{number}. {printable(sentence)}")
        if len(text) < len(sentences):
            self._say(f"… and {len(sentences) - len(text):,} more, in the report or with --verbose")
        self._say("")

    def file_written(self, path: Path, byte_count: int, holding: str = "") -> None:
        """Say that a file was written, its size, and what it holds if that is not plain."""
        self._say(f"wrote {printable(str(path))} ({holding}{format_bytes(byte_count)})")

    def _table_read(self, event: TableRead) -> None:
        if self._quiet:
            return
        table = event.table
        rows, columns = pluralize(len(table) + event.dropped_rows, "row"), pluralize(len(table.columns), "column")
        limit = None if self._verbose else LISTED_COLUMNS
        self._say(Text(f"{printable(table.name)}: {rows}, {columns}", "bold"))
        remarks = dict.fromkeys(event.excluded_columns, "set aside") | {event.target: f"target, {event.task}"}
        self._print_table(column_table(table, remarks, reasons=self._verbose, limit=limit))
        if limit is not None and len(table.columns) > limit:
            self._say(f"… and {len(table.columns) - limit:,} more; --verbose lists every column")
        self._say(_missing_cells(event))
        if self._verbose and table.detected_options:
            result = dict(table.detected_options)
            how = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in result.items() if name != "format")
            self._say(f"read as {result.get('format', 'a table')}" + f": {printable(how)}" * bool(how))
        for name, reason in list(event.excluded_columns.items())[:limit]:
            self._say(f"set aside {printable(name)}: {printable(reason)}")
        if event.dropped_rows:
            self._say(f"left out {pluralize(event.dropped_rows, 'row')} without a target")
        self._print_notes(event.notes)
        self._say("")

    def _rows_split(self, event: DataSplit) -> None:
        if self._quiet:
            return
        how = event.split_method or ("stratified by class" if event.stratified else "at random")
        validation = f" {event.validation:,} for validation," if event.validation or not event.folds else ""
        self._say(
            f"split {how} with seed {event.seed}: {pluralize(event.training, 'row')} for training,{validation} "
            f"{event.test:,} for the test; the test rows are touched once, at the end"
        )
        if event.folds:
            self._say(f"each network keeps back one of {event.folds} folds of the training rows, to stop in time")
        self._print_notes(event.notes)
        self._say("")

    def _settings_chosen(self, event: SettingsResolved) -> None:
        if not self._quiet:
            self._say(event.summary)

    def _compiling(self, event: CompilationStarted) -> None:  # noqa: ARG002 (it says all by happening)
        if not self._quiet:
            self._say("compiling the engine; this happens once")

    def _epoch_ended(self, event: EpochEnded) -> None:
        now = self._clock()
        if self._progress is None:
            self._progress = TrainingProgress(now, event)
        self._progress.on_event(event)
        waited = now - self._drawn
        if self._quiet:
            return
        if self._moves and waited >= SECONDS_BETWEEN_FRAMES:
            self._drawn = now
            self._draw(make_bars(self._progress, event, now, self._console.width))
        elif not self._moves and (waited >= SECONDS_BETWEEN_LINES or self._progress.is_display_epoch(event)):
            self._drawn = now
            self._say(self._progress.line(event, now))

    def _draw(self, picture: RenderableType) -> None:
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(picture, refresh=True)

    def _end_bar(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
        if self._status is not None:
            self._status.stop()
            self._status = None

    def _training_ended(self, event: TrainingFinished) -> None:
        self._end_bar()
        if self._quiet:
            return
        seconds = self._progress.elapsed(self._clock()) if self._progress else 0.0
        histories = list(event.histories or (event.history,))
        self._say(training_summary(histories, seconds, event.interrupted))
        self._print_notes(dict.fromkeys(note for history in histories for note in history.notes))
        self._say("")

    def _section_started(self, event: SectionStarted) -> None:
        self.section(event.title, event.number, event.count)

    def _evaluated(self, event: EvaluationFinished) -> None:
        self.evaluation(event.evaluation)

    def _files_written(self, event: FilesWritten) -> None:
        for path, byte_count in event.files:
            self.file_written(path, byte_count)

    def _say(self, what: str | Text) -> None:
        self._console.print(what)

    def _print_notes(self, notes: Iterable[str]) -> None:
        for note in notes:
            self._say(f"note: {printable(note)}")

    def _print_table(self, grid: Grid) -> None:
        if self._console.is_terminal:
            self._console.print(grid)
            return
        # rich fills cells up with blanks, which plain lines have no use for.
        with self._console.capture() as captured:
            self._console.print(grid)
        for line in captured.get().splitlines():
            self._say(line.rstrip())


def _missing_cells(event: TableRead) -> str:
    affected = [number for number in event.table.missing.values() if number]
    if not affected:
        return "no cell is missing"
    missing, columns = pluralize(sum(affected), "missing cell"), pluralize(len(affected), "column")
    return f"{missing} in {columns}"
