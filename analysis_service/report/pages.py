"""A report as Markdown, and as one HTML page that needs no other file."""

import base64
from collections.abc import Iterator, Sequence
from html import escape

from analysis_service.report.parts import Number, Section

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --soft: #5c6570; --line: #d9dee3;
  --paper: #fff; --wash: #f4f6f8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --soft: #9aa4ae; --line: #384048;
  --paper: #16191c; --wash: #20252a; } }
body { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif;
  margin: 0 auto; max-width: 56rem; padding: 2rem 1.25rem 4rem; }
h1 { line-height: 1.2; margin-bottom: .25rem; } h2 { border-top: 1px solid var(--line);
  line-height: 1.3; margin-top: 3rem; padding-top: 1.5rem; }
nav a { display: block; } a { color: inherit; } .soft, figcaption { color: var(--soft); }
figure { margin: 1.5rem 0; } img { background: #fff; border-radius: 6px; height: auto;
  max-width: 100%; } figcaption { font-size: .9rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .9rem .3rem 0; text-align: left; }
td.number { font-variant-numeric: tabular-nums; white-space: nowrap; }
.meaning { background: var(--wash); border-radius: 6px; padding: .75rem 1rem; }
code { overflow-wrap: anywhere; }
"""
TITLE = "What this encoder sees"
INTRODUCTION = (
    "This report measures an encoder, the model that turns pictures and texts into vectors, on "
    "photos whose content is known. Vectors are compared by their cosine: 1 is the same, 0 has "
    'nothing to do with one another. It follows chapter 4 of the thesis "From Pixels to Meaning" '
    "(2023), whose figures, made with CLIP, stand beside ours where they are known."
)


def markdown(sections: Sequence[Section], about: str) -> str:
    """Return the report; figures are files beside it."""
    parts = [f"# {TITLE}", INTRODUCTION, about]
    for each in sections:
        parts.append(f"## {each.title}")
        if each.missing:
            parts.append(f"Left out. {each.missing}")
            continue
        parts += [each.words.shows, f"**How to read it.** {each.words.reading}"]
        parts += [f"![{chart.title}]({chart.name}.png)" for chart in each.charts]
        parts += ["\n".join(_table(each.numbers)), f"**What it means.** {each.words.meaning}"]
    return "\n\n".join(parts) + "\n"


def _table(numbers: Sequence[Number]) -> Iterator[str]:
    yield "| figure | here | thesis |"
    yield "|---|---|---|"
    for each in numbers:
        yield f"| {each.name} | {each.value} | {each.thesis} |"


def html(sections: Sequence[Section], about: str) -> str:
    """Return the report with its figures in it."""
    links = (f'<a href="#part{n}">{escape(s.title)}</a>' for n, s in enumerate(sections, 1))
    body = "\n".join(_section(each, n) for n, each in enumerate(sections, 1))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body>\n<h1>{TITLE}</h1>\n"
        f'<p class="soft">{escape(about)}</p>\n<p>{escape(INTRODUCTION)}</p>\n'
        f"<nav>{''.join(links)}</nav>\n{body}\n</body></html>\n"
    )


def _section(section: Section, number: int) -> str:
    head = f'<h2 id="part{number}">{escape(section.title)}</h2>'
    if section.missing:
        return f'{head}\n<p class="soft">Left out. {_text(section.missing)}</p>'
    words = section.words
    figures = "\n".join(_figure(each.title, each.png) for each in section.charts)
    return (
        f"{head}\n<p>{_text(words.shows)}</p>\n"
        f"<p><b>How to read it.</b> {_text(words.reading)}</p>\n{figures}\n"
        f"{_rows(section.numbers)}\n"
        f'<p class="meaning"><b>What it means.</b> {_text(words.meaning)}</p>'
    )


def _figure(title: str, png: bytes) -> str:
    data = base64.b64encode(png).decode()
    name = escape(title, quote=True)
    picture = f'<img alt="{name}" src="data:image/png;base64,{data}">'
    return f"<figure>{picture}<figcaption>{escape(title)}</figcaption></figure>"


def _rows(numbers: Sequence[Number]) -> str:
    with_thesis = any(each.thesis for each in numbers)
    head = "<tr><th>figure</th><th>here</th>" + ("<th>thesis, CLIP</th>" if with_thesis else "")
    rows = "".join(
        f'<tr><td>{escape(each.name)}</td><td class="number">{escape(str(each.value))}</td>'
        + (f'<td class="number">{escape(each.thesis)}</td>' if with_thesis else "")
        + "</tr>"
        for each in numbers
    )
    return f"<table>{head}</tr>{rows}</table>"


def _text(words: str) -> str:
    """Return escaped words, what stands in backquotes as code."""
    parts = escape(words).split("`")
    return "".join(f"<code>{p}</code>" if n % 2 else p for n, p in enumerate(parts))
