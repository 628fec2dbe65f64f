"""Section "Uncertainty": calibration of probabilities, coverage of prediction sets and intervals, abstention."""

from __future__ import annotations

from collections.abc import Iterator

from tidynet.core.errors import InputError
from tidynet.core.notebook_cell import NotebookCell, code, hidden_code, slide
from tidynet.core.text import change_text, format_number, format_percent_with_interval, pluralize
from tidynet.estimators.fitted_model import is_fitted_model
from tidynet.evaluation.calibration import CalibrationResult, calibration_from, reliability_diagram
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.coverage import CoverageResult, SliceCoverage
from tidynet.evaluation.section import (
    AttentionItem,
    CardPlace,
    EvaluationSection,
    Facts,
    SectionFigure,
    SectionName,
    SectionSpec,
)
from tidynet.evaluation.uncertainty import UncertaintyReport, evaluate_uncertainty, worst_undercovered

_MAX_SLICES = 6
_MAX_RETRAINING_ROWS = 1_000  # without calibration rows, uncertainty needs five more trainings
_MIN_ROWS = 10  # for scores beyond the ECE
_MAX_REASONS, _MIN_REASON_FRACTION = 4, 0.02
_NOT_REPORTED = 0.0005  # an ECE below has the value 0.0 points
_PER_CLASS = "predict_set(per_class=True) or --per-class"


def read(context: EvaluationContext) -> EvaluationSection:
    """Calibration, coverage, novelty and abstention on the test rows."""
    if not is_fitted_model(context.model):
        raise InputError(f"a {type(context.model).__name__} has no measure of uncertainty")
    if context.n_training_rows > _MAX_RETRAINING_ROWS and not context.model.has_conformity_scores:
        raise InputError(
            f"the model has no calibration rows, and training it again on {context.n_training_rows:,} rows is slow",
            "train with early stopping",
        )
    result = evaluate_uncertainty(context.model, context.features, context.y_true)
    lines = []
    if result.coverage is not None:
        lines.append(("all rows", *_coverage_cells(result.coverage)))
        slices = (*result.classes, *result.parts[:_MAX_SLICES])
        lines += [(item.description, *_coverage_cells(item.coverage)) for item in slices]
    size = "labels in a set" if result.coverage is not None and result.coverage.sizes else "width"
    header = ("", "rows", "coverage (95% CI)", size) if lines else ()
    facts = result.to_dict() | {"drift_note": drift_sentence(result)}
    return SPEC.section(uncertainty_sentences(result), header, lines, facts)


def _coverage_cells(result: CoverageResult) -> tuple[str, ...]:
    coverage = format_percent_with_interval(result.coverage, result.low, result.high)
    return f"{result.rows:,}", coverage, format_number(float(f"{result.size:.3g}"))


def uncertainty_sentences(result: UncertaintyReport) -> list[str]:
    """The results, the most important first."""
    drift = drift_sentence(result)
    sentences = [_unknown_class_sentence(result), drift, result.note]
    if result.coverage is not None:
        kind = "prediction sets" if result.coverage.sizes else "prediction intervals"
        sentences += [f"{kind}: {coverage_sentence(result.coverage)}", *_undercovered_sentences(result)]
    sentences += _calibration_sentences(result)
    # A row in a hundred is novel by definition: abstaining on it is no result.
    if result.abstention is not None and (result.abstention.is_uncertain or (result.abstention.is_novel and drift)):
        sentences.append(result.abstention.sentence())
    return [text for text in sentences if text]


def coverage_sentence(result: CoverageResult) -> str:
    """Coverage with its interval beside the target."""
    interval = f"95% CI {100 * result.low:.1f} to {result.high:.1%}"
    text = f"coverage {result.coverage:.1%} ({result.n_covered:,} of {pluralize(result.rows, 'row')}, {interval})"
    end = {"kept": "", "less": "; too low", "more": "; too high", "unclear": f"; not significant (n = {result.rows:,})"}
    return f"{text}, target {100 * result.target_coverage:.3g}%{end[result.assessment]}"


def _undercovered_sentences(result: UncertaintyReport) -> Iterator[str]:
    for slices, action in (
        (result.classes, _PER_CLASS if result.per_class else "too few calibration rows of a class for --per-class"),
        (result.parts, ""),
    ):
        worst = worst_undercovered(result.coverage, slices)
        if worst is not None:
            yield _slice_fact(worst) + (f" → {action}" if action else "")


def _slice_fact(item: SliceCoverage) -> str:
    """The coverage of a slice."""
    part = item.coverage
    text = format_percent_with_interval(part.coverage, part.low, part.high)
    return f"{item.description}: coverage {text}, target {100 * part.target_coverage:.3g}%"


def _calibration_sentences(result: UncertaintyReport) -> Iterator[str]:
    """Calibration on the test rows, the method, and its effect on calibration rows and test rows."""
    if result.calibrated is not None:
        yield calibration_sentence(result.calibrated)
        if result.calibrated.rows >= _MIN_ROWS:
            yield brier_sentence(result.calibrated)
    yield result.scaling
    if result.uncalibrated is None or result.calibrated is None or result.losses is None:
        return
    if result.calibrated.rows >= _MIN_ROWS:
        loss = change_text("log loss", *result.losses)
        before, after = (100 * item.expected_calibration_error for item in (result.uncalibrated, result.calibrated))
        error = change_text("ECE", before, after, 1, " points")
        yield f"on {result.calibrated.rows:,} test rows calibration {loss} and {error}"


