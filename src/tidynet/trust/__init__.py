"""How far to believe a network: scores, baselines and comparisons on rows it has never seen."""

from tidynet.trust.baselines import Baseline
from tidynet.trust.comparison import Comparison
from tidynet.trust.evaluation import Evaluation, evaluate, evaluate_predictions
from tidynet.trust.rivals import fit_rivals, restore, store
from tidynet.trust.scores import Score, scores

__all__ = [
    "Baseline",
    "Comparison",
    "Evaluation",
    "Score",
    "evaluate",
    "evaluate_predictions",
    "fit_rivals",
    "restore",
    "scores",
    "store",
]
