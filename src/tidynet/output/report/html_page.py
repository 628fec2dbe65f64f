"""What all pages share: one template environment that escapes everything, the style, and words for numbers.

A page is one file that asks no address for anything; its content policy forbids it. A page may run one
script, which the policy knows by its hash, so that nothing that a table holds can run beside it.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["environment", "format_datetime", "format_percent", "render_template", "shorten", "trusted_markup"]

TEMPLATES = Path(__file__).parents[1] / "templates"


def render_template(template: str, *styles: str, script: str = "", **facts: Any) -> str:
    """A whole page from a template."""
    from tidynet.plot.theme import css

    texts = [(TEMPLATES / name).read_text("utf-8") for name in ("page.css", *styles)]
    code = (TEMPLATES / script).read_text("utf-8") if script else ""
    return (
        environment()
        .get_template(template)
        .render(
            **facts, style=trusted_markup(css() + "".join(texts)), script=trusted_markup(code), script_hash=_hash(code)
        )
    )


def _hash(code: str) -> str:
    """The script's name in the content policy: no other may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() if code else ""


@functools.lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates' environment: strict, escaping, with the filters that all pages use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    provenance = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_controls,
    )
    provenance.filters.update(count=format_count, share=format_percent, short=shorten, moment=format_datetime)
    return provenance


def _without_controls(value: Any) -> Any:
    from markupsafe import Markup

    from tidynet.plot.theme import clean_svg

    return clean_svg(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def trusted_markup(markup: str) -> Markup:
    """Markup that this package wrote, with every foreign part escaped where it was put in."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704


def format_count(number: float, noun: str = "", plural: str = "") -> str:
    """A count, with its noun.

    Examples
    --------
    >>> format_count(1, "row"), format_count(2000, "row"), format_count(3)
    ('1 row', '2,000 rows', '3')
    """
    text = f"{number:,}"
    return f"{text} {noun if number == 1 else plural or noun + 's'}" if noun else text


def format_percent(part: float) -> str:
    """A share of all, never rounded to none or all where it is neither.

    Examples
    --------
    >>> format_percent(0.123), format_percent(0.0001), format_percent(1)
    ('12.3%', '< 0.1%', '100%')
    """
    if 0 < part < 0.001:
        return "< 0.1%"
    if 0.999 < part < 1:
        return "> 99.9%"
    return f"{part:.0%}" if part in (0, 1) else f"{part:.1%}"


def shorten(text: str, width: int = 60) -> str:
    """Text cut to a width, and words for no text."""
    from tidynet.plot.theme import shorten

    return shorten(text, width) or "(no name)"


def format_datetime(iso: str) -> str:
    """A date and time in ISO form as people read it.

    Examples
    --------
    >>> format_datetime("2030-01-02T03:04:05+00:00")
    '2030-01-02 03:04:05 UTC'
    """
    clock = iso[11:].replace("+00:00", " UTC")
    return f"{iso[:10]} {clock}" if iso[10:11] == "T" else iso
