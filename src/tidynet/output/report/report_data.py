"""The facts of a report as plain data: what the HTML is rendered from, and what JSON can hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from tidynet.core.errors import InputError
from tidynet.core.text import decimals_for_interval, format_value, is_nonzero_width
from tidynet.output.report.stored_profile import compact_profile
from tidynet.profiling.profile import Profile

if TYPE_CHECKING:
    from tidynet.evaluation.result import Evaluation
    from tidynet.table.table import Table

__all__ = ["Provenance", "format_scores", "make_report_data", "restore_report_data", "stored_report_data"]

FORMAT = 3  # of what a model file keeps of a report
_MOST_CONFUSIONS = 12


class Provenance(TypedDict, total=False):
    """How a model was made; every entry may be left out.

    Attributes
    ----------
    version : str
        tidynet's.
    command : str
        What to type to do it again.
    seed : int
        The seed of split, weights and batches.
    date : str
        When, in ISO form.
    seconds : float
        How long training took.
    rows : mapping of str to int
        Rows per part: "training", "validation", "test", and "without a target" for those left out.
    notes : sequence of str
        What a reader must know about the split and the training.
    packages : mapping of str to str
        Versions of the packages that did the work.
    settings : mapping of str to object
        Anything else worth telling, in order.
    """

    version: str
    command: str
    seed: int
    date: str
    seconds: float
    rows: Mapping[str, int]
    notes: Sequence[str]
    packages: Mapping[str, str]
    settings: Mapping[str, object]


def make_report_data(
    table: Table,
    model: Any,
    evaluation: Evaluation,
    provenance: Provenance | Mapping[str, Any],
    profile: Profile | None = None,
) -> dict[str, Any]:
    """Everything that a report tells, gathered into JSON-safe data."""
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
        "profile": compact_profile(table, evaluation.target, profile),
        "explained": model.explain_training() if hasattr(model, "explain_training") else "",
        **_histories(model),
        **_test_facts(evaluation),
        "provenance": _provenance_to_plain(provenance, formatted={*table.notes, *model.history_.notes, *evaluation.notes}),
    }


def stored_report_data(facts: Mapping[str, Any], model: Any) -> str:
    """What a model file keeps of a report, as JSON: all that does not follow from what it holds already."""
    known = _facts_from_record(model, facts["table"]["notes"])
    stored = {name: value for name, value in facts.items() if name not in known or known[name] != value}
    return json.dumps({"format": FORMAT} | stored, ensure_ascii=False, separators=(",", ":"))


def restore_report_data(model: Any) -> dict[str, Any]:
    """The facts of the report that was written when a model was trained, from the model alone."""
    stored = json.loads(getattr(model, "record_", {}).get("report") or "{}")
    if not stored:
        raise InputError("this model holds no results to report on", "train it by tidynet train")
    version = stored.pop("format", None)
    if version != FORMAT:
        raise InputError(
            f"the format of the model's report data is {version}, expected {FORMAT}",
            "train the model again, or use the tidynet version that wrote it",
        )
    return _facts_from_record(model, stored["table"]["notes"]) | stored


def format_scores(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One entry for each measure: the network's score first, then each baseline's that has it."""
    return _scores(evaluation.to_dict())


def _facts_from_record(model: Any, table_notes: Sequence[str]) -> dict[str, Any]:
    """The facts that follow from a model and its record."""
    from tidynet.evaluation.result import Evaluation

    record = getattr(model, "record_", {})
    if "evaluation" not in record:
        return _histories(model)
    result = _test_facts(Evaluation.from_dict(record["evaluation"]))
    formatted = {*table_notes, *model.history_.notes, *result["notes"]}
    return _histories(model) | result | {"provenance": _provenance_to_plain(record.get("provenance") or {}, formatted)}


def _test_facts(evaluation: Evaluation) -> dict[str, Any]:
    """What the test rows told."""
    result = evaluation.to_dict()
    return {
        "target": evaluation.target,
        "task": evaluation.task,
        "test_rows": evaluation.rows,
        "classes": len(evaluation.classes),
        "sentence": evaluation.sentence,
        "drift_note": evaluation.drift_note,
        "has_drift": evaluation.has_drift,
        "scores": _scores(result),
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
        "confusion": result["confusion_matrix"] and _confusion(result["confusion_matrix"], [str(c) for c in result["classes"]]),
        "predictions": {"truth": result["sample_true_values"], "prediction": result["sample_prediction"]},
        "notes": result["notes"],
        "sections": result["sections"],
    }


def _histories(model: Any) -> dict[str, Any]:
    return {
        "history": _finite(model.history_.to_dict())
        | {"stop_text": model.history_.stop_text, "notes": model.history_.notes},
        "other_histories": [_finite(restart.to_dict()) for restart in model.histories_[1:]],
    }


def _scores(result: Mapping[str, Any]) -> list[dict[str, Any]]:
    measures = []
    for name, own_values in result["network"].items():
        rivals = {rival: scores[name] for rival, scores in result["baselines"].items() if name in scores}
        predictors = [
            {"name": predictor, **{key: s[key] for key in ("value", "low", "high")}, **_texts(s)}
            for predictor, s in {"network": own_values, **rivals}.items()
        ]
        measures.append({"name": name, "higher_is_better": own_values["higher_is_better"], "predictors": predictors})
    return measures


def _texts(score: Mapping[str, Any]) -> dict[str, str]:
    """The value, and its interval, with the digits that the interval supports."""
    value, low, high = score["value"], score["low"], score["high"]
    decimals = decimals_for_interval(value, low, high)
    interval = f"{format_value(low, decimals)} to {format_value(high, decimals)}" if is_nonzero_width(low, high) else ""
    return {"text": format_value(value, decimals), "interval": interval}


def _confusion(matrix: list[list[int]], classes: list[str]) -> dict[str, Any]:
    wrong: list[dict[str, Any]] = [
        {"true": classes[i], "predicted": classes[j], "rows": rows, "share": rows / sum(line)}
        for i, line in enumerate(matrix)
        for j, rows in enumerate(line)
        if rows and i != j
    ]
    wrong.sort(key=lambda item: item["rows"], reverse=True)
    return {
        "classes": classes,
        "matrix": matrix,
        "largest": wrong[:_MOST_CONFUSIONS],
        "wrong": sum(item["rows"] for item in wrong),
    }


def _provenance_to_plain(provenance: Provenance | Mapping[str, Any], formatted: set[str]) -> dict[str, Any]:
    """The same as plain data, without the notes that the report tells elsewhere."""
    plain: dict[str, Any] = dict(provenance)
    for key in ("rows", "packages", "settings"):
        plain[key] = dict(plain.get(key) or {})
    plain["notes"] = [note for note in plain.get("notes") or [] if note not in formatted]
    return plain


def _finite(value: Any) -> Any:
    """The same with None for what JSON cannot hold: a diverged loss is NaN or infinite."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if value in ("nan", "inf", "-inf"):  # as a history writes them
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
