"""The test set of a model, found again in the table of its training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.progress import progress_sections
from tidynet.core.text import pluralize
from tidynet.workflow.evaluate import split_notes, with_extra_sections
from tidynet.workflow.labeled_rows import target_labels
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.core.progress import OnSection
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split
    from tidynet.table import Table

Array = NDArray[Any]


def recover_test_rows(model: FittedModel, table: Any) -> Table:
    """The test set of `run`, from the table that the model was trained on."""
    return _split_table(model, table).test


def evaluate_on_test_rows(
    model: FittedModel,
    table: Any,
    *,
    sections: str | tuple[str, ...] = "all",
    folds: int = 0,
    repeats: int = 1,
    learning_curve: bool = False,
    on_event: OnSection | None = None,
    progress: bool | None = None,
) -> Evaluation:
    """Evaluate a model again on the test set of its training, as its report does."""
    from tidynet.estimators.fitted_model import is_classifier
    from tidynet.evaluation.context import EvaluationContext
    from tidynet.evaluation.evaluate import evaluate
    from tidynet.evaluation.sections import compute_sections, select_sections

    found = _split_table(model, table)
    scored = evaluate(model, found.test, sections="scores", progress=False)
    scored = replace(scored, notes=(*scored.notes, *split_notes(found.split)))
    features = found.test.drop(target=scored.target).frame
    outputs = model.predict_proba(features) if is_classifier(model) else model.predict_point(features)
    seed = model.record_["provenance"]["seed"]
    tested = EvaluationContext(
        model=model,
        features=features,
        y_true=found.labels[found.test_rows],
        target=scored.target,
        outputs=np.asarray(outputs),
        rows=found.numbers[found.test_rows],
        seed=seed,
        table=found.labeled,
        training_rows=np.setdiff1d(np.arange(len(found.labels)), found.test_rows),
        test_rows=found.test_rows,
        is_random_split=found.split.split_spec.order is None,
        n_training_rows=model.record_["provenance"]["rows"]["training"],
    )
    options = TrainOptions(target=scored.target, seed=seed, folds=folds, repeats=repeats, learning_curve=learning_curve)
    with progress_sections(progress, on_event) as on_section:
        computed = compute_sections(tested, select_sections(sections), on_section)
        return with_extra_sections(
            replace(scored, sections=computed), model, found.labeled, options, found.split.split_spec, on_section
        )


@dataclass(frozen=True)
class _SplitTable:
    """The rows with a target of the table of a training, and their split."""

    labeled: Table
    labels: Array
    codes: Array | None
    numbers: Array
    split: Split

    @property
    def test_rows(self) -> Array:
        return self.split.test

    @property
    def test(self) -> Table:
        return self.labeled.take(self.test_rows)


def _split_table(model: FittedModel, table: Any) -> _SplitTable:
    from tidynet.preprocessing import SplitSpec, split_train_test
    from tidynet.table import read

    provenance = model.record_.get("provenance")
    if provenance is None or "test" not in provenance.get("rows", ()):
        raise InputError(
            "the model has no test set, expected a model of a run", "train one with tidynet train or workflow.run"
        )
    target, task, parts = model.record_["target"], model.record_["task"], provenance["rows"]
    # Variable types are those of the training, and columns that it excluded stay excluded.
    kinds = model.recipe_.variable_types
    whole = read(table)
    inferred = {name: item.variable_type.value for name, item in whole.inferred_types.items() if name in kinds}
    whole = read(whole, variable_types={name: kinds[name] for name, kind in inferred.items() if kind != kinds[name]})
    numbers = np.flatnonzero(whole[target].is_not_null().to_numpy())
    unknown = [name for name in whole.columns if name != target and name not in kinds]
    stored = replace(whole.drop(*unknown) if unknown else whole, notes=()).take(numbers)
    rows = parts["training"] + parts["validation"] + parts["test"]
    if stored.height != rows:
        raise InputError(
            f"the table has {pluralize(stored.height, 'row')} with a target, expected {rows:,}",
            "give the table that the model was trained on",
        )
    labels, codes = target_labels(stored, target, task)
    fraction = provenance["test_size"]
    split_spec = SplitSpec.from_dict(whole.take(numbers), provenance.get("split", {}))
    return _SplitTable(
        stored,
        labels,
        codes,
        numbers,
        split_train_test(len(labels), fraction, 0.0, provenance["seed"], codes, split_spec=split_spec),
    )
