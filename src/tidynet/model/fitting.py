"""Fitting: a table and its target in, trained networks out; all at once, or a batch of rows at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if

from tidynet.errors import InputError
from tidynet.model.defaults import Settings
from tidynet.model.doubt import Doubtful, LearntFrom
from tidynet.model.incoming import as_groups, as_incoming, as_rows, as_target, as_weights, target_name
from tidynet.model.members import Listener, Member, member_plan, train_members
from tidynet.model.parameters import check_parameters
from tidynet.model.starts import given_layers, scikit_learn_layers
from tidynet.model.training_rows import TrainingRows, split_rows
from tidynet.net import History, Plan
from tidynet.progress.verbose import Verbose, iteration
from tidynet.table import refuse_infinities

__all__ = ["Fitting"]

Array = NDArray[Any]

# What warm_start keeps of the network, and the parameter that a user would have changed.
KEPT = {
    "hidden": "hidden_layer_sizes",
    "activations": "activation",
    "output_activation": "output_activation",
    "loss": "loss",
    "biases": "biases",
}


def _can_go_on(estimator: Fitting) -> bool:
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit is only for solvers that take steps of a batch, not for 'lbfgs'")
    return True


class Fitting(Doubtful):
    """`fit`, anew or from the weights that are there, and `partial_fit`."""

    _trained: list[Member] | None = None  # what the next partial_fit goes on from

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation_rows: Any = None,
        groups: Any = None,
        listen: Listener | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Self:
        """Learn from a table and its target.

        Parameters
        ----------
        X : Table, data frame or array of shape (rows, columns)
            Features; numbers, categories and missing values as they are.
        y : array or column of shape (rows,)
            The target, without missing values.
        sample_weight : array of shape (rows,), optional
            Weight of each row, at least 0.
        validation_rows : array of int or bool, optional
            Rows of X to stop early by, by number or as a mask, instead of a random share of them.
        groups : array or column of shape (rows,), optional
            What rows belong together, as those of one person do: all rows of one are learnt from, or all are watched,
            where training stops early and where doubt is measured.
        listen : callable, optional
            Called with (restart, `EpochRecord`) after each epoch.
        stop : callable, optional
            Asked often; True ends training, and the best weights so far are kept.

        Returns
        -------
        self

        Raises
        ------
        InputError
            If X, y or a parameter cannot be used; the sentence says which and what to do.
        """
        check_parameters(self.get_params(deep=False))
        began = time.perf_counter()
        incoming = as_incoming(X)
        if incoming.frame is not None:
            refuse_infinities(incoming.frame)
        target = as_target(y, incoming.rows)
        held_out, together = as_rows(validation_rows, incoming.rows), as_groups(groups, incoming.rows)
        warm = bool(self.warm_start) and hasattr(self, "members_")
        if warm and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width, "set warm_start=False to begin anew")
        self._learn_target(target, fresh=not warm)
        given = as_weights(sample_weight, incoming.rows)
        weights = self._more_weights(target, given)
        if weights is not None and not weights.all():
            kept = np.flatnonzero(weights)  # a row of weight 0 teaches nothing, scales included
            if held_out is not None:
                held_out = as_rows(np.searchsorted(kept, np.intersect1d(held_out, kept)), len(kept))
            incoming, target, weights = incoming.take(kept), target[kept], weights[kept]
            given, together = (None if one is None else one[kept] for one in (given, together))
        settings = self._settings(incoming)
        if warm:
            self._refuse_other_network(settings)
        self._keep_names(incoming)
        self.settings_ = settings
        random_state = check_random_state(self.random_state)
        seed = int(random_state.randint(np.iinfo(np.int32).max)) if self.settings_.preset == "tidynet" else 0
        rows = split_rows(incoming.rows, self.settings_, seed, self._strata(target), held_out, together)
        if not warm:
            self._make_recipe(incoming.take(rows.training) if len(rows.validation) else incoming)
            self.network_ = self._network()
        starts = [theta.copy() for theta in self.members_] if warm else self._starts(seed, random_state)
        if self.settings_.preset != "tidynet":
            seed = int(random_state.randint(np.iinfo(np.int32).max))
        plan = self._plan(self.settings_, seed, rows.counts[0])
        told = Verbose(len(starts), plan.epochs) if self.verbose and listen is None else nullcontext()
        with told as hear:
            trained = train_members(
                self.network_, starts, self._parts(incoming, target, weights, rows), plan, threads=self.threads,
                listen=hear or listen, stop=stop, checkpoint=self._checkpoint(), began=began,
            )  # fmt: skip
            if hear is not None:
                hear.ended([one.history for one in trained], any(one.interrupted for one in trained))
        self._keep(trained, rows)
        self._keep_record(target_name(y))
        self.constant_loss_ = self._constant_loss(target, weights)
        # partial_fit goes on from these weights with an optimizer that has seen nothing yet
        self._trained, self._seed = None, seed
        if warm:
            self._set_none_aside()  # earlier trainings may have seen any of these rows
        else:
            self._measure_doubt(LearntFrom(incoming, target, weights, given, together), rows.validation, rows.folds)
        self._keep_familiar(incoming, target)
        self._check_convergence()
        return self

    @available_if(_can_go_on)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, **target_options: Any) -> Self:
        """Learn one more epoch from these rows, keeping the optimizer's state.

        Parameters
        ----------
        X, y, sample_weight
            As for `fit`; the first call learns the encoding of the columns.
        classes : array, optional
            For a classifier, all classes that will ever come; needed in the first call.

        Returns
        -------
        self
        """
        if self.early_stopping is True:
            raise InputError("partial_fit does not support early_stopping=True", "set it to False, or use fit")
        check_parameters(self.get_params(deep=False))
        first = not hasattr(self, "members_")
        incoming = as_incoming(X, judged=first)
        if not first and incoming.width != self.n_features_in_:
            raise self._wrong_width(incoming.width)
        target = as_target(y, incoming.rows)
        self._go_on_with_target(target, first, **target_options)
        weights = self._more_weights(target, as_weights(sample_weight, incoming.rows))
        rows = TrainingRows(slice(None), incoming.rows, np.arange(0))
        if first:
            self._keep_names(incoming)
            self.settings_ = self._settings(incoming)
            self._make_recipe(incoming)
            self.network_ = self._network()
            random_state = check_random_state(self.random_state)
            starts = self._starts(0, random_state)
            self._seed = int(random_state.randint(np.iinfo(np.int32).max))
            self._trained = None
        plan = self._plan(self.settings_, getattr(self, "_seed", 0), incoming.rows, epochs=1)
        earlier = self._trained
        if not first:
            starts = [theta.copy() for theta in self.members_]
        data = self._data(incoming, target, weights, rows.training)
        trained = train_members(
            self.network_, starts, lambda _: (data, None), plan, earlier=earlier, threads=self.threads
        )
        histories = self.histories_ if not first else [History() for _ in trained]
        for history, one in zip(histories, trained, strict=True):
            done = len(history)
            history.epochs.extend(replace(record, epoch=done + n) for n, record in enumerate(one.history.epochs, 1))
            one.history.epochs[:] = history.epochs
        name = target_name(y) or (None if first else self.record_.get("target"))
        self._trained = self._keep(trained, rows)
        self._keep_record(name)
        if self.verbose:
            print(iteration(self.history_.epochs[-1]))
        self._set_none_aside()
        self._familiar = None
        return self

    def _go_on_with_target(self, y: Array, first: bool) -> None:
        self._learn_target(y, fresh=first)

    def _refuse_other_network(self, settings: Settings) -> None:
        """Refuse, in a warm start, parameters that ask for another network than the one that is there."""
        found = {"restarts": (self.settings_.restarts, settings.restarts)}
        wanted = self._network(settings)
        found |= {name: (getattr(self.network_, own), getattr(wanted, own)) for own, name in KEPT.items()}
        for name, (there, asked) in found.items():
            if there != asked:
                raise InputError(
                    f"warm_start goes on with the network of the last fit, whose {name} is {there}, not {asked}",
                    "set warm_start=False to begin anew",
                )

    def _starts(self, seed: int, random_state: np.random.RandomState) -> list[Array]:
        """Initial weights of each restart: drawn by a rule, or given as (coefs, intercepts)."""
        if not isinstance(self.initial, str):
            theta = self.network_.flatten(given_layers(self.initial, self.network_), self.dtype_)
            return [theta.copy() for _ in range(self.settings_.restarts)]
        if self.initial == "auto" and self.settings_.preset == "scikit-learn":
            return [
                self.network_.flatten(scikit_learn_layers(random_state, self.network_), self.dtype_)
                for _ in range(self.settings_.restarts)
            ]
        plan = Plan(seed=seed)
        return [
            self.network_.initial(member_plan(plan, restart).seed, self.initial, self.dtype_)
            for restart in range(self.settings_.restarts)
        ]
