"""Groups of rows: whole in validation and in calibration."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tidynet
from tidynet.core.errors import InputError
from tidynet.estimators.estimator import NetworkEstimator

GROUPS = np.random.default_rng(1).integers(0, 30, 240)
X = np.random.default_rng(2).normal(size=(240, 2))
Y = np.where(X[:, 0] + 0.5 * np.random.default_rng(3).normal(size=240) > 0, "yes", "no")


def parts_of(seen: list[Any]) -> list[set[int]]:
    return [set(np.unique(groups).tolist()) for groups in seen]


def test_each_network_watches_whole_groups() -> None:
    names = np.array([f"person {group}" for group in GROUPS])
    model = tidynet.MLPClassifier(preset="tidynet", random_state=0, effort="fast", max_iter=2).fit(X, Y, groups=names)
    assert len(model.folds_) == 3
    watched = parts_of([GROUPS[fold] for fold in model.folds_])
    assert sum(len(part) for part in watched) == len(set(GROUPS.tolist()))
    # the same groups by other names, the same network
    again = tidynet.MLPClassifier(preset="tidynet", random_state=0, effort="fast", max_iter=2).fit(X, Y, groups=GROUPS)
    np.testing.assert_array_equal(model.predict_proba(X), again.predict_proba(X))
    assert model.predict_set(X[:5], coverage=0.9)


def test_one_network_watches_whole_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from tidynet.estimators import estimator

    seen: list[Any] = []
    split = estimator.split_train_validation

    def record_split(*given: Any) -> Any:
        seen.append(split(*given))
        return seen[-1]

    monkeypatch.setattr(estimator, "split_train_validation", record_split)
    tidynet.MLPClassifier(preset="tidynet", random_state=0, n_networks=1, early_stopping=True, max_iter=2).fit(
        X, Y, groups=GROUPS
    )
    [rows] = seen
    training, watched = parts_of([GROUPS[rows.training], GROUPS[rows.validation]])
    assert watched
    assert not training & watched


def test_networks_that_calibrate_in_turn_leave_out_whole_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    fit = NetworkEstimator.fit

    def record_split(self: Any, *rest: Any, **options: Any) -> Any:
        seen.append(options["groups"])
        return fit(self, *rest, **options)

    monkeypatch.setattr(NetworkEstimator, "fit", record_split)
    model = tidynet.MLPClassifier(preset="tidynet", random_state=0, solver="lbfgs", max_iter=5).fit(X, Y, groups=GROUPS)
    model.predict_set(X[:3])
    everyone, *twins = parts_of(seen)
    assert len(twins) == 5
    assert sum(len(everyone) - len(part) for part in twins) == len(everyone)


def test_rows_of_weight_0_leave_with_their_groups() -> None:
    weights = np.where(GROUPS < 10, 0.0, 1.0)
    model = tidynet.MLPClassifier(preset="tidynet", random_state=0, effort="fast", max_iter=2)
    model.fit(X, Y, sample_weight=weights, groups=GROUPS)
    kept = GROUPS[GROUPS >= 10]
    assert sum(len(part) for part in parts_of([kept[fold] for fold in model.folds_])) == 20


def test_groups_of_another_length_are_named() -> None:
    with pytest.raises(InputError, match=r"groups has shape \(3,\), expected one value for each of 240 rows"):
        tidynet.MLPClassifier().fit(X, Y, groups=[1, 2, 3])
