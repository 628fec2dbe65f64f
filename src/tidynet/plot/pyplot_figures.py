"""Figures that pyplot knows, so that ``plt.show()`` shows them; pyplot is imported only to show."""

from __future__ import annotations

import sys
import threading
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_registered: list[weakref.ref[Figure]] = []  # in the order in which they were made


def register(figure: Figure) -> None:
    """Make a figure one of pyplot's; as many as pyplot warns about are kept, then the oldest is let go."""
    import matplotlib.pyplot as plt

    if figure.canvas.manager is not None and plt.fignum_exists(figure.canvas.manager.num):
        return
    _registered[:] = [known for known in _registered if (kept := known()) is not None and _is_open(kept)]
    most = int(plt.rcParams["figure.max_open_warning"]) or 20
    while len(_registered) and len(plt.get_fignums()) >= most - 1:
        oldest = _registered.pop(0)()
        if oldest is not None:
            plt.close(oldest)

    def existing(*_: Any, **__: Any) -> Figure:
        return figure

    plt.figure(FigureClass=existing)  # type: ignore[arg-type]
    _registered.append(weakref.ref(figure))


def register_if_used(figure: Figure) -> None:
    """Register where pyplot is imported, outside notebooks, which show figures by themselves."""
    is_main = threading.current_thread() is threading.main_thread()
    if "matplotlib.pyplot" in sys.modules and is_main and not is_notebook():
        register(figure)


def is_notebook() -> bool:
    """Whether a notebook runs the code."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    return getattr(shell, "kernel", None) is not None


def _is_open(figure: Figure) -> bool:
    import matplotlib.pyplot as plt

    return figure.canvas.manager is not None and bool(plt.fignum_exists(figure.canvas.manager.num))