def calibration_sentence(result: CalibrationResult) -> str:
    """The expected calibration error with its significance and direction."""
    error = result.expected_calibration_error
    text = f"ECE {100 * error:.1f} points"
    if error < _NOT_REPORTED:
        return text
    if error <= result.error_of_exact_probabilities + 1e-9:
        return f"{text}; not significant (n = {result.rows:,})"
    bias = (
        sum(item.count * (item.predicted_probability - item.observed_frequency) for item in result.bins) / result.rows
    )
    if abs(bias) < 0.5 * error:
        return f"{text}; significant (n = {result.rows:,})"
    return f"{text}; probabilities are too {'high' if bias > 0 else 'low'}"


def brier_sentence(result: CalibrationResult) -> str:
    """The Brier score with its decomposition."""
    text = f"Brier score of {result.predicted_event} {result.brier:.4f} = {result.reliability:.4f} reliability"
    text += f" − {result.resolution:.4f} resolution + {result.uncertainty:.4f} uncertainty"
    if abs(result.within_bins) >= 5e-5:
        text += f" {'+' if result.within_bins >= 0 else '−'} {abs(result.within_bins):.4f} within bins"
    return text


def drift_sentence(result: UncertaintyReport) -> str:
    """How many rows are unlike the training rows and why; empty where it is not significant."""
    if not result.has_novel_rows or result.novel_fraction is None:
        return ""
    n_novel = round(result.novel_fraction * result.rows)
    text = f"{n_novel:,} of {pluralize(result.rows, 'row')} ({result.novel_fraction:.1%}) "
    text += f"{'is' if n_novel == 1 else 'are'} unlike the training rows (novelty ≥ 0.99), expected 1%"
    # A value just beyond the training range also occurs by chance.
    frequent = [
        item for item in result.reasons if item[1] > max(1, _MIN_REASON_FRACTION * n_novel) or item == result.reasons[0]
    ]
    if not frequent:
        return text
    parts = [f"{reason} ({pluralize(rows, 'row')})" for reason, rows in frequent[:_MAX_REASONS]]
    more = len(frequent) - len(parts)
    return f"{text}: {'; '.join(parts)}" + (f"; {pluralize(more, 'more reason')}" if more else "")


def _unknown_class_sentence(result: UncertaintyReport) -> str:
    if not result.n_unknown_class:
        return ""
    rest = result.rows - result.n_unknown_class
    text = f"{result.n_unknown_class:,} of {pluralize(result.rows, 'row')} "
    text += f"{'has' if result.n_unknown_class == 1 else 'have'} a class absent from training"
    if not rest:
        return f"{text}: calibration and coverage are undefined"
    return f"{text}: calibration and coverage use the other {rest:,}"


def attention(section: EvaluationSection) -> Iterator[AttentionItem]:
    """Drift, coverage below its target, and a significant calibration error."""
    facts = section.facts
    if not facts:
        return
    result = UncertaintyReport.from_dict(facts)
    drift = drift_sentence(result)
    if drift:
        priority = 0.8 if (result.novel_fraction or 0) > 0.5 else 0.5
        yield AttentionItem(section.name, drift, "see novelty of each row: predict --novelty", priority)
    if result.coverage is not None:
        if result.coverage.assessment == "less":
            yield AttentionItem(section.name, coverage_sentence(result.coverage), "conformalize on new rows", 0.65)
        classes, slices = (worst_undercovered(result.coverage, item) for item in (result.classes, result.parts))
        if classes is not None:
            yield AttentionItem(section.name, _slice_fact(classes), _PER_CLASS if result.per_class else "", 0.55)
        if slices is not None:
            yield AttentionItem(section.name, _slice_fact(slices), "", 0.5)
    if result.calibrated is not None and result.calibrated.is_significant:
        yield AttentionItem(section.name, calibration_sentence(result.calibrated), "", 0.45)


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """The reliability diagram."""
    if facts.get("calibrated") is None:
        return
    after = calibration_from(facts["calibrated"])
    before = None if facts.get("uncalibrated") is None else calibration_from(facts["uncalibrated"])
    yield SectionFigure(
        reliability_diagram(after, before),
        f"Reliability diagram of {after.rows:,} rows: predicted probability of {after.predicted_event} against the "
        f"observed frequency in {len(after.bins)} bins. ECE {100 * after.expected_calibration_error:.1f} points.",
        f"Observed frequency of {after.predicted_event} (up) by predicted probability (across), with 95% CI. On the "
        "dashed line both are equal; below it probabilities are too high, above it too low. Bars: rows. In the Brier "
        "score, reliability is the distance from the line (best: 0), resolution the difference between bins (more is "
        "better), and uncertainty is that of the class frequencies.",
    )


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """Coverage as a table, and the reliability diagram."""
    if section.lines:
        yield slide("### Coverage\n\nAll test rows, each class, and the subgroups with the lowest coverage.")
        yield code("pd.DataFrame(uncertainty.lines, columns=uncertainty.header)")
    if section.facts.get("calibrated") is None:
        return
    error = section.facts["calibrated"]["expected_calibration_error"]
    yield slide(
        "### Reliability diagram\n\n"
        f"ECE {100 * error:.1f} points: mean distance of the points from the dashed line, weighted by rows."
    )
    yield code(
        "from tidynet.evaluation.calibration import calibration_from, reliability_diagram\n\n"
        'before, after = uncertainty.facts["uncalibrated"], uncertainty.facts["calibrated"]\n'
        "reliability_diagram(calibration_from(after), before and calibration_from(before))"
    )
    yield hidden_code('pd.DataFrame(after["bins"])')


SPEC = SectionSpec(
    SectionName.UNCERTAINTY,
    "Uncertainty: calibration, prediction sets and intervals",
    read,
    attention,
    figures,
    cells,
    CardPlace.UNCERTAINTY,
)
