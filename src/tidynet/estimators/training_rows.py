"""The rows of one fit → what each network of the ensemble trains on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidynet.core.errors import InputError
from tidynet.core.text import pluralize
from tidynet.engine import History, LossOptions, Network, prepare_data
from tidynet.engine.kernels import Data
from tidynet.estimators.encoder import ClassTarget, FeatureEncoder, NumericTarget
from tidynet.estimators.ensemble import EnsembleMember, Parts
from tidynet.estimators.training_settings import Settings
from tidynet.estimators.uncertainty import TrainingData
from tidynet.preprocessing import Recipe, assign_folds, sample_test_rows

Array = NDArray[Any]

# What warm_start keeps of the network, and the parameter that a user would have changed.
ARCHITECTURE = {
    "hidden": "hidden_layer_sizes",
    "activations": "activation",
    "output_activation": "output_activation",
    "loss": "loss",
    "use_bias": "use_bias",
}


@dataclass(frozen=True)
class TrainValidationRows:
    """Training rows, their number, and validation rows; with folds each network validates on one of them."""

    training: Array | slice
    count: int
    validation: Array
    folds: tuple[Array, ...] = ()

    def of(self, number: int) -> tuple[Array | slice, Array]:
        """The training and the validation rows of one network."""
        if not self.folds:
            return self.training, self.validation
        fold = self.folds[number % len(self.folds)]
        return np.delete(np.arange(self.count), fold), fold

    @property
    def counts(self) -> tuple[int, int]:
        """Training and validation rows of the first network."""
        if self.folds:
            return self.count - len(self.folds[0]), len(self.folds[0])
        return self.count, len(self.validation)


def split_train_validation(
    data: TrainingData, settings: Settings, seed: int, target: ClassTarget | NumericTarget, given: Array | None,
    groups: Array | None = None,
) -> TrainValidationRows:  # fmt: skip
    """Training and validation rows, all sorted; `given` are validation rows of the user."""
    rows, strata = data.rows, target.strata(data.target)
    if given is not None:
        held_out = given
    elif not settings.early_stopping or settings.solver == "lbfgs":
        held_out = np.arange(0)
    elif settings.validation_folds > 1:
        folds = assign_folds(rows, settings.validation_folds, np.random.default_rng(seed), strata, groups)
        return TrainValidationRows(slice(None), rows, np.arange(0), folds)
    else:
        if isinstance(target, ClassTarget) and strata is not None and settings.preset != "tidynet" and groups is None:
            _check_rows_per_class(strata, target.classes, settings.validation_fraction)
        held_out = _validation_rows(np.arange(rows), settings, seed, strata, groups)
    if not len(held_out):
        return TrainValidationRows(slice(None), rows, held_out)
    kept = np.ones(rows, dtype=bool)
    kept[held_out] = False
    training = np.flatnonzero(kept)
    return TrainValidationRows(training, len(training), held_out)


def _check_rows_per_class(strata: Array, classes: Array, fraction: float) -> None:
    """Refuse classes that cannot be both in the training and in the validation set, as scikit-learn splits them."""
    counts = np.bincount(strata, minlength=len(classes))
    present = counts[counts > 0]
    hint = "give more rows, or set early_stopping=False"
    if present.min() < 2:
        label = classes[int(np.flatnonzero(counts == present.min())[0])]
        raise InputError(
            f"early stopping splits each class, but class {label.item()!r} has 1 row, expected 2 or more", hint
        )
    n_validation = math.ceil(len(strata) * fraction)
    for name, n_rows, change in (
        ("validation", n_validation, "raise"), ("training", len(strata) - n_validation, "lower"),
    ):  # fmt: skip
        if n_rows < len(present) and n_validation > 1:
            raise InputError(
                f"the {name} set has {pluralize(n_rows, 'row')}, expected {len(present)} or more, one for each class",
                f"{change} validation_fraction, {hint}",
            )


def _validation_rows(rows: Array, settings: Settings, seed: int, strata: Array | None, groups: Array | None) -> Array:
    fraction = settings.validation_fraction
    if not 0 < fraction < 1:
        raise InputError(f"validation_fraction is {fraction}, expected a fraction between 0 and 1")
    if settings.preset == "tidynet" or groups is not None:
        return sample_test_rows(rows, fraction, np.random.default_rng(seed), strata, groups)
    from sklearn.model_selection import train_test_split

    named = None if strata is None else strata.astype(bool).astype(str) if strata.max() <= 1 else strata
    held_out = np.sort(train_test_split(rows, test_size=fraction, random_state=seed % 2**31, stratify=named)[1])
    if len(held_out) < 2:
        raise InputError("The validation set is too small", "increase validation_fraction or give more rows")
    return held_out


@dataclass(frozen=True)
class FitRows:
    """The rows of one fit, and which of them train and validate which network."""

    data: TrainingData
    split: TrainValidationRows


def make_network(
    recipe: Recipe, settings: Settings, output: tuple[int, str, str, LossOptions], use_bias: bool
) -> Network:
    """The network for the features of a recipe; `output` is (units, activation, loss, options)."""
    hidden, chosen = settings.hidden_layer_sizes, settings.activation
    outputs, output_activation, loss, options = output
    return Network(
        numbers=len(recipe.numbers) + sum(encoder.add_indicator for encoder in recipe.numbers),
        hidden=hidden,
        outputs=outputs,
        bins=tuple(encoder.bin_rows for encoder in recipe.binned),
        categories=tuple(encoder.code_rows for encoder in recipe.categories),
        activations=(chosen,) * len(hidden) if isinstance(chosen, str) else tuple(chosen),
        output_activation=output_activation,
        loss=loss,
        options=options,
        use_bias=use_bias,
    )


def check_same_architecture(present: Network, requested: Network, n_present: int, n_requested: int) -> None:
    """Refuse, in a warm start, parameters of another network than the present one."""
    values: dict[str, tuple[Any, Any]] = {"n_networks": (n_present, n_requested)}
    values |= {name: (getattr(present, own), getattr(requested, own)) for own, name in ARCHITECTURE.items()}
    for name, (before, now) in values.items():
        if before != now:
            raise InputError(
                f"{name} is {now}, but warm_start continues a network whose {name} is {before}",
                "set warm_start=False to train anew",
            )


def encode_rows(encoder: FeatureEncoder, target: ClassTarget | NumericTarget, network: Network, rows: FitRows) -> Parts:
    """The encoded training and validation rows of each network."""
    data, split = rows.data, rows.split

    def encode(data: TrainingData) -> Data:
        inputs = encoder.inputs(encoder.features(data.incoming))
        return prepare_data(network, inputs, target.encode(data.target, encoder.dtype), data.weights)

    if not split.folds:
        training = encode(data if isinstance(split.training, slice) else data.select_rows(split.training))
        validation = encode(data.select_rows(split.validation)) if len(split.validation) else None
        return lambda _: (training, validation)
    inputs = encoder.inputs(encoder.features(data.incoming))
    encoded = target.encode(data.target, encoder.dtype)

    def prepare_rows(chosen: Array | slice) -> Data:
        weights = None if data.weights is None else data.weights[chosen]
        return prepare_data(network, inputs.take(chosen), encoded[chosen], weights)

    def parts(number: int) -> tuple[Data, Data]:
        training_rows, validation_rows = split.of(number)
        return prepare_rows(training_rows), prepare_rows(validation_rows)

    return parts


def extend_histories(trained: list[EnsembleMember], histories: list[History] | None) -> None:
    """Number the epochs of a partial_fit after those of earlier calls."""
    for item, earlier in zip(trained, histories or [History() for _ in trained], strict=True):
        done = len(earlier)
        earlier.epochs.extend(replace(record, epoch=done + n) for n, record in enumerate(item.history.epochs, 1))
        item.history.epochs[:] = earlier.epochs
