"""The evaluation on the test set: scores, and the requested sections."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.workflow.events import Event, SectionStarted
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.core.progress import OnSection
    from tidynet.estimators.fitted_model import FittedModel
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
    from tidynet.evaluation.context import EvaluationContext
    from tidynet.evaluation.evaluate_predictions import evaluate_predictions
    from tidynet.evaluation.predictions import predicted_quantiles
    from tidynet.evaluation.sections import compute_sections, select_sections

    features = table.drop(target=options.target).frame
    training_rows = np.sort(np.concatenate([split.training, split.validation]))
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
    result = evaluate_predictions(
        task,
        options.target,
        classes,
        labels[split.test],
        own,
        predict_baselines(baselines, model.recipe_.transform(test_features), task, classes),
        options.seed,
        predicted_quantiles(model, test_features),
    )
    tested = EvaluationContext(
        model=model,
        features=test_features,
        y_true=labels[split.test],
        target=options.target,
        outputs=np.asarray(own[0] if own[1] is None else own[1]),
        rows=numbers[split.test],
        seed=options.seed,
        table=table,
        training_rows=training_rows,
        test_rows=split.test,
        is_random_split=split.split_spec.order is None,
        n_training_rows=len(split.training),
    )
    names = select_sections(options.sections)
    sections = compute_sections(tested, names, lambda *started: on_event(SectionStarted(*started)))
    return replace(result, notes=(*result.notes, *split_notes(split)), sections=sections)


def split_notes(split: Split) -> tuple[str, ...]:
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
