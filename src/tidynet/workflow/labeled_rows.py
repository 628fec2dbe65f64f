"""The rows that can be learnt from: the task, the target's values, and which part each row belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.table.variable_type import TypeInference, VariableType
from tidynet.workflow.events import TableRead
from tidynet.workflow.options import TrainOptions

if TYPE_CHECKING:
    from tidynet.estimators.defaults import Settings
    from tidynet.preprocessing import Split, SplitSpec
    from tidynet.table import Table

__all__ = ["make_split", "select_labeled_rows", "target_labels"]

Array = NDArray[Any]

MIN_ROWS = 20
FEWEST_TRAINING_ROWS = 10
# A target of at most so many different numbers may be classes that are written as numbers.
MOST_NUMBERS_LIKE_CLASSES = 10
VALIDATION_SIZE = 1 / 6
SPLIT_BY = "rows are split by it"


def select_labeled_rows(full_table: Table, options: TrainOptions) -> tuple[Table, str, TableRead]:
    """The rows that have a target, without dropped columns; the task; what to say of it."""
    from tidynet.preprocessing import exclusion_reasons, infer_task

    if options.target in options.drop:
        raise InputError(f"the target '{options.target}' is also given to --drop", "leave one of them away")
    table = full_table.drop(*options.drop) if options.drop else full_table
    if options.group_column in table.columns:
        # Of new ones it tells nothing, so the network must not read it.
        name = str(options.group_column)
        table = replace(
            table, inferred_types={**table.inferred_types, name: TypeInference(VariableType.IDENTIFIER, SPLIT_BY)}
        )
    target = table[options.target]
    task = infer_task(target, table.inferred_types[options.target], options.task)
    known = target.is_not_null().to_numpy()
    dropped = int((~known).sum())
    stored = replace(table.take(np.flatnonzero(known)), notes=())
    if stored.height < MIN_ROWS:
        without = f" after {dropped} without a target were dropped" if dropped else ""
        raise InputError(
            f"the table has {stored.height} usable rows{without}, expected at least {MIN_ROWS}",
            "give more rows",
        )
    features = [name for name in stored.columns if name != options.target]
    if not features:
        without = " once the columns given to --drop are left out" if options.drop else ""
        raise InputError(
            f"the table has no column besides the target '{options.target}'{without}",
            "give a table with at least one column to learn from",
        )
    aside = exclusion_reasons(stored.inferred_types, features)
    left_out = (f"left out on request: {', '.join(options.drop)}",) if options.drop else ()
    notes = (*full_table.notes, *left_out, *_alternative_task(stored, options, task))
    return stored, task, TableRead(stored, options.target, task, aside, dropped, notes)


def _alternative_task(table: Table, options: TrainOptions, task: str) -> tuple[str, ...]:
    """Say how to get classes, where numbers are so few that classes may be meant."""
    distinct = table[options.target].n_unique()
    if options.task != "auto" or task != "regression" or distinct > MOST_NUMBERS_LIKE_CLASSES:
        return ()
    classes = "binary" if distinct == 2 else "multiclass"
    return (
        f"the target '{options.target}' has only {distinct} different numbers; "
        f"if they are names of classes, say --task {classes}",
    )


def target_labels(table: Table, target: str, task: str) -> tuple[Array, Array | None]:
    """The target's values, and the code of each row's class."""
    from tidynet.preprocessing import LabelEncoder, target_values
    from tidynet.table import refuse_infinities

    refuse_infinities(table.frame)
    values = target_values(table[target], task)
    return values, None if task == "regression" else LabelEncoder.fit(values).transform(values)


def make_split(
    labels: Array, codes: Array | None, options: TrainOptions, settings: Settings, split_spec: SplitSpec | None = None
) -> Split:
    """The rows of each part; refused where too few are left to learn from."""
    from tidynet.preprocessing import split_train_test

    # Each network watches a fold of its own, or all one part; of rows in time, what came last.
    in_time = split_spec is not None and split_spec.order is not None
    validation = VALIDATION_SIZE if settings.early_stopping and (in_time or not settings.validation_folds) else 0.0
    names = () if codes is None else tuple(str(label) for label in np.unique(labels))
    split = split_train_test(len(labels), options.test_size, validation, options.seed, codes, names, split_spec)
    if len(split.training) < FEWEST_TRAINING_ROWS:
        raise InputError(
            f"--test-size {options.test_size:g} leaves {len(split.training)} of {len(labels)} rows for training, "
            f"expected at least {FEWEST_TRAINING_ROWS}",
            "give a smaller share",
        )
    return split
