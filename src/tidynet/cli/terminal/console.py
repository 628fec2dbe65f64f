"""What a command prints: the short screen by default, everything with --verbose.

On a terminal a progress bar shows the work and disappears; elsewhere (a pipe, a file, a log) there is none.
Whatever a table holds is shown as text: markup and control characters have no effect.
"""

from __future__ import annotations

import math
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO, cast

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from tidynet.cli.streams import OutputStream
from tidynet.cli.terminal import evaluation_text, run_text
from tidynet.cli.terminal.tables import column_table, contribution_table, score_table, section_table
from tidynet.core.progress import ProgressBar, TerminalDisplay
from tidynet.core.text import format_bytes, pluralize, printable
from tidynet.estimators.training_progress import EpochEnded, training_summary
from tidynet.workflow.events import (
    CompilationStarted,
    DataSplit,
    Event,
    FilesWritten,
    RunProgress,
    SettingsResolved,
    TableRead,
    TrainingFinished,
)

if TYPE_CHECKING:
    from tidynet.evaluation.contributions import PredictionExplanation
    from tidynet.evaluation.result import Evaluation
    from tidynet.evaluation.section import EvaluationSection
    from tidynet.output.predictions import PredictionOptions
    from tidynet.workflow.explore import Exploration, TableComparisonResult

UNBROKEN = 10_000  # columns: no line of --verbose is broken where it need not fit on a screen
PIPE_WIDTH = 80
SECONDS_BETWEEN_LINES = 10.0  # of --verbose, at most


