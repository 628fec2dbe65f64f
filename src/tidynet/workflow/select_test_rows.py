"""A model's test rows, found again in the table that it was made from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.progress import progress_sections
from tidynet.workflow.evaluate import split_notes, with_extra_sections
from tidynet.workflow.labeled_rows import target_labels
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.core.progress import OnSection
    from tidynet.estimators.estimator import NetworkEstimator
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split
    from tidynet.table import Table

__all__ = ["evaluate_on_test_rows", "recover_test_rows"]

Array = NDArray[Any]


def recover_test_rows(model: NetworkEstimator, table: Any) -> Table:
    """The test rows of the table that a model was trained from: those that `run` kept out of training."""
    return _split_table(model, table).test


def evaluate_on_test_rows(
    model: NetworkEstimator,
    table: Any,
    *,
    parts: str | tuple[str, ...] = "all",
    folds: int = 0,
    repeats: int = 1,
    learning_curve: bool = False,
    on_event: OnSection | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Test a model once more on the rows that its training kept out: what its report says, found again."""
    from tidynet.evaluation.context import EvaluationContext
    from tidynet.evaluation.evaluate import evaluate
    from tidynet.evaluation.sections import compute_sections, select_sections

    parted = _split_table(model, table)
    scored = evaluate(model, parted.test, sections="scores", progress=False)
    scored = replace(scored, notes=(*scored.notes, *split_notes(parted.split)))
    unseen = parted.test.drop(target=scored.target).frame
    outputs = model.predict_point(unseen) if parted.codes is None else model.predict_proba(unseen)
    seed = model.record_["provenance"]["seed"]
    tested = EvaluationContext(
        model=model,
        features=unseen,
        y_true=parted.labels[parted.test_features],
        target=scored.target,
        outputs=np.asarray(outputs),
        rows=parted.numbers[parted.test_features],
        seed=seed,
        table=parted.kept,
        training_rows=np.setdiff1d(np.arange(len(parted.labels)), parted.test_features),
        test_rows=parted.test_features,
        is_random_split=parted.split.split_spec.order is None,
        n_training_rows=model.record_["provenance"]["rows"]["training"],
    )
    more = TrainOptions(target=scored.target, seed=seed, folds=folds, repeats=repeats, learning_curve=learning_curve)
    with progress_sections(progress, on_event) as on_message:
        sections = compute_sections(tested, select_sections(parts), on_message)
        return with_extra_sections(
            replace(scored, sections=sections), model, parted.kept, more, parted.split.split_spec, on_message
        )


@dataclass(frozen=True)
class _SplitTable:
    """The rows with a target of a model's table, and which of them were kept out of its training."""

    kept: Table
    labels: Array
    codes: Array | None
    numbers: Array
    split: Split

    @property
    def test_features(self) -> Array:
        return self.split.test

    @property
    def test(self) -> Table:
        return self.kept.take(self.test_features)


def _split_table(model: NetworkEstimator, table: Any) -> _SplitTable:
    from tidynet.preprocessing import SplitSpec, split_train_test
    from tidynet.table import read

    made = model.record_.get("provenance")
    if made is None or "test" not in made.get("rows", ()):
        raise InputError(
            "the model was fitted from Python and knows no test rows", "train one with tidynet train or experiment.run"
        )
    target, task, parts = model.record_["target"], model.record_["task"], made["rows"]
    # The kinds of the training overrule those of the reading, and columns that it left out stay out.
    kinds = model.recipe_.kinds
    whole = read(table)
    judged = {name: item.variable_type.value for name, item in whole.inferred_types.items() if name in kinds}
    whole = read(whole, variable_types={name: kinds[name] for name, kind in judged.items() if kind != kinds[name]})
    numbers = np.flatnonzero(whole[target].is_not_null().to_numpy())
    unknown = [name for name in whole.columns if name != target and name not in kinds]
    stored = replace(whole.drop(*unknown) if unknown else whole, notes=()).take(numbers)
    rows = parts["training"] + parts["validation"] + parts["test"]
    if stored.height != rows:
        raise InputError(
            f"the table has {stored.height:,} rows with a target, and the model was made from {rows:,}",
            "give the table that it was trained from",
        )
    labels, codes = target_labels(stored, target, task)
    # Models of earlier versions did not keep the share; their counts give it back.
    fraction = made.get("test_size", parts["test"] / rows)
    apart = SplitSpec.from_dict(whole.take(numbers), made.get("split", {}))
    return _SplitTable(
        stored,
        labels,
        codes,
        numbers,
        split_train_test(len(labels), fraction, 0.0, made["seed"], codes, split_spec=apart),
    )
