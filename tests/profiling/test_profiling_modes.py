"""The number of modes: found where there are several, at the stated error rate where there is one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tidynet.profiling.histogram_bins import resolution
from tidynet.profiling.modes import ONE_MODE_LIMIT, dip, find_modes

Sampler = Callable[[np.random.Generator, int], np.ndarray]

ONE: dict[str, Sampler] = {
    "normal": lambda rng, n: rng.normal(size=n),
    "lognormal": lambda rng, n: rng.lognormal(size=n),
    "uniform": lambda rng, n: rng.random(n),
    "heavy tails": lambda rng, n: rng.standard_t(2, n),
    "whole numbers": lambda rng, n: rng.poisson(40, n),
    "rounded": lambda rng, n: rng.normal(5, 1, n).round(1),
    "rounded to fives by half": lambda rng, n: np.where(
        rng.random(n) < 0.5, rng.normal(50, 15, n).round(), (rng.normal(50, 15, n) / 5).round() * 5
    ),
    "two close groups": lambda rng, n: rng.normal(np.where(rng.random(n) < 0.5, 0, 1.8), 1),
    "outliers": lambda rng, n: np.append(rng.normal(size=n - 3), [30.0, 31.0, 32.0]),
}


@pytest.mark.parametrize("rows", [60, 400])
@pytest.mark.parametrize("name", ONE)
def test_one_mode(name: str, rows: int) -> None:
    rng = np.random.default_rng(rows)
    for _ in range(40):
        values = np.sort(ONE[name](rng, rows).astype(float))
        assert find_modes(values, resolution(values)) is None


@pytest.mark.parametrize(
    ("centers", "places"),
    [
        ((0, 6), (0, 6)),
        ((50, 80), (50, 80)),
        ((0, 8, 16), (0, 8, 16)),
        ((0, 7, 14, 21), (0, 7, 14, 21)),
        ((-9, 9), (-9, 9)),
    ],
)
def test_several_modes(centers: tuple[float, ...], places: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    values = np.sort(rng.choice(centers, 900) + rng.normal(size=900))
    found = find_modes(values)
    assert found is not None
    assert found.peaks == pytest.approx(places, abs=0.6)
    assert found.dip > ONE_MODE_LIMIT


def test_values_too_far_apart_for_a_density_have_no_modes() -> None:
    assert find_modes(np.sort(np.append(np.logspace(-30, 30, 400), 0.0))) is None


def test_the_dip_of_two_points_is_a_quarter() -> None:
    # The nearest distribution with one mode is half way between two jumps.
    assert dip(np.repeat([0.0, 1.0], 500) + np.linspace(0, 1e-3, 1000)) == pytest.approx(0.25, abs=0.01)


def test_uniform_samples_rarely_exceed_the_limit() -> None:
    rng = np.random.default_rng(2)
    values = [dip(np.sort(rng.random(100))) * 10 for _ in range(200)]
    assert np.mean(np.array(values) > ONE_MODE_LIMIT) <= 0.01
