"""The pages that are made from the code say what the code says, and the README's links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import tidynet
from tidynet.cli import main

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "docs"))
from pages import learn_pages, run  # noqa: E402

PAGES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md"))
LEARN = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "learn").glob("*.md"))


def test_made_pages_are_fresh() -> None:
    result = subprocess.run(
        [sys.executable, ROOT / "docs" / "build.py", "--check"], capture_output=True, text=True, check=False
    )
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *PAGES, *LEARN])
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    path = ROOT / page
    links = re.findall(r"\]\(([^)#]+)\)|<img src=\"([^\"]+)\"", path.read_text("utf-8"))
    local = [link for pair in links for link in pair if link and "://" not in link]
    assert [link for link in local if not (path.parent / link).exists()] == []


def test_the_readme_opens_with_the_two_commands_of_the_makefile() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    commands = re.findall(r"^make ([a-z]+)", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    assert commands[:2] == ["demo", "test"]
    assert set(commands) <= set(targets)


def test_the_python_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    exec(compile("\n".join(blocks), "README.md", "exec"), {})
    printed = capsys.readouterr().out
    assert printed.startswith("species: 69 test rows, 3 classes; ")
    assert float(printed.splitlines()[-1].split()[0]) < 1
    assert (tmp_path / "penguins.tidynet").exists()


@pytest.mark.parametrize("page", learn_pages(), ids=lambda page: page.stem)
def test_a_page_of_the_course_runs_prints_what_it_says_and_draws_its_pictures(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert run(page, tmp_path) == text, "run `make docs`"
    drawn = {f"images/{path.name}" for path in (tmp_path / "images").iterdir()}
    assert drawn == set(re.findall(r"!\[[^\]]+\]\((images/[^)]+)\)", text))


def test_the_course_is_listed_in_order_and_each_page_leads_to_the_next() -> None:
    listed = re.findall(r"\]\((\d\d-[^)]+\.md)\)", (ROOT / "docs" / "learn" / "README.md").read_text("utf-8"))
    names = [page.name for page in learn_pages()]
    assert listed == names
    for page, after in zip(learn_pages(), names[1:], strict=False):
        assert after in page.read_text("utf-8").splitlines()[-1]


def test_contributing_fits_on_one_screen() -> None:
    lines = (ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 130


def test_every_finding_is_documented() -> None:
    from tidynet.profiling.find_findings import RULES

    page = (ROOT / "docs" / "findings.md").read_text("utf-8")
    assert [code for code in (rule.code for rule in RULES) if f"`{code}`" not in page] == []


TIDY_EXAMPLES = re.findall(
    r"((?:^\|.*\n)+)\n(?:```console\n\$ tidynet (tidy (\S+) .*)\n```\n)\n((?:^\|.*\n)+)",
    (ROOT / "docs" / "tidy.md").read_text("utf-8"),
    re.MULTILINE,
)


def table_lines(markdown: str) -> str:
    """A Markdown table as comma-separated text."""
    lines = [line for line in markdown.splitlines() if not line.startswith("|---")]
    return "".join(",".join(cell.strip() for cell in line.strip("|").split("|")) + "\n" for line in lines)


@pytest.mark.parametrize(("before", "words", "name", "after"), TIDY_EXAMPLES)
def test_an_example_of_a_verb_does_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    before: str, words: str, name: str, after: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(table_lines(before), "utf-8")
    assert main(shlex.split(words)) == 0
    assert capsys.readouterr().out == table_lines(after)


def test_every_verb_has_an_example() -> None:
    options = {f"--{verb.replace('_', '-')}" for verb in tidynet.tidy.__all__}
    assert options == {word for _, words, _, _ in TIDY_EXAMPLES for word in words.split() if word.startswith("--")}
