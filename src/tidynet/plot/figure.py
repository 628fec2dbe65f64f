"""A matplotlib Figure that a notebook shows by itself, once, whether or not pyplot was ever set up there."""

from __future__ import annotations

import io
import struct
import sys

from matplotlib.figure import Figure as _Figure

__all__ = ["Figure"]

# Pixels of the file for each that it takes on the page: two for screens of high resolution, where that is no burden.
SHARPNESS = (2, 1)
HEAVY = 400_000  # bytes


class Figure(_Figure):
    """What IPython asks for its PNG where no formatter was registered for matplotlib's figures.

    ``%matplotlib inline`` registers one, which then goes before the method: there is one picture either way.
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]] | None:
        if _formatter_is_set():
            return None
        for sharpness in SHARPNESS:
            buffer = io.BytesIO()
            # cut as ``%matplotlib inline`` cuts its figures
            self.savefig(buffer, format="png", dpi=sharpness * self.dpi, bbox_inches="tight")
            picture = buffer.getvalue()
            if len(picture) <= HEAVY:
                break
        width, height = (round(pixels / sharpness) for pixels in struct.unpack(">II", picture[16:24]))
        return picture, {"width": width, "height": height}


def _formatter_is_set() -> bool:
    """Whether the notebook draws figures in a form of the user's choice already, which may be SVG."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return False
    return any(_Figure in one.type_printers for one in shell.display_formatter.formatters.values())
