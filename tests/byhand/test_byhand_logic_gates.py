"""Logic gates as step units."""

from __future__ import annotations

import numpy as np
import pytest

import tidynet as tn
from tidynet.byhand.logic_gates import GATES


@pytest.mark.parametrize(
    ("name", "outputs"),
    [("AND", "0001"), ("OR", "0111"), ("NAND", "1110"), ("NOR", "1000"), ("XOR", "0110"), ("NOT", "10")],
)
def test_truth_tables(name, outputs):
    gate = tn.byhand.logic_gate(name)
    assert "".join(str(row[-1]) for row in gate.truth_table) == outputs
    assert gate.is_correct
    assert [gate(*row[:-1]) for row in gate.truth_table] == [int(digit) for digit in outputs]


def test_a_wrong_unit_is_found():
    right = GATES["AND"]
    wrong = type(right)("AND", GATES["OR"].layers, right.expected)
    assert not wrong.is_correct


@pytest.mark.parametrize("name", ["AND", "OR", "NOT", "NAND", "NOR"])
def test_a_perceptron_learns_linearly_separable_gates(name):
    gate = tn.byhand.logic_gate(name)
    model = gate.fit_perceptron()
    assert model.converged_
    assert model.predict(gate.inputs).tolist() == gate.predict(gate.inputs).tolist()


def test_no_perceptron_learns_exclusive_or():
    model = tn.byhand.logic_gate("xor").fit_perceptron(max_epochs=30)
    assert not model.converged_
    assert "the classes are not linearly separable" in model.outcome_


def test_exclusive_or_is_printed_unit_by_unit():
    text = str(tn.byhand.logic_gate("XOR"))
    assert "OR: x₁ + x₂ − 0.5 = 0" in text
    assert "XOR: AND of OR and NAND, x₁ + x₂ − 1.5 = 0" in text
    assert text.splitlines()[-1].split() == ["1", "1", "1", "0", "0"]


@pytest.mark.parametrize("name", GATES)
def test_the_figure_has_boundaries_and_points(name):
    gate = GATES[name]
    axes = gate.plot().axes[0]
    assert len(axes.lines) == len(gate.layers[0]) + len(gate.inputs)
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert [label.partition(":  ")[2] or label for label in labels] == [unit.boundary for unit in gate.layers[0]]


def test_mistakes_are_named():
    with pytest.raises(tn.InputError, match="did you mean 'NAND'"):
        tn.byhand.logic_gate("NANDD")
    with pytest.raises(tn.InputError, match="AND has 1 input, expected 2"):
        tn.byhand.logic_gate("AND")(1)
    assert np.array_equal(tn.byhand.logic_gate("OR").predict(np.zeros((1, 2))), [0])
