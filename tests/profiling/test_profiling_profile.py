"""Profiles as JSON and back."""

from __future__ import annotations

import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tidynet.profiling.counts import Bars, Histogram
from tidynet.profiling.profile import ColumnProfile, Finding, PairCounts, PairProfile, Profile, TargetAssociation

names = st.text(max_size=6)
floats = st.floats(allow_nan=False, allow_infinity=False)
whole = st.integers(0, 2**40)
numbers = st.dictionaries(names, floats, max_size=3)
words = st.dictionaries(names, names, max_size=3)


def tuples(of: st.SearchStrategy) -> st.SearchStrategy:  # type: ignore[type-arg]
    return st.lists(of, max_size=3).map(tuple)


bars = st.builds(Bars, tuples(names), tuples(whole), whole, whole, whole)
histograms = st.builds(
    Histogram, tuples(floats), tuples(whole), st.sampled_from(["linear", "log", "time"]), floats, floats, floats, names
)
pictures = bars | histograms
pair_counts = st.none() | st.builds(PairCounts, pictures, pictures, tuples(tuples(whole)))
columns = st.builds(
    ColumnProfile, names, names, names, whole, whole, st.none() | whole, numbers, tuples(st.tuples(names, whole)),
    st.none() | pictures, words, words, tuples(tuples(names)), st.dictionaries(names, tuples(whole), max_size=2),
)  # fmt: skip
findings = st.builds(
    Finding, names, st.sampled_from(["high", "medium", "low"]), floats, tuples(names), names,
    st.dictionaries(names, floats | names, max_size=2), names, names,
)  # fmt: skip
profiles = st.builds(
    Profile,
    name=names, source=names, rows=whole, columns=tuples(columns),
    pairs=tuples(st.builds(PairProfile, names, names, numbers, floats, floats, whole, pair_counts)),
    target=st.none() | names,
    target_associations=tuples(st.builds(TargetAssociation, names, floats, floats, floats, whole, pair_counts)),
    missing_patterns=tuples(st.tuples(tuples(names), whole)), duplicates=st.none() | whole,
    findings=tuples(findings), bytes=whole, notes=tuples(names), seconds=floats,
)  # fmt: skip


@given(profiles)
@settings(max_examples=50)
def test_a_profile_survives_json(profile: Profile) -> None:
    assert Profile.from_dict(json.loads(json.dumps(profile.to_dict()))) == profile


def test_an_undefined_number_becomes_nan() -> None:
    relation = TargetAssociation("x", math.nan, 0.0, 1.0, 10)
    profile = Profile("t", "", 10, (), target_associations=(relation,))
    assert math.isnan(Profile.from_dict(profile.to_dict()).target_associations[0].explained_share)
