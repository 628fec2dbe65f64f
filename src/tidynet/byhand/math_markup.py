"""One line of Unicode mathematics as plain text, LaTeX, MathML and HTML.

Indices are ₁ or ⟨…⟩, exponents ² or ^(…), roots √(…), names between “ and ”.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ʰᵒᵗ", "0123456789−+()hot")
_LOWERED = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ", "0123456789ijk")
_TOKEN = re.compile(
    r"“(?P<text>[^”]*)”|(?P<open>[⟨(])|(?P<close>[⟩)])|(?P<power>\^\()|(?P<root>√)"
    r"|(?P<raised>[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ʰᵒᵗ]+)|(?P<lowered>[₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ]+)"
    r"|(?P<word>[A-Za-z]{2,})|(?P<number>\d+(?:\.\d+)?)|(?P<space>\s+)|(?P<symbol>.)"
)
_LATEX = {
    "δ": r"\delta ", "Δ": r"\Delta ", "η": r"\eta ", "α": r"\alpha ", "β": r"\beta ", "ε": r"\epsilon ",
    "σ": r"\sigma ", "μ": r"\mu ", "λ": r"\lambda ", "Φ": r"\Phi ", "φ": r"\varphi ", "Σ": r"\sum ",
    "π": r"\pi ", "ŷ": r"\hat{y}", "·": r" \cdot ", "−": "-", "≥": r" \geq ", "≤": r" \leq ", "≠": r" \neq ",
    "→": r" \to ", "…": r"\ldots ", "½": r"\tfrac{1}{2}", "′": "'", "∞": r"\infty ", "%": r"\%", "_": r"\_",
    "#": r"\#", "&": r"\&", "$": r"\$", "{": r"\{", "}": r"\}", "~": r"\sim ", "←": r" \gets ",
}  # fmt: skip
# Characters that would end a name or an index.
_NAME = str.maketrans("“”⟨⟩", '""<>')
_FUNCTIONS = {"max", "ln", "tanh", "sign", "clip", "exp"}
_TEXT_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "→": r"$\to$", "−": r"$-$", "–": "--", "…": r"\ldots{}", "≥": r"$\geq$", "≤": r"$\leq$",
}  # fmt: skip


def escape_name(name: str) -> str:
    """A name, marked as text."""
    return f"“{name.translate(_NAME)}”"


@dataclass
class _Node:
    """A part of a line: a leaf with text, or a group with children."""

    kind: str
    text: str = ""
    children: list[_Node] = field(default_factory=list)


def _parse(line: str) -> list[_Node]:
    top = _Node("row")
    stack = [top]
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or ""
        if kind in ("open", "power"):
            mark = match.group()
            below_root = bool(stack[-1].children) and stack[-1].children[-1].kind == "root"
            if below_root and mark == "(":
                group = stack[-1].children[-1]
                group.kind = "rooted"
            else:
                group = _Node({"⟨": "index", "^(": "exponent"}.get(mark, "parentheses"))
                stack[-1].children.append(group)
            stack.append(group)
        elif kind == "close":
            if len(stack) > 1:
                stack.pop()
            else:
                top.children.append(_Node("symbol", match.group()))
        else:
            _append(stack[-1], kind, match.group(kind))
    return top.children


def _append(parent: _Node, kind: str, text: str) -> None:
    before = parent.children[-1] if parent.children else None
    if before is not None and before.kind == "root" and kind in ("number", "symbol", "word"):
        before.kind = "rooted"
        before.children.append(_Node(kind, text))
    elif kind == "raised":
        parent.children.append(_Node("exponent", children=_plain(text.translate(_RAISED))))
    elif kind == "lowered":
        parent.children.append(_Node("index", children=_plain(text.translate(_LOWERED))))
    else:
        parent.children.append(_Node(kind, text))


def _plain(text: str) -> list[_Node]:
    return [_Node("number" if part.isdigit() else "symbol", part) for part in re.findall(r"\d+|.", text)]


def math_text(line: str) -> str:
    """The line for a terminal."""
    return line.replace("“", "").replace("”", "").replace("⟨", "[").replace("⟩", "]")


def as_latex(line: str) -> str:
    r"""The line as LaTeX mathematics."""
    return re.sub(r"  +", " ", "".join(_latex(node) for node in _parse(line))).strip()


def _latex(node: _Node) -> str:
    inner = "".join(_latex(child) for child in node.children).strip()
    if node.kind == "text":
        return rf"\text{{{''.join(_TEXT_LATEX.get(item, item) for item in node.text)}}}"
    if node.kind == "word":
        return rf"\operatorname{{{node.text}}}" if node.text in _FUNCTIONS else rf"\text{{ {node.text} }}"
    if node.kind == "number":
        return node.text
    if node.kind == "space":
        return " "
    wrapped = {"index": f"_{{{inner}}}", "exponent": f"^{{{inner}}}", "parentheses": f"({inner})",
               "rooted": rf"\sqrt{{{inner}}}", "root": r"\surd "}  # fmt: skip
    return wrapped[node.kind] if node.kind in wrapped else _LATEX.get(node.text, node.text)


def as_mathml(line: str) -> str:
    """The line as a MathML element."""
    return f"<math>{_mathml_row(_parse(line))}</math>"


def _mathml_row(nodes: list[_Node]) -> str:
    """A row of nodes, with indices and exponents attached to their base."""
    pieces: list[str] = []
    index = 0
    while index < len(nodes):
        node = nodes[index]
        scripts: dict[str, str] = {}
        after = index + 1
        while after < len(nodes) and nodes[after].kind in ("index", "exponent") and nodes[after].kind not in scripts:
            scripts[nodes[after].kind] = _grouped(nodes[after].children)
            after += 1
        pieces.append(_scripted(_mathml(node), scripts))
        index = after
    return "".join(pieces)


def _grouped(nodes: list[_Node]) -> str:
    row = _mathml_row(nodes)
    return row if len(nodes) == 1 and nodes[0].kind != "parentheses" else f"<mrow>{row}</mrow>"


def _scripted(base: str, scripts: dict[str, str]) -> str:
    if len(scripts) == 2:
        return f"<msubsup>{base}{scripts['index']}{scripts['exponent']}</msubsup>"
    if "index" in scripts:
        return f"<msub>{base}{scripts['index']}</msub>"
    return f"<msup>{base}{scripts['exponent']}</msup>" if scripts else base


def _mathml(node: _Node) -> str:
    if node.kind in ("text", "word"):
        if node.kind == "word" and node.text in _FUNCTIONS:
            return f"<mi>{node.text}</mi>"
        space = " " if node.kind == "word" else ""
        return f"<mtext>{space}{html.escape(node.text)}{space}</mtext>".replace("> ", ">&nbsp;").replace(
            " </", "&nbsp;</"
        )
    if node.kind == "space":
        return ""
    if node.kind == "number":
        return f"<mn>{node.text}</mn>"
    if node.kind == "parentheses":
        return f"<mrow><mo>(</mo>{_mathml_row(node.children)}<mo>)</mo></mrow>"
    if node.kind in ("index", "exponent"):
        return _grouped(node.children)
    if node.kind == "rooted":
        return f"<msqrt>{_mathml_row(node.children)}</msqrt>"
    if node.text == "ŷ":
        return '<mover accent="true"><mi>y</mi><mo>^</mo></mover>'
    if node.text == "½":
        return "<mfrac><mn>1</mn><mn>2</mn></mfrac>"
    tag = "mi" if node.text.isalpha() and node.text != "Σ" else "mo"
    return f"<{tag}>{html.escape(node.text)}</{tag}>"


def math_html(line: str) -> str:
    """The line as HTML text with possible line breaks and superscripts."""
    return "".join(_html(node) for node in _parse(line))


def _html(node: _Node) -> str:
    inner = "".join(_html(child) for child in node.children)
    if node.kind == "exponent":
        return f"<sup>{inner}</sup>"
    if node.kind == "index":
        return f"<sub>{inner}</sub>"
    if node.kind == "parentheses":
        return f"({inner})"
    if node.kind in ("root", "rooted"):
        return f"√({inner})" if len(node.children) > 1 else f"√{inner}"
    if node.text == "·":
        return "·<wbr>"
    return html.escape(node.text)