class ConsoleReporter:
    """Prints on a stream what a command does; an event function for `tidynet.workflow.run`."""

    def __init__(
        self, stream: TextIO, *, verbose: bool = False, quiet: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._output = OutputStream(stream)
        self._console = Console(file=cast(TextIO, self._output), markup=False, highlight=False, emoji=False)
        is_live = self._console.is_terminal and not self._console.is_dumb_terminal
        if not self._console.is_terminal:
            self._console.width = UNBROKEN if verbose or quiet else PIPE_WIDTH
        self._verbose, self._quiet, self._clock = verbose, quiet, clock
        self._bar = ProgressBar(TerminalDisplay(self._console) if is_live and not quiet else None)
        self._progress = RunProgress(self._bar, clock)
        self._last_line = -math.inf
        self._run = run_text.RunFacts()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._bar.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.__exit__(kind, error, trace)
        if error is None:
            self._output.raise_error()

    # What is done at the moment ---------------------------------------------------------------

    def show_status(self, text: str) -> None:
        """Show the present activity on the progress bar."""
        self._bar.update(text)

    def show_section(self, title: str, number: int, count: int) -> None:
        """Show which section of an evaluation is computed."""
        self._bar.update_section(title, number, count)

    def __call__(self, event: Event) -> None:
        """Show one event of a run, and print what it brings."""
        # Networks that are trained side by side send events from their own threads.
        with self._lock:
            self._progress(event)
            self._run.add(event)
            if self._verbose and not self._quiet:
                self._print_event(event)
            # The result is printed once the files are written: output that fails must lose none of them.
            if isinstance(event, FilesWritten):
                if self._run.evaluation is not None:
                    self._print_run(self._run.evaluation)
                self._print_files(event)

    # A run --------------------------------------------------------------------------------------

    def _print_event(self, event: Event) -> None:
        match event:
            case TableRead():
                self._print_columns(event)
                self._print_block(run_text.table_lines(event), event.notes)
            case DataSplit():
                self._print_block(run_text.split_lines(event), event.notes)
            case SettingsResolved():
                self._print(event.summary)
            case CompilationStarted():
                self._print("compiling the engine (once)")
            case EpochEnded():
                self._print_epoch(event)
            case TrainingFinished():
                histories = event.histories or (event.history,)
                notes = dict.fromkeys(note for history in histories for note in history.notes)
                self._print_block([training_summary(histories, self._seconds(), event.interrupted)], notes)

    def _print_columns(self, event: TableRead) -> None:
        table = event.table
        size = f"{pluralize(len(table) + event.dropped_rows, 'row')}, {pluralize(len(table.columns), 'column')}"
        self._print(Text(f"{printable(table.name)}: {size}", "bold"))
        remarks = dict.fromkeys(event.excluded_columns, "excluded") | {event.target: f"target, {event.task}"}
        self._print(column_table(table, remarks))

    def _print_epoch(self, event: EpochEnded) -> None:
        training, now = self._progress.training, self._clock()
        is_slow = now - self._last_line >= SECONDS_BETWEEN_LINES
        if training is not None and (is_slow or training.is_display_epoch(event)):
            self._last_line = now
            self._print(training.line(event, now))

    def _seconds(self) -> float:
        training = self._progress.training
        return training.elapsed(self._clock()) if training else 0.0

    def _print_run(self, evaluation: Evaluation) -> None:
        if self._verbose or self._quiet:
            self.print_evaluation(evaluation)
            return
        items = evaluation_text.attention_items(evaluation) + self._run.attention()
        unique = {text: subject for subject, text in items}  # notes on the split are among those on the scores
        self._print_result(evaluation, [(subject, text) for text, subject in unique.items()])
        for label, text in self._run.lines(self._seconds()):
            self._print_labeled(label, text)

    def _print_files(self, event: FilesWritten) -> None:
        if self._verbose or self._quiet:
            for path, size in event.files:
                self.print_file(path, size)
            return
        self._print_labeled("Wrote", run_text.files_line(event.files))
        if self._run.evaluation is not None:
            self._print(evaluation_text.more_line(self._run.evaluation, has_report=True))

    # An evaluation ------------------------------------------------------------------------------

    def print_evaluation(self, evaluation: Evaluation, *, shown_sections: Collection[str] = ()) -> None:
        """Print an evaluation; `shown_sections` are those that the short screen has in full."""
        if self._quiet:
            for text in (evaluation.training_rows_note, evaluation.verdict):
                if text:
                    self._print(Text(printable(text), "bold"))
            return
        if self._verbose:
            self._print_all_scores(evaluation)
        else:
            self._print_result(evaluation, evaluation_text.attention_items(evaluation, shown_sections))
        for section in evaluation.sections:
            if section.sentences and (self._verbose or section.name in shown_sections):
                self._print_section(section)
        if not self._verbose:
            self._print(evaluation_text.more_line(evaluation, has_report=False))

    def _print_result(self, evaluation: Evaluation, items: Sequence[tuple[str, str]]) -> None:
        for label, text in evaluation_text.result_lines(evaluation):
            self._print(Text(f"{label}  {printable(text)}" if label else printable(text), "bold" if label else ""))
        self._print("")
        if evaluation.key_scores():
            self._print(self._fit(partial(evaluation_text.key_score_table, evaluation), ({}, {"stacked": True})))
            self._print("")
        for line in evaluation_text.attention_lines(items, self._console.width):
            self._print(line)
        if items:
            self._print("")

    def _print_all_scores(self, evaluation: Evaluation) -> None:
        for text in evaluation.summary_notes:
            self._print(Text(printable(text), "bold"))
            self._print("")
        self._print(Text(printable(evaluation.heading), "bold"))
        if not evaluation.no_known_class:
            self._print(self._fit(partial(score_table, evaluation)))
        self._print_notes(evaluation.notes)
        if evaluation.final_notes:
            self._print("")
        for text in evaluation.final_notes:
            self._print(Text(printable(text), "bold"))

    def _print_section(self, section: EvaluationSection) -> None:
        self._print("")
        self._print(Text(printable(section.title), "bold"))
        for text in section.sentences:
            self._print(f"  {printable(text)}")
        if section.lines:
            self._print(self._fit(partial(section_table, section)))

    # A table, predictions, an explanation, a file -------------------------------------------------

    def print_exploration(self, exploration: Exploration) -> None:
        """Print the profile of a table and its findings, the most important first."""
        from tidynet.cli.terminal.explore_text import profile_lines, verbose_profile

        profile = exploration.profile
        if self._verbose and not self._quiet:
            for item in verbose_profile(exploration):
                self._print(item)
            return
        for line in profile_lines(profile, self._console.width, quiet=self._quiet):
            self._print(line)

    def print_comparison(self, compared: TableComparisonResult) -> None:
        """Print how a second table differs from a first, the largest shifts first."""
        from tidynet.cli.terminal.explore_text import comparison_text

        for line in comparison_text(compared.comparison, verbose=self._verbose, quiet=self._quiet):
            self._print(line)

    def print_exploration_files(self, files: Sequence[tuple[Path, int]], n_findings: int) -> None:
        """Print which files were written, and how many findings the screen does not show."""
        from tidynet.cli.terminal.explore_text import MAX_FINDINGS

        more = n_findings - MAX_FINDINGS
        if self._quiet or self._verbose or more <= 0:
            for path, size in files:
                self.print_file(path, size)
            return
        where = f"{pluralize(more, 'more finding')} there or with --verbose"
        self._print_labeled("Wrote", f"{run_text.files_line(files)}; {where}")

    def print_predictions(self, path: Path | None, count: int, extras: PredictionOptions) -> None:
        """Print where predictions were written, on which rows the model abstained, and notes on columns."""
        if path is not None:
            self.print_file(path, path.stat().st_size, pluralize(count, "prediction"))
        for note in extras.notes:
            print(f"note: {printable(note)}", file=sys.stderr)
        if extras.abstain:
            print(extras.sentence(), file=sys.stderr)

    def print_explanation(self, explanation: PredictionExplanation) -> None:
        """Print the contribution of each column to one prediction, with a bar for each, and their sum."""
        self._print(Text(printable(explanation.heading), "bold"))
        self._print("")
        self._print(contribution_table(explanation, self._console.width))
        self._print("")
        self._print(printable(explanation.cumulative_sums))
        self._print(printable(explanation.precision_text))

    def print_file(self, path: Path, size: int, content: str = "") -> None:
        """Print that a file was written, its content if the name does not show it, and its size."""
        text = f"{path}: {content}" if content else str(path)
        self._console.print(f"Wrote {printable(text)} ({format_bytes(size)})", soft_wrap=True)

    # Lines and tables ---------------------------------------------------------------------------

    def _print_labeled(self, label: str, text: str) -> None:
        lines = textwrap.wrap(printable(text), max(self._console.width - 7, 20)) or [""]
        self._print(Text.assemble((f"{label:<7}", "dim"), f"\n{'':7}".join(lines)))

    def _print_block(self, lines: Iterable[str], notes: Iterable[str]) -> None:
        for line in lines:
            self._print(line)
        self._print_notes(notes)
        self._print("")

    def _print_notes(self, notes: Iterable[str]) -> None:
        for note in notes:
            self._print(f"note: {printable(note)}")

    def _fit(self, grid: Callable[..., Grid], choices: Sequence[dict[str, bool]] = ()) -> Grid:
        """The table with one line a row if the screen is wide enough, else with intervals below their values."""
        stacked = {"narrow": True, "whole": True}
        unbroken = self._console.options.update(max_width=UNBROKEN)
        for choice in choices or ({}, stacked, stacked | {"bare": True}):
            table = grid(**choice)
            if self._console.measure(table, options=unbroken).maximum <= self._console.width:
                table.columns[0].max_width = None  # it may have what is left
                return table
        return table if choices else grid(narrow=True)

    def _print(self, what: str | Text | Grid) -> None:
        if self._console.is_terminal:
            self._console.print(what)
            return
        # rich fills cells and broken lines with blanks, which plain text does not need.
        with self._console.capture() as captured:
            self._console.print(what)
        for line in captured.get().splitlines():
            self._console.print(line.rstrip(), soft_wrap=True)
