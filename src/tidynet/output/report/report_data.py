"""The data of a report as plain values that JSON can hold: what the page is rendered from."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypedDict

from tidynet.core.errors import InputError
from tidynet.core.text import decimals_for_interval, format_interval, format_percent, format_value, is_nonzero_width
from tidynet.output.report.profile_sections import MAX_ASSOCIATION_CHARTS, MAX_ASSOCIATIONS, MAX_FINDINGS, MAX_PAIRS
from tidynet.profiling.counts import count_column
from tidynet.profiling.profile import ColumnProfile, Profile

if TYPE_CHECKING:
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.evaluation.result import Evaluation
    from tidynet.table.table import Table

FORMAT = 3  # of the report data in a model file
_MAX_CONFUSIONS = 12
_MAX_CATEGORIES = 20  # of a column
_MAX_PATTERNS = 20  # of missing values
_DIGITS = 10  # of a number in the profile: more than any page shows, also of times in microseconds


class Provenance(TypedDict, total=False):
    """How a model was made; every entry may be left out."""

    version: str  # of tidynet
    command: str
    seed: int  # of split, weights and batches
    date: str  # in ISO form
    seconds: float  # of training
    rows: Mapping[str, int]  # of "training", "validation", "test", and "without a target" for those left out
    notes: Sequence[str]  # on the split and the training
    packages: Mapping[str, str]
    settings: Mapping[str, object]


def make_report_data(
    table: Table,
    model: FittedModel,
    evaluation: Evaluation,
    provenance: Provenance | Mapping[str, Any],
    profile: Profile | None = None,
) -> dict[str, Any]:
    """All data of a report."""
    shown_elsewhere = {*table.notes, *model.history_.notes, *evaluation.notes}
    return {
        "table": {
            "name": table.name,
            "source": table.source,
            "rows": table.height,
            "columns": len(table.columns),
            "missing": sum(table.missing.values()),
            "notes": list(table.notes),
            "excluded_columns": dict(model.recipe_.excluded_columns),
        },
        "has_profile": profile is not None,
        "profile": _compact_profile(table, evaluation.target, profile),
        "explained": model.explain_training(),
        **_histories(model),
        **_test_facts(evaluation),
        "provenance": _provenance_to_plain(provenance, shown_elsewhere),
    }


def stored_report_data(facts: Mapping[str, Any], model: FittedModel) -> str:
    """The report data that a model file keeps, as JSON: all that does not follow from the model."""
    known = _facts_from_record(model, facts["table"]["notes"])
    stored = {name: value for name, value in facts.items() if name not in known or known[name] != value}
    return json.dumps({"format": FORMAT} | stored, ensure_ascii=False, separators=(",", ":"))


def restore_report_data(model: FittedModel) -> dict[str, Any]:
    """The report data of a training, from the model alone."""
    stored = json.loads(model.record_.get("report") or "{}")
    if not stored:
        raise InputError("the model has no report data", "train it with tidynet train")
    version = stored.pop("format", None)
    if version != FORMAT:
        raise InputError(
            f"the format of the model's report data is {version}, expected {FORMAT}",
            "train the model again, or use the tidynet version that wrote it",
        )
    return _facts_from_record(model, stored["table"]["notes"]) | stored


def _facts_from_record(model: FittedModel, table_notes: Sequence[str]) -> dict[str, Any]:
    """The data that follow from a model and its record."""
    from tidynet.evaluation.result import Evaluation

    record = model.record_
    if "evaluation" not in record:
        return _histories(model)
    result = _test_facts(Evaluation.from_dict(record["evaluation"]))
    shown_elsewhere = {*table_notes, *model.history_.notes, *result["notes"]}
    provenance = _provenance_to_plain(record.get("provenance") or {}, shown_elsewhere)
    return _histories(model) | result | {"provenance": provenance}


def _test_facts(evaluation: Evaluation) -> dict[str, Any]:
    """The results on the test rows."""
    result = evaluation.to_dict()
    matrix = result["confusion_matrix"]
    return {
        "target": evaluation.target,
        "task": evaluation.task,
        "test_rows": evaluation.rows,
        "classes": len(evaluation.classes),
        "sentence": evaluation.verdict,
        "drift_note": evaluation.drift_note,
        "has_drift": evaluation.has_drift,
        "scores": format_scores(evaluation),
        "comparisons": [
            {
                "baseline": item.baseline,
                "score": item.score,
                "difference": item.difference,
                "text": str(item),
                "verdict": item.verdict,
            }
            for item in evaluation.comparisons
        ],
        "confusion": matrix and _confusion(matrix, [str(label) for label in result["classes"]]),
        "predictions": {"true_values": result["sample_true_values"], "prediction": result["sample_prediction"]},
        "notes": result["notes"],
        "sections": result["sections"],
    }


def _histories(model: FittedModel) -> dict[str, Any]:
    return {
        "history": _finite(model.history_.to_dict()),
        "stop_text": model.history_.stop_text,
        "training_notes": model.history_.notes,
        "other_histories": [_finite(history.to_dict()) for history in model.histories_[1:]],
    }


def format_scores(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One entry for each metric: the network's score first, then the score of each baseline."""
    result = evaluation.to_dict()
    metrics = []
    for name, score in result["network"].items():
        baselines = {baseline: scores[name] for baseline, scores in result["baselines"].items() if name in scores}
        predictors = [
            {"name": predictor, **{key: item[key] for key in ("value", "low", "high")}, **_score_text(item)}
            for predictor, item in {"network": score, **baselines}.items()
        ]
        metrics.append({"name": name, "higher_is_better": score["higher_is_better"], "predictors": predictors})
    return metrics


