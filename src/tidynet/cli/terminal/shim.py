"""Until `Evaluation` has the data for the screen: the same from its present fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_NAMES = ("accuracy", "balanced accuracy", "macro F1", "log loss", "RMSE", "MAE", "median absolute error", "R²")


@dataclass
class _Row:
    name: str
    texts: dict[str, str] = field(default_factory=dict)


class Shim:
    """An evaluation with the attributes that are to come."""

    invalid_test: Any = None
    attention: tuple[Any, ...] = ()
    difference_text = ""

    def __init__(self, evaluation: Any) -> None:
        self._evaluation = evaluation
        self.verdict = evaluation.verdict

    def __getattr__(self, name: str) -> Any:
        return getattr(self._evaluation, name)

    def key_scores(self) -> list[_Row]:
        """Scores of the network and of the last baseline."""
        evaluation = self._evaluation
        models = {"network": evaluation.network, **dict(list(evaluation.baselines.items())[-1:])}
        return [
            _Row(name, {model: str(scores[name]) for model, scores in models.items() if name in scores})
            for name in _NAMES
            if name in evaluation.network
        ]


def adapt(evaluation: Any) -> Any:
    """The evaluation itself once it has the data."""
    return evaluation if isinstance(evaluation, Shim) or hasattr(evaluation, "key_scores") else Shim(evaluation)
