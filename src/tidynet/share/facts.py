"""The facts of a report as plain data: what the HTML is rendered from, and what JSON can hold."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

from tidynet.errors import InputError
from tidynet.look.profile import Profile
from tidynet.share.kept_look import kept_look
from tidynet.trust.wording import has_width, plain, supported_decimals

if TYPE_CHECKING:
    from tidynet.table.table import Table
    from tidynet.trust.evaluation import Evaluation

__all__ = ["Made", "kept_facts", "report_facts", "restored_facts", "told_scores"]

FORMAT = 2  # of what a model file keeps of a report
_MOST_CONFUSIONS = 12


class Made(TypedDict, total=False):
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


def report_facts(
    table: Table,
    model: Any,
    evaluation: Evaluation,
    made: Made | Mapping[str, Any],
    profile: Profile | None = None,
) -> dict[str, Any]:
    """Everything that a report tells, gathered into JSON-safe data.

    Parameters
    ----------
    table : Table
        The table that was read, target included.
    model : MLPClassifier or MLPRegressor
        Fitted; gives its history and the columns that its recipe set aside.
    evaluation : Evaluation
        The result on the test rows.
    made : Made
        How the model was made.
    profile : Profile, optional
        What was seen of the table; without it the columns are counted.

    Returns
    -------
    dict
        With the keys ``table``, ``target``, ``task``, ``sentence``, ``drift``, ``drifted``, ``looked``, ``look``,
        ``history``, ``restarts``, ``scores``, ``comparisons``, ``confusion``, ``predictions``, ``notes``, ``sections``,
        ``explained`` and ``made``; ``look`` is a profile as `Profile.to_dict` gives it.
    """
    return {
        "table": {
            "name": table.name,
            "source": table.source,
            "rows": table.height,
            "columns": len(table.columns),
            "missing": sum(table.missing.values()),
            "notes": list(table.notes),
            "set_aside": dict(model.recipe_.set_aside),
        },
        "looked": profile is not None,
        "look": kept_look(table, evaluation.target, profile),
        "explained": model.explain_training() if hasattr(model, "explain_training") else "",
        **_histories(model),
        **_tested(evaluation),
        "made": _plain_made(made, told={*table.notes, *model.history_.notes, *evaluation.notes}),
    }


def kept_facts(facts: Mapping[str, Any], model: Any) -> str:
    """What a model file keeps of a report, as JSON: all that does not follow from what it holds already."""
    known = _known(model, facts["table"]["notes"])
    kept = {name: value for name, value in facts.items() if name not in known or known[name] != value}
    return json.dumps({"format": FORMAT} | kept, ensure_ascii=False, separators=(",", ":"))


def restored_facts(model: Any) -> dict[str, Any]:
    """The facts of the report that was written when a model was trained, from the model alone.

    Raises
    ------
    InputError
        If the model was not trained by `tidynet train`, or its results are in a form that is not known here.
    """
    kept = json.loads(getattr(model, "record_", {}).get("report") or "{}")
    if not kept:
        raise InputError("this model holds no results to report on", "train it by tidynet train")
    form = kept.pop("format", FORMAT if "look" in kept else 1)
    if form > FORMAT:
        raise InputError(
            f"this model's results have format {form}, and this tidynet reads up to {FORMAT}", "use a later tidynet"
        )
    try:
        return _known(model, kept["table"]["notes"]) | (kept if form == FORMAT else _without_look(kept))
    except (KeyError, TypeError) as error:
        raise InputError(
            f"this model's results are in the form of an earlier tidynet, which this one cannot read ({error!r})",
            "train it again, or write the report with the tidynet that made it",
        ) from error


def _without_look(kept: Mapping[str, Any]) -> dict[str, Any]:
    """Results of format 1, which told of the table in another way: that is left out."""
    table = kept["table"]
    left_out = "what was seen of the table is kept in an earlier form, and is left out here"
    empty = Profile(table["name"], table["source"], table["rows"], (), target=None)
    own = {name: kept[name] for name in ("explained", "test_rows") if name in kept}
    return own | {
        "table": table | {"notes": [*table["notes"], left_out]},
        "looked": False,
        "look": empty.to_dict(),
    }


def told_scores(evaluation: Evaluation) -> list[dict[str, Any]]:
    """One entry for each measure: the network's score first, then each baseline's that has it."""
    return _scores(evaluation.to_dict())


def _known(model: Any, table_notes: Sequence[str]) -> dict[str, Any]:
    """The facts that follow from a model and its record."""
    from tidynet.trust.evaluation import Evaluation

    record = getattr(model, "record_", {})
    if "evaluation" not in record:
        return _histories(model)
    found = _tested(Evaluation.from_dict(record["evaluation"]))
    told = {*table_notes, *model.history_.notes, *found["notes"]}
    return _histories(model) | found | {"made": _plain_made(record.get("made") or {}, told)}


def _tested(evaluation: Evaluation) -> dict[str, Any]:
    """What the test rows told."""
    found = evaluation.to_dict()
    return {
        "target": evaluation.target,
        "task": evaluation.task,
        "test_rows": evaluation.rows,
        "classes": len(evaluation.classes),
        "sentence": evaluation.sentence,
        "drift": evaluation.drift,
        "drifted": evaluation.drifted,
        "scores": _scores(found),
        "comparisons": [
            {
                "baseline": one.baseline,
                "score": one.score,
                "difference": one.difference,
                "text": str(one),
                "verdict": one.verdict,
            }
            for one in evaluation.comparisons
        ],
        "confusion": found["confusion"] and _confusion(found["confusion"], [str(c) for c in found["classes"]]),
        "predictions": {"truth": found["sample_truth"], "prediction": found["sample_prediction"]},
        "notes": found["notes"],
        "sections": found["sections"],
    }


def _histories(model: Any) -> dict[str, Any]:
    return {
        "history": _finite(model.history_.to_dict()),
        "restarts": [_finite(restart.to_dict()) for restart in model.histories_[1:]],
    }


def _scores(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    measures = []
    for name, ours in found["network"].items():
        rivals = {rival: scores[name] for rival, scores in found["baselines"].items() if name in scores}
        predictors = [
            {"name": predictor, **{key: s[key] for key in ("value", "low", "high")}, **_texts(s)}
            for predictor, s in {"network": ours, **rivals}.items()
        ]
        measures.append({"name": name, "higher_is_better": ours["higher_is_better"], "predictors": predictors})
    return measures


def _texts(score: Mapping[str, Any]) -> dict[str, str]:
    """The value, and its interval, with the digits that the interval supports."""
    value, low, high = score["value"], score["low"], score["high"]
    decimals = supported_decimals(value, low, high)
    interval = f"{plain(low, decimals)} to {plain(high, decimals)}" if has_width(low, high) else ""
    return {"text": plain(value, decimals), "interval": interval}


def _confusion(matrix: list[list[int]], classes: list[str]) -> dict[str, Any]:
    wrong: list[dict[str, Any]] = [
        {"true": classes[i], "predicted": classes[j], "rows": rows, "share": rows / sum(line)}
        for i, line in enumerate(matrix)
        for j, rows in enumerate(line)
        if rows and i != j
    ]
    wrong.sort(key=lambda one: one["rows"], reverse=True)
    return {
        "classes": classes,
        "matrix": matrix,
        "largest": wrong[:_MOST_CONFUSIONS],
        "wrong": sum(one["rows"] for one in wrong),
    }


def _plain_made(made: Made | Mapping[str, Any], told: set[str]) -> dict[str, Any]:
    """The same as plain data, without the notes that the report tells elsewhere."""
    plain: dict[str, Any] = dict(made)
    for key in ("rows", "packages", "settings"):
        plain[key] = dict(plain.get(key) or {})
    plain["notes"] = [note for note in plain.get("notes") or [] if note not in told]
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