def _score_text(score: Mapping[str, Any]) -> dict[str, str]:
    """The value and its interval, with the digits that the interval supports."""
    value, low, high = score["value"], score["low"], score["high"]
    decimals = decimals_for_interval(value, low, high)
    interval = format_interval(low, high, decimals) if is_nonzero_width(low, high) else ""
    return {"text": format_value(value, decimals), "interval": interval}


def _confusion(matrix: list[list[int]], classes: list[str]) -> dict[str, Any]:
    wrong = [
        (rows, classes[i], classes[j], format_percent(rows / sum(line)))
        for i, line in enumerate(matrix)
        for j, rows in enumerate(line)
        if rows and i != j
    ]
    largest = sorted(wrong, key=lambda item: item[0], reverse=True)[:_MAX_CONFUSIONS]
    return {
        "classes": classes,
        "matrix": matrix,
        "largest": [[true, predicted, f"{rows:,}", fraction] for rows, true, predicted, fraction in largest],
        "wrong": sum(item[0] for item in wrong),
    }


def _provenance_to_plain(provenance: Provenance | Mapping[str, Any], shown_elsewhere: set[str]) -> dict[str, Any]:
    """Plain data, without the notes that the report shows elsewhere."""
    plain: dict[str, Any] = dict(provenance)
    for key in ("rows", "packages", "settings"):
        plain[key] = dict(plain.get(key) or {})
    plain["notes"] = [note for note in plain.get("notes") or [] if note not in shown_elsewhere]
    return plain


def _finite(value: Any) -> Any:
    """The value with None in place of NaN and infinities, which JSON cannot hold."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if value in ("nan", "inf", "-inf"):  # as a history writes them
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


# The profile: what the page shows, so that it fits into a model file ---------------------------


def _compact_profile(table: Table, target: str, profile: Profile | None) -> dict[str, Any]:
    full = profile or _count_columns(table, target)
    if full.rows < table.height:
        full = replace(full, columns=tuple(_extend_to_all_rows(item, table) for item in full.columns))
    compact = replace(
        full,
        columns=tuple(replace(item, categories=item.categories[:_MAX_CATEGORIES]) for item in full.columns),
        pairs=full.pairs[:MAX_PAIRS],
        target_associations=tuple(
            replace(item, chart_counts=item.chart_counts if index < MAX_ASSOCIATION_CHARTS else None)
            for index, item in enumerate(full.target_associations[:MAX_ASSOCIATIONS])
        ),
        findings=full.findings[:MAX_FINDINGS],
        missing_patterns=full.missing_patterns[:_MAX_PATTERNS],
        seconds=0.0,  # the same training gives the same page
    )
    stored: dict[str, Any] = _rounded(compact.to_dict())
    return stored


def _count_columns(table: Table, target: str) -> Profile:
    columns = tuple(
        ColumnProfile(
            name,
            inferred_type.variable_type.value,
            inferred_type.reason,
            table.height,
            table.missing[name],
            chart_counts=count_column(table[name], inferred_type),
        )
        for name, inferred_type in table.inferred_types.items()
    )
    known_target = target if target in table.columns else None
    return Profile(table.name, table.source, table.height, columns, target=known_target, notes=table.notes)


def _extend_to_all_rows(column: ColumnProfile, table: Table) -> ColumnProfile:
    counts = count_column(table[column.name], table.inferred_types[column.name])
    return replace(column, rows=table.height, missing=table.missing[column.name], chart_counts=counts)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return float(f"{value:.{_DIGITS}g}") if isinstance(value, float) and math.isfinite(value) else value
