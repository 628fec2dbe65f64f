"""Section "Data leakage": columns, duplicates and splits that make the scores too good."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from tidynet.core.errors import InputError
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.evaluation_data import used_columns
from tidynet.evaluation.leakage import find_leakage
from tidynet.evaluation.section import AttentionItem, CardPlace, EvaluationSection, SectionName, SectionSpec
from tidynet.evaluation.train_test_duplicates import TRAINING_ROWS_IN_TEST, find_training_rows

_NO_ACTION = 0.2  # findings of a lower priority need none


def read(context: EvaluationContext) -> EvaluationSection:
    """Findings of the table, its split and the training rows that the model stores."""
    if context.table is None:
        raise InputError("the order of the rows in the table is unknown")
    findings = find_leakage(
        context.table,
        context.target,
        training=context.training_rows,
        test=context.test_rows,
        used=used_columns(context.model, context.features),
        at_random=context.is_random_split,
        accuracy=context.accuracy,
    )
    if context.training_rows is None:  # the model stores training rows, all or a sample
        y_true = context.y_true if context.class_codes is None else context.class_codes
        overlap = find_training_rows(context.model, context.features, context.rows, y_true)
        findings = findings if overlap is None else (overlap, *findings)
    sentences = [item.text for item in findings]
    where = "the table" if context.training_rows is None else "the table and its split"
    facts = {"findings": [asdict(item) for item in findings]}
    return SPEC.section(sentences or [f"no data leakage found in {where}"], facts=facts)


def attention(section: EvaluationSection) -> Iterator[AttentionItem]:
    """Findings that call for an action; training rows in the test are `Evaluation.invalid_test`."""
    for item in section.facts.get("findings", ()):
        if item["code"] != TRAINING_ROWS_IN_TEST and item["priority"] > _NO_ACTION:
            columns = f"{', '.join(item['columns'])}: " if item["columns"] else ""
            yield AttentionItem(section.name, f"{columns}{item['sentence']}", item["action"], item["priority"])


SPEC = SectionSpec(SectionName.LEAKAGE, "Data leakage", read, attention, card_place=CardPlace.CAVEATS)
