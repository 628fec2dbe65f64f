"""Write the pages that are made from the code; with --check, say which of them are stale.

Run with `make docs`, which gives --course too: the course's pages are run, which takes half a minute.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pages as course
import typer.main

from tidynet.cli import app
from tidynet.profiling.find_findings import RULES
from tidynet.profiling.findings import thresholds

DOCS = Path(__file__).parent


def command_page() -> str:
    """Every command with every argument and option, as Markdown."""
    group: Any = typer.main.get_command(app)
    parts = [
        "# The command\n",
        "<!-- written by docs/build.py; run `make docs` -->\n",
        f"{group.help}\n",
        parameter_table(group.params),
    ]
    for name, command in group.commands.items():
        parts += [f"## tidynet {name}\n", f"```\n{usage(name, command)}\n```\n", f"{command.help}\n"]
        parts.append(parameter_table(command.params))
    return "\n".join(parts)


def findings_page() -> str:
    """Every finding: what triggers it and what to do."""
    parts = [
        "# Findings\n",
        "<!-- written by docs/build.py; run `make docs` -->\n",
        "`tidynet explore` and `tidynet.explore` list findings about a table, highest severity first. A finding has a "
        "code, a severity (high, medium or low), columns, a fact with its numbers, an action and, if there is one, a "
        "call to copy. If one finding explains another, only the first is shown. The same finding about four or more "
        "columns is shown once. The code is in the JSON of a report.\n",
        f"Significance tests use at most {thresholds.TESTED_ROWS:,} rows and are corrected for their number "
        "(Bonferroni). A finding also needs a minimum effect size.\n",
    ]
    parts += [
        f"## {rule.title}\n\n`{rule.code}`\n\n**Condition.** {rule.condition}\n\n**Action.** {rule.action}\n"
        for rule in RULES
    ]
    return "\n".join(parts)


def usage(name: str, command: Any) -> str:
    """The words of a command in order, options last."""
    arguments = [param.metavar for param in command.params if param.param_type_name == "argument"]
    required = [f"{param.opts[0]} {param.metavar}" for param in options(command.params) if param.required]
    return " ".join(["tidynet", name, *arguments, *required, "[OPTIONS]"])


def options(params: list[Any]) -> list[Any]:
    """Those parameters that are options."""
    return [param for param in params if param.param_type_name == "option"]


def parameter_table(params: list[Any]) -> str:
    """One line per parameter: how it is written, what it means, its default."""
    lines = ["| | | default |", "|---|---|---|"]
    for param in params:
        name = f"{param.opts[0]} {param.metavar or ''}" if param in options(params) else param.metavar
        text, _, words = param.help.partition("  [default: ")
        cells = [f"`{name.strip()}`", text, words.rstrip("]") or default(param)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def default(param: Any) -> str:
    """The default as one would type it, or that there is none."""
    if param.required:
        return "required"
    return "" if param.default is None or param.default is False else f"`{param.default}`"


def main() -> int:
    """Write the pages, or with --check compare them; 1 if one is stale."""
    pages = {DOCS / "command.md": command_page(), DOCS / "findings.md": findings_page()}
    if "--check" not in sys.argv:
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
        if "--course" in sys.argv:  # whether its pages are fresh the tests say, which run them all
            for path in course.learn_pages():
                path.write_text(course.run(path, course.LEARN), encoding="utf-8")
        return 0
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(f"docs/{path.name} is stale; run `make docs`")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
