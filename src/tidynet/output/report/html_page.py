"""The template environment of all pages: it escapes everything and formats numbers.

A page is one file that loads nothing; its content policy forbids it. It may run one script, which the policy
knows by its hash, so that no script from a table can run.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidynet.core.text import capitalize, format_datetime, format_duration, format_percent, pluralize, sentence

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

TEMPLATES = Path(__file__).parents[1] / "templates"


def render_template(template: str, *styles: str, script: str = "", **facts: Any) -> str:
    """A whole page from a template."""
    from tidynet.plot.theme import css

    style = css() + "".join((TEMPLATES / name).read_text("utf-8") for name in ("page.css", *styles))
    code = (TEMPLATES / script).read_text("utf-8") if script else ""
    page = environment().get_template(template)
    return page.render(**facts, style=trusted_markup(style), script=trusted_markup(code), script_hash=_hash(code))


def _hash(code: str) -> str:
    """The script's name in the content policy: no other may run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() if code else ""


@functools.lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates' environment: strict, escaping, with the filters of all pages."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_controls,
    )
    templates.filters.update(count=_count, percent=format_percent, short=_shorten)
    templates.filters.update(datetime=format_datetime, duration=format_duration, sentence=sentence, title=capitalize)
    return templates


def _without_controls(value: Any) -> Any:
    from markupsafe import Markup

    from tidynet.plot.theme import clean_svg

    return clean_svg(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def trusted_markup(markup: str) -> Markup:
    """Markup of this package, in which all text of others is escaped already."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704


def _count(number: float, noun: str = "", plural: str = "") -> str:
    return pluralize(number, noun, plural) if noun else f"{number:,}"


def _shorten(text: str, width: int = 60) -> str:
    from tidynet.plot.theme import fit_width

    return fit_width(text, width) or "(no name)"
