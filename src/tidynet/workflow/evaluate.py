"""The test rows, read once: scores, and what else is asked of them."""

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
    from tidynet.estimators.estimator import NetworkEstimator
    from tidynet.evaluation.result import Evaluation
    from tidynet.preprocessing import Split, SplitSpec
    from tidynet.table import Table

__all__ = ["predict_test_rows", "split_notes", "with_extra_sections"]

Array = NDArray[Any]


def predict_test_rows(
    model: NetworkEstimator,
    table: Table,
    labels: Array,
    task: str,
    split: Split,
    options: TrainOptions,
    numbers: Array,
    on_event: Callable[[Event], None],
) -> Evaluation:
    """Read the test rows: the only time that they are used. `numbers` are the rows' in the table as it was read."""
    from tidynet.evaluation.all_baselines import baselines_to_arrays, fit_all_baselines, predict_baselines
    from tidynet.evaluation.context import EvaluationContext
    from tidynet.evaluation.evaluate_predictions import evaluate_predictions
    from tidynet.evaluation.predictions import predicted_quantiles
    from tidynet.evaluation.sections import compute_sections, select_sections

    classes = getattr(model, "classes_", None)
    plain = table.drop(target=options.target).frame
    seen = np.sort(np.concatenate([split.training, split.validation]))
    rivals = fit_all_baselines(task, model.recipe_.transform(plain[seen]), labels[seen], classes, options.seed)
    beside = predict_baselines(rivals, model.recipe_.transform(plain[split.test]), task, classes)
    model.record_["baselines"], arrays = baselines_to_arrays(rivals)
    model.arrays_ |= arrays
    unseen = plain[split.test]
    own = (
        model.predict_point(unseen) if classes is None else model.predict(unseen),
        None if classes is None else model.predict_proba(unseen),
    )
    result = evaluate_predictions(
        task,
        options.target,
        classes,
        labels[split.test],
        own,
        beside,
        options.seed,
        predicted_quantiles(model, unseen),
    )
    tested = EvaluationContext(
        model=model,
        features=unseen,
        y_true=labels[split.test],
        target=options.target,
        outputs=np.asarray(own[0] if own[1] is None else own[1]),
        rows=numbers[split.test],
        seed=options.seed,
        table=table,
        training_rows=seen,
        test_rows=split.test,
        is_random_split=split.split_spec.order is None,
        n_training_rows=len(split.training),
    )
    names = select_sections(options.sections)
    sections = compute_sections(tested, names, lambda *started: on_event(SectionStarted(*started)))
    return replace(result, notes=(*result.notes, *split_notes(split)), sections=sections)


def split_notes(split: Split) -> tuple[str, ...]:
    """What the scores are of, where rows were not drawn at random."""
    return split.notes if split.split_spec.column else ()


def with_extra_sections(
    evaluation: Evaluation,
    model: NetworkEstimator,
    table: Table,
    options: TrainOptions,
    apart: SplitSpec,
    on_event: OnSection | None,
) -> Evaluation:
    """With what was asked for beside: networks learnt anew on other rows, of which none is kept."""
    from tidynet.evaluation.retraining_sections import cross_validation_sections

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
