"""The evaluation on the test set: scores, and the requested sections; after training, or again from the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.progress import progress_function
from tidynet.core.text import pluralize
from tidynet.workflow.events import Event, SectionStarted
from tidynet.workflow.labeled_rows import target_labels
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.core.progress import OnSection
    from tidynet.estimators.fitted_model import FittedModel
    from tidynet.evaluation.context import EvaluationContext
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split, SplitSpec
    from tidynet.table import Table

Array = NDArray[Any]


def predict_test_rows(
    model: FittedModel,
    table: Table,
    labels: Array,
    task: str,
    split: Split,
    options: TrainOptions,
    numbers: Array,
    on_event: Callable[[Event], None],
) -> Evaluation:
    """Evaluate on the test set, which is used here alone. `numbers` are row numbers in the table as it was read."""
    from tidynet.estimators.fitted_model import is_classifier
    from tidynet.evaluation.baselines import baselines_to_arrays, fit_all_baselines, predict_baselines
    from tidynet.evaluation.evaluate_predictions import evaluate_predictions
    from tidynet.evaluation.predictions import predicted_quantiles
    from tidynet.evaluation.sections import compute_sections, select_sections

    features = table.drop(target=options.target).frame
    training_rows = _training_rows(split)
    test_features = features[split.test]
    own: tuple[Array, Array | None]
    if is_classifier(model):
        classes, own = model.classes_, (model.predict(test_features), model.predict_proba(test_features))
    else:
        classes, own = None, (model.predict_point(test_features), None)
    training_features = model.recipe_.transform(features[training_rows])
    baselines = fit_all_baselines(task, training_features, labels[training_rows], classes, options.seed)
    model.record_["baselines"], arrays = baselines_to_arrays(baselines)
    model.arrays_ |= arrays
    predicted = predict_baselines(baselines, model.recipe_.transform(test_features), task, classes)
    quantiles, truth = predicted_quantiles(model, test_features), labels[split.test]
    result = evaluate_predictions(task, options.target, classes, truth, own, predicted, options.seed, quantiles)
    outputs = np.asarray(own[0] if own[1] is None else own[1])
    tested = _evaluation_context(model, table, labels, split, numbers, options, outputs)
    names = select_sections(options.sections)
    sections = compute_sections(tested, names, lambda *started: on_event(SectionStarted(*started)))
    return replace(result, notes=(*result.notes, *_split_notes(split)), sections=sections)


def _training_rows(split: Split) -> Array:
    return np.sort(np.concatenate([split.training, split.validation]))


def _evaluation_context(
    model: FittedModel, table: Table, labels: Array, split: Split, numbers: Array, options: TrainOptions, outputs: Array
) -> EvaluationContext:
    """The test set for the sections. `numbers` are row numbers in the table as it was read."""
    from tidynet.evaluation.context import EvaluationContext

    return EvaluationContext(
        model=model,
        features=table.take(split.test).drop(target=options.target).frame,
        y_true=labels[split.test],
        target=options.target,
        outputs=outputs,
        rows=numbers[split.test],
        seed=options.seed,
        table=table,
        training_rows=_training_rows(split),
        test_rows=split.test,
        is_random_split=split.split_spec.order is None,
        n_training_rows=len(split.training),
    )


def _split_notes(split: Split) -> tuple[str, ...]:
    """How the test set was chosen, where not at random."""
    return split.notes if split.split_spec.column else ()


def with_extra_sections(
    evaluation: Evaluation,
    model: FittedModel,
    table: Table,
    options: TrainOptions,
    apart: SplitSpec,
    on_event: OnSection | None,
) -> Evaluation:
    """The evaluation with the requested sections of networks that are trained again on other rows."""
    from tidynet.evaluation.sections import cross_validation_sections

    result = cross_validation_sections(
        model,
        table,
        options.target,
        folds=options.folds,
        repeats=options.repeats,
        curve=options.learning_curve,
        seed=options.seed,
        groups=apart.groups,
        order=apart.order,
        on_event=on_event,
    )
    return replace(evaluation, sections=(*evaluation.sections, *result))


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
    from tidynet.evaluation.evaluate import evaluate
    from tidynet.evaluation.sections import compute_sections, select_sections

    found = _split_table(model, table)
    scored = evaluate(model, found.test, sections="scores", progress=False)
    scored = replace(scored, notes=(*scored.notes, *_split_notes(found.split)))
    features = found.test.drop(target=scored.target).frame
    outputs = model.predict_proba(features) if is_classifier(model) else model.predict_point(features)
    seed = model.record_["provenance"]["seed"]
    options = TrainOptions(target=scored.target, seed=seed, folds=folds, repeats=repeats, learning_curve=learning_curve)
    tested = _evaluation_context(
        model, found.labeled, found.labels, found.split, found.numbers, options, np.asarray(outputs)
    )
    tested = replace(tested, n_training_rows=model.record_["provenance"]["rows"]["training"])
    with progress_function(progress, on_event, lambda bar: bar.update_section) as on_section:
        computed = compute_sections(tested, select_sections(sections), on_section)
        return with_extra_sections(
            replace(scored, sections=computed), model, found.labeled, options, found.split.split_spec, on_section
        )


@dataclass(frozen=True)
class _SplitTable:
    """The rows with a target of the table of a training, and their split."""

    labeled: Table
    labels: Array
    numbers: Array
    split: Split

    @property
    def test(self) -> Table:
        return self.labeled.take(self.split.test)


def _split_table(model: FittedModel, table: Any) -> _SplitTable:
    from tidynet.estimators.fitted_model import training_formats
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
    whole = read(table, column_formats=training_formats(model) if isinstance(table, str | os.PathLike) else {})
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
    split_spec = SplitSpec.from_dict(whole.take(numbers), provenance.get("split", {}))
    size, seed = provenance["test_size"], provenance["seed"]
    split = split_train_test(len(labels), size, 0.0, seed, codes, split_spec=split_spec)
    return _SplitTable(stored, labels, numbers, split)
