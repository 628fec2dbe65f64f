"""The test rows, read once: scores, and what else is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.experiment.events import Event, PartBegun
from tidynet.experiment.options import Options

if TYPE_CHECKING:
    from tidynet.model.estimator import NetworkEstimator
    from tidynet.prepare import Apart, Split
    from tidynet.table import Table
    from tidynet.trust.evaluation import Evaluation
    from tidynet.trust.section import Section
    from tidynet.trust.sections import Case, Heard

__all__ = ["apart_notes", "read_test_rows", "sections_of", "with_more"]

Array = NDArray[Any]

MOST_ROWS_TRAINED_AGAIN = 1_000


def read_test_rows(
    model: NetworkEstimator,
    table: Table,
    labels: Array,
    task: str,
    split: Split,
    options: Options,
    numbers: Array,
    tell: Callable[[Event], None],
) -> Evaluation:
    """Read the test rows: the only time that they are used. `numbers` are the rows' in the table as it was read."""
    from tidynet.trust.evaluation import evaluate_predictions
    from tidynet.trust.predictions import predicted_quantiles
    from tidynet.trust.rivals import fit_rivals, predictions_of, store
    from tidynet.trust.sections import Case

    classes = getattr(model, "classes_", None)
    plain = table.drop(target=options.target).frame
    seen = np.sort(np.concatenate([split.training, split.validation]))
    rivals = fit_rivals(task, model.recipe_.transform(plain[seen]), labels[seen], classes, options.seed)
    beside = predictions_of(rivals, model.recipe_.transform(plain[split.test]), task, classes)
    model.record_["baselines"], arrays = store(rivals)
    model.arrays_ |= arrays
    unseen = plain[split.test]
    own = (
        model.point(unseen) if classes is None else model.predict(unseen),
        None if classes is None else model.predict_proba(unseen),
    )
    found = evaluate_predictions(
        task,
        options.target,
        classes,
        labels[split.test],
        own,
        beside,
        options.seed,
        predicted_quantiles(model, unseen),
    )
    tested = Case(
        model=model,
        features=unseen,
        truth=labels[split.test],
        target=options.target,
        outputs=np.asarray(own[0] if own[1] is None else own[1]),
        rows=numbers[split.test],
        seed=options.seed,
        table=table,
        learnt=seen,
        tested=split.test,
        at_random=split.apart.order is None,
    )
    sections = sections_of(tested, options.parts, len(split.training), lambda *begun: tell(PartBegun(*begun)))
    return replace(found, notes=(*found.notes, *apart_notes(split)), sections=sections)


def apart_notes(split: Split) -> tuple[str, ...]:
    """What the scores are of, where rows were not drawn at random."""
    return split.notes if split.apart.column else ()


def sections_of(
    tested: Case, parts: str | tuple[str, ...], training_rows: int, listen: Heard | None
) -> tuple[Section, ...]:
    """What the parts that were asked for read from the test rows."""
    from tidynet.trust.section import Section
    from tidynet.trust.sections import PARTS, chosen_parts, read_sections

    # Where training set no rows aside, doubt costs several trainings more: worth it for few rows alone.
    dear = not (tested.model._has_scores() or training_rows <= MOST_ROWS_TRAINED_AGAIN)
    asked = chosen_parts(parts)
    sections = read_sections(tested, [name for name in asked if not (dear and name == "doubt")], listen)
    if not (dear and "doubt" in asked):
        return sections
    why = (
        "Not measured: this training set no rows aside, and five more to measure it by would take long "
        f"on {training_rows:,} rows. Train with early stopping, which sets rows aside, to have it."
    )
    place = asked.index("doubt")
    return (*sections[:place], Section("doubt", PARTS["doubt"][0], (why,)), *sections[place:])


def with_more(
    evaluation: Evaluation,
    model: NetworkEstimator,
    table: Table,
    options: Options,
    apart: Apart,
    listen: Heard | None,
) -> Evaluation:
    """With what was asked for beside: networks learnt anew on other rows, of which none is kept."""
    from tidynet.trust.more import more_sections

    found = more_sections(
        model,
        table,
        options.target,
        folds=options.folds,
        repeats=options.repeats,
        curve=options.learning_curve,
        seed=options.seed,
        groups=apart.groups,
        order=apart.order,
        listen=listen,
    )
    return replace(evaluation, sections=(*evaluation.sections, *found))
