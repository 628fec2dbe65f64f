"""Section "Feature effects": partial dependence, accumulated local effects and the strongest interaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace

from tidynet.core.notebook_cell import NotebookCell, code, escape_markdown, hidden_code, slide
from tidynet.core.text import format_number, format_percent, list_columns, quote
from tidynet.evaluation.context import EvaluationContext
from tidynet.evaluation.effects import (
    EffectCurve,
    FeatureEffect,
    InteractionEffect,
    feature_effects,
    strongest_interaction,
)
from tidynet.evaluation.section import EvaluationSection, Facts, SectionFigure, SectionName, SectionSpec

_MAX_EFFECTS = 3
_MIN_SHOWN = 0.0005  # of a probability
_DIFFERENT_RANGE = 0.5  # of the partial dependence, from which on local effects are stated too


def read(context: EvaluationContext) -> EvaluationSection:
    """Effects of the most important columns."""
    groups = context.importances.groups
    columns = [name for item in groups if item.low > 0 for name in item.columns]
    group_of = {name: item.columns for item in groups for name in item.columns}
    effects = [
        replace(item, correlated_columns=tuple(name for name in group_of[item.column] if name != item.column))
        for item in feature_effects(context.test_data, columns[:_MAX_EFFECTS], context.seed)
    ]
    pair = strongest_interaction(context.test_data, columns, context.seed)
    sentences = [effect_sentence(item) for item in effects] + ([] if pair is None else [interaction_sentence(pair)])
    facts = {"columns": [asdict(item) for item in effects], "pair": None if pair is None else asdict(pair)}
    return SPEC.section(sentences or ["no column is significantly important, so no effect is shown"], facts=facts)


def effect_sentence(effect: FeatureEffect) -> str:
    """The effect on the output with the widest range; the local effect where columns are correlated."""
    if effect.correlated_columns and effect.curves[0].ale:
        curve = max(effect.curves, key=lambda item: _range(item.ale))
        text = f"{quote(effect.column)}: accumulated local effect on {quote(curve.name)} {_local_change(effect, curve)}"
        return f"{text}; correlated with {list_columns(effect.correlated_columns)}"
    curve = max(effect.curves, key=lambda item: _range(item.partial_dependence))
    first, last = _extremes(effect, curve.partial_dependence)
    text = f"{quote(effect.column)}: mean prediction of {quote(curve.name)} "
    text += f"{_value(effect, curve.partial_dependence[first])} at {effect.labels[first]}, "
    text += f"{_value(effect, curve.partial_dependence[last])} at {effect.labels[last]}"
    ratio = _range(curve.ale) / max(_range(curve.partial_dependence), 1e-12) if curve.ale else 1.0
    return text + (
        f"; accumulated local effect {_local_change(effect, curve)}" if abs(ratio - 1) > _DIFFERENT_RANGE else ""
    )


def interaction_sentence(pair: InteractionEffect) -> str:
    """The strength of the interaction."""
    first, second = (quote(name) for name in pair.columns)
    return f"{first} × {second}: {format_percent(pair.interaction_strength)} of their joint effect is interaction (H²)"


def _local_change(effect: FeatureEffect, curve: EffectCurve) -> str:
    first, last = _extremes(effect, curve.ale)
    change = curve.ale[last] - curve.ale[first]
    sign = "+" if change > 0 else "−"
    return f"{sign}{_value(effect, abs(change))} from {effect.labels[first]} to {effect.labels[last]}"


def _extremes(effect: FeatureEffect, line: Sequence[float]) -> tuple[int, int]:
    """The places of the lowest and the highest value; along a number the smaller number first."""
    ends = [min(range(len(line)), key=line.__getitem__), max(range(len(line)), key=line.__getitem__)]
    first, last = sorted(ends) if effect.is_number else ends
    return first, last


def _value(effect: FeatureEffect, value: float) -> str:
    if not effect.of_classes:
        return format_number(value)
    if 1 - _MIN_SHOWN < value < 1:
        return "over 0.999"
    return f"{value:.3f}" if value >= _MIN_SHOWN or value == 0 else "under 0.001"


def _range(line: Sequence[float]) -> float:
    return max(line) - min(line)


def figures(facts: Facts) -> Iterator[SectionFigure]:
    """A figure for each column, and one for the pair."""
    from tidynet.plot.feature_effects import plot_effect, plot_pair_effect

    captions: set[str] = set()
    for item in facts["columns"]:
        caption = _caption(item)
        alt = f"Effect of {item['column']} on the prediction, with the range of {item['members']} networks."
        yield SectionFigure(
            plot_effect(item), alt, f"The same for {item['column']}." if caption in captions else caption
        )
        captions.add(caption)
    if facts["pair"] is not None:
        first, second = facts["pair"]["columns"]
        yield SectionFigure(
            plot_pair_effect(facts["pair"]),
            f"Mean prediction for each pair of values of {first} and {second}.",
            f"Each cell is the mean prediction of {facts['pair']['name']} if every row had these two values; darker is "
            "higher. Rows of cells that are not parallel show an interaction.",
        )


def _caption(item: Facts) -> str:
    local = item["curves"][0]["ale"]
    rows = f" of {item['rows']:,} test rows" if item.get("rows") else ""
    text = (
        f"{'Left: partial' if local else 'Partial'} dependence, the mean prediction{rows} if each had the value below."
    )
    if local:
        text += (
            " Right: accumulated local effect, the summed change of the prediction among rows near each value, with "
            "mean 0; prefer it where columns are correlated."
        )
    if item["members"] > 1:
        text += f" {'Bands' if item['is_number'] else 'Pale bars'}: range of the {item['members']} networks."
    return text + (" Ticks: values of test rows." if item["rug"] else "")


def cells(section: EvaluationSection) -> Iterator[NotebookCell]:
    """A slide with its sentence and figure for each column, and one for the pair."""
    for index, (item, text) in enumerate(zip(section.facts["columns"], section.sentences, strict=False)):
        yield slide(f"### Effect of {escape_markdown(item['column'])}\n\n{escape_markdown(text)}")
        yield code(f'effect = effects.facts["columns"][{index}]\ntn.plot.plot_effect(effect)')
        yield hidden_code(
            'partial_dependence = {curve["name"]: curve["partial_dependence"] for curve in effect["curves"]}\n'
            'pd.DataFrame(partial_dependence, index=pd.Index(effect["labels"], name=effect["column"]))'
        )
    if section.facts["pair"] is not None:
        first, second = (escape_markdown(name) for name in section.facts["pair"]["columns"])
        yield slide(f"### Interaction of {first} and {second}\n\n{escape_markdown(section.sentences[-1])}")
        yield code('tn.plot.plot_pair_effect(effects.facts["pair"])')


SPEC = SectionSpec(SectionName.EFFECTS, "Feature effects", read, figures=figures, cells=cells, has_slide_text=False)
