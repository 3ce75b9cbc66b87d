"""Markdown to HTML: GitHub's anchors, links among the pages, coloured SQL, links to marts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

MARTS_PAGE = "marts.html"
_HEADER = re.compile(r"<th[^>]*>[^<]*")


@dataclass(frozen=True)
class Heading:
    """A heading: its level from 1, its text and its anchor."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Rendered:
    """A document as HTML, and its headings in their order."""

    html: str
    headings: tuple[Heading, ...]

    @property
    def title(self) -> str:
        """Text of the first heading."""
        return self.headings[0].text if self.headings else ""


def render(
    text: str, resolve: Callable[[str], str | None], marts: Collection[str] = ()
) -> Rendered:
    """Render Markdown as GitHub does, tables included.

    `resolve` gives where a link or a picture is on the site, or None where the site does not have
    it: its text then stands alone. Names of marts in code lead to what the site says of them.
    """
    markdown = MarkdownIt("commonmark", {"html": False, "highlight": _highlighter(marts)})
    markdown.enable("table")
    markdown.add_render_rule("table_open", lambda *_: '<div class="table"><table>\n')
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    tokens = markdown.parse(text)
    headings = _anchor(tokens)
    for token in tokens:
        if token.type == "inline" and token.children:
            token.children = list(_linked(token.children, resolve, marts))
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Rendered(_HEADER.sub(_breaking, html), headings)


def _breaking(header: re.Match[str]) -> str:
    """Let the long name of a column break after its words."""
    return header[0].replace("_", "_<wbr>")


def anchor_of(text: str) -> str:
    """Anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _anchor(tokens: list[Token]) -> tuple[Heading, ...]:
    """Give each heading its anchor, with a number where two have the same text."""
    headings: list[Heading] = []
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            text = "".join(child.content for child in inline.children or [])
            anchor = anchor_of(text)
            again = sum(anchor_of(heading.text) == anchor for heading in headings)
            anchor += f"-{again}" if again else ""
            opening.attrSet("id", anchor)
            headings.append(Heading(int(opening.tag[1]), text, anchor))
    return tuple(headings)


def _linked(
    children: list[Token], resolve: Callable[[str], str | None], marts: Collection[str]
) -> list[Token]:
    found: list[Token] = []
    closing: list[Token | None] = []  # of the links that are open
    for child in children:
        if child.type == "link_open":
            target = resolve(str(child.attrs["href"]))
            closing.append(Token("link_close", "a", -1) if target is not None else None)
            if target is not None:
                child.attrSet("href", target)
                found.append(child)
        elif child.type == "link_close":
            if (end := closing.pop()) is not None:
                found.append(end)
        elif child.type == "image":
            source = resolve(str(child.attrs["src"]))
            child.attrSet("src", source or "")
            found.append(child if source else Token("text", "", 0, content=child.content))
        elif child.type == "code_inline" and child.content in marts and not any(closing):
            link = Token("link_open", "a", 1, attrs={"href": f"{MARTS_PAGE}#{child.content}"})
            found += [link, child, Token("link_close", "a", -1)]
        else:
            found.append(child)
    return found


def _highlighter(marts: Collection[str]) -> Callable[[str, str, str], str]:
    names = "|".join(map(re.escape, marts))
    # A mart that is read, and not one before a column's name.
    read = re.compile(rf'<span class="n">({names})</span>(?!<span class="p">\.)') if names else None
    link = rf'<a href="{MARTS_PAGE}#\1">\1</a>'

    def coloured(code: str, language: str, _: str) -> str:
        try:
            lexer = get_lexer_by_name(language)
        except ClassNotFound:  # a drawing, say
            return f'<pre class="code">{escape(code)}</pre>'
        html = highlight(code, lexer, HtmlFormatter(nowrap=True))
        if read:
            html = read.sub(link, html)
        return f'<pre class="code" data-language="{escape(language)}">{html}</pre>'

    return coloured
