"""`tidynet.plot` is a room and a function at once, whatever is imported first."""

from __future__ import annotations

import subprocess
import sys

import pytest

ORDERS = {
    "the function first": "import tidynet as tn; tn.plot; from tidynet.plot import bars",
    "the room first": "from tidynet.plot import bars; import tidynet as tn",
    "a module of the room first": "import tidynet.plot.theme; import tidynet as tn; from tidynet.plot import bars",
    "from the package": "from tidynet import plot; from tidynet.plot import bars; import tidynet as tn",
    "under another name": "import tidynet.plot as p; import tidynet as tn; assert p is tn.plot; bars = p.bars",
}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS.keys())
def test_any_order_of_imports_gives_both(order: str) -> None:
    code = (
        f"{order}\nimport sys, inspect\n"
        "table = {'a': [1, 2, 2, 3]}\n"
        "figure = tn.plot(table, 'a')\n"
        "assert bars is tn.plot.bars and tn.plot.explain_choice(table, 'a').startswith('histogram')\n"
        "assert callable(tn.plot) and list(inspect.signature(tn.plot).parameters)[:3] == ['data', 'x', 'y']\n"
        "print(len(figure.axes), 'matplotlib.pyplot' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("1 False\n", "")
