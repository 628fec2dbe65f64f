"""An evaluation: the network on its test rows, beside baselines fitted on the same training rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from html import escape
from typing import Any

from tidynet.core.display import DisplayedTuple, display_text
from tidynet.core.errors import InputError
from tidynet.core.text import capitalize, format_percent, format_percent_with_interval, join_names, pluralize, sentence
from tidynet.evaluation.baseline_comparison import BaselineComparison, Verdict, hardest_comparison, overall_verdict
from tidynet.evaluation.contributions import PredictionExplanation, aligned_lines
from tidynet.evaluation.scores import Score
from tidynet.evaluation.section import AttentionItem, EvaluationSection, SectionName
from tidynet.evaluation.sections import SPECS
from tidynet.evaluation.train_test_duplicates import TRAINING_ROWS_IN_TEST

KEY_SCORES = (("accuracy", "balanced accuracy", "macro F1", "log loss"), ("RMSE", "MAE", "median absolute error", "R²"))


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """One score of several models: the values, and the same as text; models without it are absent."""

    name: str
    scores: dict[str, Score]
    texts: dict[str, str]


@dataclass(frozen=True, repr=False)
class Evaluation:
    """Scores, comparisons and sections of one network on its test rows; plain data, printed as a table."""

    task: str  # binary, multiclass or regression
    target: str
    rows: int
    classes: tuple[str | int | float | bool, ...]  # in the order of the confusion matrix; empty for regression
    network: dict[str, Score]  # by the name of the score
    baselines: dict[str, dict[str, Score]]
    comparisons: tuple[BaselineComparison, ...]  # network − baseline, one for each baseline
    verdict: str  # one sentence: whether the network is significantly better than its baselines
    # Rows are true classes, columns predicted ones; None for regression and beyond 100 classes.
    confusion_matrix: list[list[int]] | None = None
    sample_true_values: tuple[float, ...] = ()  # of at most 1000 test rows of a regression, for a figure
    sample_prediction: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()  # what is excluded, and why
    sections: tuple[EvaluationSection, ...] = ()
    no_known_class: bool = False  # whether no test row has a class of the model, so that there are no scores

    # For the screen ---------------------------------------------------------------------------

    @property
    def verdict_code(self) -> Verdict:
        """The verdict as a code."""
        return overall_verdict(self.comparisons, self.comparisons[0].rows if self.comparisons else self.rows)

    @property
    def comparison(self) -> BaselineComparison | None:
        """The comparison that decides the verdict; None without baselines."""
        return hardest_comparison(self.comparisons)

    @property
    def difference_text(self) -> str:
        """The deciding difference with its interval, as 'RMSE difference to mean −0.4 (95% CI −0.5 to −0.3)'."""
        return "" if self.comparison is None else capitalize(self.comparison.text)

    @property
    def invalid_test(self) -> AttentionItem | None:
        """Why the scores are no test: the network was trained on some of these rows."""
        findings = self._facts(SectionName.LEAKAGE).get("findings", ())
        finding = next((item for item in findings if item["code"] == TRAINING_ROWS_IN_TEST), None)
        if finding is None:
            return None
        rows, tested = int(finding["evidence"]["rows"]), int(finding["evidence"]["test rows"])
        fact = f"{rows:,} of {pluralize(tested, 'row')} ({format_percent(rows / tested)}) are training rows"
        return AttentionItem(SectionName.LEAKAGE, fact, "use new rows", 1.0)

    @cached_property
    def attention(self) -> tuple[AttentionItem, ...]:
        """Facts of all sections that change how the scores are read, the most important first."""
        items = [item for section in self.sections for item in SPECS[section.name].attention(section)]
        return tuple(sorted(items, key=lambda item: -item.priority))

    def key_scores(self) -> tuple[ScoreRow, ...]:
        """At most five scores of the network and of the baseline that decides the verdict."""
        known = {"network": self.network}
        if self.comparison is not None:
            known[self.comparison.baseline] = self.baselines[self.comparison.baseline]
        rows = []
        for name in KEY_SCORES[self.task == "regression"] if not self.no_known_class else ():
            scores = {model: of_model[name] for model, of_model in known.items() if name in of_model}
            if scores:
                rows.append(ScoreRow(name, scores, {model: str(score) for model, score in scores.items()}))
        coverage = self.coverage
        if coverage is not None:
            text = format_percent_with_interval(coverage.value, coverage.low, coverage.high)
            rows.append(ScoreRow(coverage.name, {"network": coverage}, {"network": text}))
        return tuple(rows)

    @property
    def coverage(self) -> Score | None:
        """Coverage of prediction sets or intervals on the test rows; None where it was not measured."""
        facts = self._facts(SectionName.UNCERTAINTY).get("coverage")
        if not facts or not facts["rows"]:
            return None
        kind = "set" if facts["sizes"] else "interval"
        name = f"{100 * facts['target_coverage']:.3g}% {kind} coverage"
        return Score(name, facts["n_covered"] / facts["rows"], facts["low"], facts["high"], higher_is_better=True)

    # As a table -------------------------------------------------------------------------------

    def cells(self) -> tuple[list[str], list[list[str]]]:
        """The table as text: a header, and a line for each score and for the paired difference."""
        if self.no_known_class:
            return [], []
        lines = []
        for name, score in self.network.items():
            others = [scores.get(name, "") for scores in self.baselines.values()]
            lines.append([name, str(score), *(str(other) for other in others)])
        if self.comparisons:
            first = f"{self.comparisons[0].score}, network − baseline"
            lines.append([first, "", *(str(item) for item in self.comparisons)])
        return ["", "network", *self.baselines], lines

    @property
    def heading(self) -> str:
        """The target, the number of test rows and the task."""
        task = pluralize(len(self.classes), "class", "classes") if self.classes else "regression"
        intervals = "" if self.no_known_class else "; 95% bootstrap CI in parentheses"
        return f"{self.target}: {pluralize(self.rows, 'test row')}, {task}{intervals}"

    # As data ----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """All fields as JSON can hold them."""
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
        return plain | {"sections": [item.to_dict() for item in self.sections]}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Evaluation:
        """The evaluation of which `to_dict` gave the fields."""
        restored = dict(fields)
        restored["network"] = _scores_from(fields["network"])
        restored["baselines"] = {name: _scores_from(scores) for name, scores in fields["baselines"].items()}
        restored["comparisons"] = tuple(BaselineComparison(**item) for item in fields["comparisons"])
        for name in ("classes", "sample_true_values", "sample_prediction", "notes"):
            restored[name] = tuple(fields[name])
        restored["sections"] = tuple(EvaluationSection.from_dict(item) for item in fields.get("sections", ()))
        return cls(**restored)

    def section(self, name: str) -> EvaluationSection:
        """The section of that name."""
        for item in self.sections:
            if item.name == name:
                return item
        names = join_names(item.name for item in self.sections)
        raise InputError(f"the section is '{name}', expected one of {names}")

    # Notes above and below the table ------------------------------------------------------------

    @property
    def is_beaten_by_baseline(self) -> bool:
        """Whether a baseline is significantly better."""
        return any(item.verdict == "worse" for item in self.comparisons)

    @property
    def training_rows_note(self) -> str:
        """That the network was trained on some of these rows, which makes the test invalid; else empty."""
        item = self.invalid_test
        return "" if item is None else f"INVALID TEST  {item.fact} → {item.action}"

    @property
    def drift_note(self) -> str:
        """How many rows are unlike the training rows, and why; empty where it is not significant."""
        text = self._facts(SectionName.UNCERTAINTY).get("drift_note") or ""
        return sentence(text) if text else ""

    @property
    def has_drift(self) -> bool:
        """Whether more than half of the rows are unlike the training rows."""
        return bool((self._facts(SectionName.UNCERTAINTY).get("novel_fraction") or 0) > 0.5)

    @property
    def summary_notes(self) -> tuple[str, ...]:
        """The notes above the scores: an invalid test, drift, a verdict against the network."""
        invalid = (self.training_rows_note,) if self.training_rows_note else ()
        drift = (self.drift_note,) if self.has_drift and self.drift_note else ()
        if self.no_known_class:
            return (self.verdict, *invalid, *drift)
        return (*invalid, *drift, *self._verdict_lines) if self._verdict_first else (*invalid, *drift)

    @property
    def final_notes(self) -> tuple[str, ...]:
        """The notes below the scores: the verdict, and drift of few rows."""
        drift = (self.drift_note,) if self.drift_note and not self.has_drift else ()
        return drift if self._verdict_first else (*self._verdict_lines, *drift)

    @property
    def _verdict_lines(self) -> tuple[str, ...]:
        return (self.verdict, f"{self.difference_text}.") if self.difference_text else (self.verdict,)

    @property
    def _verdict_first(self) -> bool:
        """On training rows the verdict only shows which model fits them more closely: it stays below."""
        return self.no_known_class or (self.is_beaten_by_baseline and not self.training_rows_note)

    def _facts(self, name: str) -> Mapping[str, Any]:
        return next((item.facts for item in self.sections if item.name == name), {})

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", DisplayedTuple(self.sections))

    def __str__(self) -> str:
        return evaluation_text(self)

    def __repr__(self) -> str:
        return display_text(evaluation_text(self).split("\n"), "with print(…)")

    def _repr_html_(self) -> str:
        return evaluation_html(self)


def _scores_from(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    return {name: Score(**score) for name, score in fields.items()}


# For notebooks that do not style tables.
_NAME = "text-align:left;white-space:nowrap;padding:.2em .6em .2em 0"
_CELL = "text-align:right;white-space:nowrap;padding:.2em .6em"


def evaluation_text(result: Evaluation) -> str:
    """The table for a terminal between its notes, then the title and the sentences of each section."""
    header, lines = result.cells()
    whole = [line for text in result.summary_notes for line in (text, "")]
    whole += [result.heading, *(["", *aligned_lines(header, lines)] if header else [])]
    after = [*result.final_notes, *(f"Note: {sentence(note)}" for note in result.notes)]
    whole += ["", *after] if after else []
    for item in result.sections:
        whole += ["", item.title, *(f"  {text}" for text in item.sentences)] if item.sentences else []
    return "\n".join(whole)


def evaluation_html(result: Evaluation) -> str:
    """The same for a notebook, everything escaped."""
    header, lines = result.cells()
    head = "".join(
        f'<th scope="col" style="{_CELL}">{escape(cell)}</th>' if cell else f'<td style="{_CELL}"></td>'
        for cell in header
    )
    body = "".join(
        f'<tr><th scope="row" style="{_NAME}">{escape(line[0])}</th>'
        + "".join(f'<td style="{_CELL}">{escape(cell)}</td>' for cell in line[1:])
        + "</tr>"
        for line in lines
    )
    caption = escape(result.heading)
    table = f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    table = f'<div style="overflow-x:auto">{table}</div>' if header else f"<p>{caption}</p>"
    notes = "".join(f"<li>{escape(note)}</li>" for note in result.notes)
    details = "".join(_section_html(item) for item in result.sections if item.sentences)
    text = _paragraphs(result.summary_notes) + table + _paragraphs(result.final_notes)
    return f'<div class="tidynet-evaluation">{text}{f"<ul>{notes}</ul>" if notes else ""}{details}</div>'


def _section_html(section: EvaluationSection) -> str:
    explanations = (PredictionExplanation.from_dict(fields) for fields in section.facts.get("explanations", ()))
    figures = "".join(item.html_figure() for item in explanations)
    title = f"<summary>{escape(section.title)}</summary>"
    return f"<details>{title}{_paragraphs(section.sentences)}{figures}</details>"


def _paragraphs(texts: Iterable[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in texts)
