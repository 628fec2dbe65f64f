"""A network tested on rows it has never seen, beside the baselines fitted on the same training rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tidynet.core.errors import InputError
from tidynet.core.text import format_percent, join_names, pluralize
from tidynet.evaluation.baseline_comparison import BaselineComparison, compare, primary_metric, verdict_sentence
from tidynet.evaluation.classification_metrics import encode
from tidynet.evaluation.predicted import Predicted, Quantiles
from tidynet.evaluation.regression_metrics import quantile_metrics
from tidynet.evaluation.rendering import as_html, as_text, sections_as_text
from tidynet.evaluation.scores import Score, class_labels, metrics_for, score_models
from tidynet.evaluation.section import EvaluationSection

__all__ = ["Evaluation", "evaluate_predictions"]

_MOST_CLASSES_SHOWN = 100
_MOST_POINTS_SHOWN = 1000
# Of squared errors: where this much of them is in so small a share of the rows, the RMSE speaks of these rows alone.
_ALL_BUT, _FEW, _FEWEST_TO_REST_ON = 0.95, 0.05, 20
_IS_THERE = "is theirs; the median absolute error is that of the usual row"
# Measured (docs/trust.md): where one class of two has 3 to 10 rows, intervals hold for 50 to 85% instead of 95%.
_FEW_ROWS, _FEW_ROWS_IN_ALL = 20, 40


@dataclass(frozen=True, repr=False)
class Evaluation:
    """What the test rows say about a network; plain data, printed as a table.

    Parameters
    ----------
    task : "binary" | "multiclass" | "regression"
    target : str
        Name of the target column.
    rows : int
        Number of test rows.
    classes : tuple
        Labels in the order of the confusion matrix; empty for regression.
    network : dict of str to Score
        The network's scores by name.
    baselines : dict of str to dict of str to Score
        The same for each baseline.
    comparisons : tuple of Comparison
        Network − baseline, one for each baseline.
    sentence : str
        Whether the network is better than the baselines beyond the 95% interval, in words.
    confusion_matrix : list of list of int, or None
        Rows are true classes, columns predicted ones; None for regression and beyond 100 classes.
    sample_true_values, sample_prediction : tuple of float
        At most 1000 test rows of a regression, for a picture.
    notes : tuple of str
        What was left out, and why.
    sections : tuple of Section
        What the other parts found: doubt, what the network leans on, where it fails, …
    no_known_class : bool
        Whether no test row is of a class that the model knows, so that its scores say nothing and are not shown.
    """

    task: str
    target: str
    rows: int
    classes: tuple[str | int | float | bool, ...]
    network: dict[str, Score]
    baselines: dict[str, dict[str, Score]]
    comparisons: tuple[BaselineComparison, ...]
    sentence: str
    confusion_matrix: list[list[int]] | None = None
    sample_true_values: tuple[float, ...] = ()
    sample_prediction: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()
    sections: tuple[EvaluationSection, ...] = ()
    no_known_class: bool = False

    def cells(self) -> tuple[list[str], list[list[str]]]:
        """The table as text: its header, and a line for each score and for the paired difference.

        Returns
        -------
        tuple of (list of str, list of list of str)
            Both empty if no row is of a class that the model knows.
        """
        if self.no_known_class:
            return [], []
        header = ["", "network", *self.baselines]
        lines = []
        for name, score in self.network.items():
            others = [result.get(name, "") for result in self.baselines.values()]
            lines.append([name, str(score), *(str(other) for other in others)])
        if self.comparisons:
            first = f"{self.comparisons[0].score}, network − it"
            lines.append([first, "", *(str(item) for item in self.comparisons)])
        return header, lines

    @property
    def heading(self) -> str:
        """What was tested, on how many rows."""
        kind = f"{len(self.classes)} classes" if self.classes else "regression"
        rows = f"{self.rows:,} test {'row' if self.rows == 1 else 'rows'}"
        brackets = "" if self.no_known_class else "; 95% bootstrap intervals in brackets"
        return f"{self.target}: {rows}, {kind}{brackets}"

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON can hold it."""
        return asdict(self) | {
            "classes": list(self.classes),
            "comparisons": [asdict(item) for item in self.comparisons],
            "sample_true_values": list(self.sample_true_values),
            "sample_prediction": list(self.sample_prediction),
            "notes": list(self.notes),
            "sections": [item.to_dict() for item in self.sections],
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Evaluation:
        """The evaluation that `to_dict` took apart."""
        restored = dict(facts)
        restored["network"] = _scores_from(facts["network"])
        restored["baselines"] = {name: _scores_from(result) for name, result in facts["baselines"].items()}
        restored["comparisons"] = tuple(BaselineComparison(**item) for item in facts["comparisons"])
        for name in ("classes", "sample_true_values", "sample_prediction", "notes"):
            restored[name] = tuple(facts[name])
        restored["sections"] = tuple(EvaluationSection.from_dict(item) for item in facts.get("sections", ()))
        return cls(**restored)

    def section(self, name: str) -> EvaluationSection:
        """The part of that name.

        Raises
        ------
        InputError
            If this evaluation has none such.
        """
        for item in self.sections:
            if item.name == name:
                return item
        raise InputError(f"this evaluation has no part '{name}'", f"it has {join_names(s.name for s in self.sections)}")

    @property
    def is_beaten_by_baseline(self) -> bool:
        """Whether a baseline is better beyond the 95% interval."""
        return any(item.verdict == "worse" for item in self.comparisons)

    @property
    def training_rows_note(self) -> str:
        """That the network learnt from some of these rows, which makes their scores no test; nothing if it did not."""
        for item in self.sections:
            for result, text in zip(item.facts.get("findings", ()), item.sentences, strict=False):
                if item.name == "leakage" and result["code"] == "rows-learnt":
                    return text
        return ""

    @property
    def drift_note(self) -> str:
        """How many rows are unlike the training rows, and why; nothing where chance brings as many."""
        text = next((item.facts.get("drift") for item in self.sections if item.name == "uncertainty"), None) or ""
        return f"{text[0].upper()}{text[1:]}." if text else ""

    @property
    def has_drift(self) -> bool:
        """Whether more than half of the rows are unlike the training rows, so that scores are those of a guess."""
        return any((item.facts.get("novel_fraction") or 0) > 0.5 for item in self.sections if item.name == "uncertainty")

    @property
    def summary_notes(self) -> tuple[str, ...]:
        """What is to be known before the scores are read: rows that were learnt from, a drifted table, a defeat."""
        trained = (self.training_rows_note,) if self.training_rows_note else ()
        drift = (self.drift_note,) if self.has_drift and self.drift_note else ()
        if self.no_known_class:
            return (self.sentence, *trained, *drift)
        return (*trained, *drift, self.sentence) if self._verdict_opens else (*trained, *drift)

    @property
    def final_notes(self) -> tuple[str, ...]:
        """What is said below the scores: the result, rows unlike the training rows."""
        drift = (self.drift_note,) if self.drift_note and not self.has_drift else ()
        return drift if self._verdict_opens else (self.sentence, *drift)

    @property
    def _verdict_opens(self) -> bool:
        """On rows learnt by heart the winner is who remembers best, which is no news to begin with."""
        return self.no_known_class or (self.is_beaten_by_baseline and not self.training_rows_note)

    def __repr__(self) -> str:
        text = as_text(self.heading, *self.cells(), self.summary_notes, self.final_notes, self.notes)
        return "\n".join([text, *(sections_as_text(self.sections))])

    def _repr_html_(self) -> str:
        return as_html(self.heading, *self.cells(), self.summary_notes, self.final_notes, self.notes, self.sections)


def evaluate_predictions(
    task: str,
    target: str,
    classes: npt.ArrayLike | None,
    y_true: npt.ArrayLike,
    network: Predicted,
    baselines: Mapping[str, Predicted] | None = None,
    seed: int = 0,
    quantiles: Quantiles | None = None,
) -> Evaluation:
    """Score a network's predictions beside those of baselines, and compare them pairwise.

    Parameters
    ----------
    task : "binary" | "multiclass" | "regression"
    target : str
        Name of the target, for display.
    classes : array (k,) or None
        Labels that the models know, in the order of the columns of probabilities; None for regression.
    y_true : array (n,)
    network : tuple of (array (n,), float array (n, k) or None)
        Predictions and probabilities.
    baselines : mapping of str to the same
    seed : int
        Seed of the resamples, which are the same for all models.
    quantiles : tuple of (levels, float64 array (n, levels)), optional
        Quantiles that the network predicts, for their pinball losses.

    Returns
    -------
    Evaluation

    Raises
    ------
    InputError
        As `tidynet.evaluation.scores.scores`.

    Examples
    --------
    >>> truth, beside = [1.0, 2.0, 3.0, 4.0] * 5, {"mean": ([2.5] * 20, None)}
    >>> found = evaluate_predictions("regression", "y", None, truth, (truth, None), beside)
    >>> found.comparisons[0].verdict, round(found.baselines["mean"]["RMSE"].value, 3)
    ('better', 1.118)
    """
    true = np.asarray(y_true)
    known = None if task == "regression" or classes is None else np.asarray(classes)
    others = dict(baselines or {})
    result, notes = metrics_for(task, true, *network, classes=known)
    if quantiles is not None:
        result = [*result, *quantile_metrics(true.astype(np.float64), quantiles[1], quantiles[0])]
    beside = [metrics_for(task, true, *y_pred, classes=known)[0] for y_pred in others.values()]
    rows, codes = len(true), class_labels(task, true)
    labels = () if known is None else tuple(_plain_label(label) for label in known.tolist())
    own_values, *reference_values = score_models(
        [result, *beside], rows, 1 if known is None else len(known), seed, codes
    )
    familiar = rows if known is None or not len(known) else int(np.isin(true, known).sum())
    hopeless = not familiar
    decisive = own_values.scores[primary_metric([own_values, *reference_values])]
    # A class that no model can name has no probability: accuracy counts its rows, the log loss leaves them out.
    read = familiar if decisive.name == "log loss" else rows
    comparisons = () if hopeless else compare(own_values, dict(zip(others, reference_values, strict=True)), read)
    y_pred = np.asarray(network[0])
    sample_true_values, sample_prediction = _sample(true, y_pred, seed) if known is None else ((), ())
    return Evaluation(
        task=task,
        target=target,
        rows=rows,
        classes=labels,
        network=own_values.scores,
        baselines={name: scored.scores for name, scored in zip(others, reference_values, strict=True)},
        comparisons=comparisons,
        sentence=_is_no_better_than_baseline(true, known)
        if hopeless and known is not None
        else verdict_note(comparisons, decisive, read, true, y_pred, known is None),
        confusion_matrix=None if known is None else _confusion(true, y_pred, known),
        sample_true_values=sample_true_values,
        sample_prediction=sample_prediction,
        notes=()
        if hopeless
        else (*notes, *_note_on_perfection(own_values.scores, rows), *_note_on_few_rows(true, known)),
        no_known_class=hopeless,
    )


def _is_no_better_than_baseline(true: npt.NDArray[Any], known: npt.NDArray[Any]) -> str:
    result = join_names(sorted({str(label) for label in true.tolist()}))
    what = f"The only label, {result}," if len(true) == 1 else f"None of the {len(true):,} labels ({result})"
    return (
        f"{what} is {'not ' if len(true) == 1 else ''}one that the model knows: {join_names(map(str, known.tolist()))}."
    )


def verdict_note(
    comparisons: Sequence[BaselineComparison],
    score: Score,
    rows: int,
    true: npt.NDArray[Any],
    y_pred: npt.NDArray[Any],
    number: bool,
) -> str:
    """The verdict, and for numbers the few rows that it rests on, where they are few."""
    sentence = verdict_sentence(comparisons, score, rows)
    if not number or len(true) < _FEWEST_TO_REST_ON:
        return sentence
    squares = np.sort((true.astype(np.float64) - y_pred.astype(np.float64)) ** 2)[::-1]
    fractions = np.cumsum(squares) / max(float(squares.sum()), np.finfo(np.float64).tiny)
    few = int(np.searchsorted(fractions, _ALL_BUT)) + 1
    if few > _FEW * len(true):
        return sentence
    row = "1 row" if few == 1 else f"{few:,} rows"
    return f"{sentence} The RMSE rests on {row}: {format_percent(float(fractions[few - 1]))} of the squared error {_IS_THERE}."


def _confusion(
    y_true: npt.NDArray[Any], prediction: npt.NDArray[Any], classes: npt.NDArray[Any]
) -> list[list[int]] | None:
    """Counts of (true, predicted) over the known classes."""
    k = len(classes)
    if k > _MOST_CLASSES_SHOWN:
        return None
    true, y_pred, _ = encode(y_true, prediction, classes=classes)
    known = (true < k) & (y_pred < k)
    counts = np.bincount(true[known] * k + y_pred[known], minlength=k * k)
    return counts.reshape(k, k).tolist()


def _sample(
    y_true: npt.NDArray[Any], prediction: npt.NDArray[Any], seed: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    rows = np.arange(len(y_true))
    if len(rows) > _MOST_POINTS_SHOWN:
        rows = np.sort(np.random.default_rng(seed).choice(len(rows), _MOST_POINTS_SHOWN, replace=False))
    return tuple(y_true[rows].astype(float).tolist()), tuple(prediction[rows].astype(float).tolist())


def _note_on_perfection(scored: Mapping[str, Score], rows: int) -> tuple[str, ...]:
    """No resample of rows that are all right holds an error: the interval has no width, doubt has."""
    if "accuracy" not in scored or scored["accuracy"].value < 1.0:
        return ()
    # Source: J. A. Hanley and A. Lippman-Hand, JAMA 249 (1983), 1743-1745: (1 − e)ⁿ = 0.05.
    error = 100 * (1 - 0.05 ** (1 / rows))
    what = "the only test row was" if rows == 1 else f"all {rows:,} test rows were"
    return (
        f"{what} predicted right, so the bootstrap sees no doubt; "
        f"an error rate of up to {error:.2g}% is still within 95% confidence",
    )


def _note_on_few_rows(y_true: npt.NDArray[Any], classes: npt.NDArray[Any] | None) -> tuple[str, ...]:
    """Classes of few rows, which are too few together to tell how much they vary."""
    if classes is None:
        return ()
    counts = Counter(y_true.tolist())
    few = {label: counts[label] for label in classes.tolist() if 0 < counts[label] < _FEW_ROWS}
    if not few or sum(few.values()) >= _FEW_ROWS_IN_ALL:
        return ()
    named = " and ".join(f"{pluralize(rows, 'row')} of '{label}'" for label, rows in list(few.items())[:3])
    more = f" and few of {len(few) - 3} other classes" if len(few) > 3 else ""
    return (
        f"only {named}{more} {'is' if sum(few.values()) == 1 else 'are'} tested: balanced accuracy and "
        "ROC AUC are less certain than their intervals say",
    )


def _plain_label(label: object) -> str | int | float | bool:
    return label if isinstance(label, str | int | float | bool) else str(label)


def _scores_from(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, Score]:
    return {name: Score(**score) for name, score in facts.items()}
