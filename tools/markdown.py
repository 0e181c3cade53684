"""From the chapters' MyST to Markdown that reads well in plain JupyterLab or Colab.

Statements become bold headings with their text quoted; exercises and solutions become headings, so
that JupyterLab lists and folds them; references become the words and numbers that the book shows.
A directive or role without a translation here is an error, so that no raw Sphinx syntax slips into
a notebook.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import yaml

from tools.extensions.citing import bibtex
from tools.extensions.later_results import table_of_results

STATEMENTS = frozenset(
    "algorithm assumption axiom conjecture corollary criterion definition example lemma notation "
    "observation property proposition remark theorem".split()
)
ADMONITIONS = frozenset(
    "attention caution danger error hint important note seealso tip warning".split()
)
# Boxes whose argument is their title.
BOXES = frozenset(
    "admonition card grid-item-card dropdown epigraph margin sidebar tab-item topic".split()
)
# Boxes that only arrange what is in them.
FRAMES = frozenset("container div grid grid-item pull-quote tab-set".split())
# Parts of the site that a notebook has no use for.
SITE_ONLY = frozenset(
    "bibliography claims contents exercise-end index only quiz raw tableofcontents toctree".split()
)
CODE_ROLES = frozenset(
    "code file kbd command py:attr py:class py:data py:exc py:func py:meth py:mod py:obj".split()
)

FENCE = re.compile(r"^\s*(?P<fence>`{3,}(?=[^`]*$)|~{3,}|:{3,})(?P<info>.*)$")
DIRECTIVE = re.compile(r"^\s*\{(?P<name>[\w:+-]+)\}\s*(?P<argument>.*?)\s*$")
OPTION = re.compile(r"^:(?P<key>[\w-]+):\s*(?P<value>.*)$")
TARGET = re.compile(r"^\((?P<label>[^()\s]+)\)=\s*$")
OWN_DOWNLOAD = re.compile(r"^\{download\}`[^`]*\.ipynb>`\.?\s*$")  # offers this very notebook
HEADING = re.compile(r"^(?P<marks>#{1,6})\s+(?P<text>.*?)\s*$")
CODE_SPAN = r"(?<!`)(?P<code>`+)(?!`).+?(?<!`)(?P=code)(?!`)"
DISPLAY_MATH = r"\$\$.+?\$\$|\\begin\{(?P<env>\w+\*?)\}.+?\\end\{(?P=env)\}"
INLINE_MATH = r"(?<![\\$])\$(?!\$)(?:\\.|[^$\\])+?\$"
ROLE = r"\{(?P<role>[\w:+-]+)\}(?P<ticks>`+)(?P<text>.+?)(?P=ticks)(?!`)"
# One scan from left to right, so that none is looked for inside another.
SPAN = re.compile(f"{ROLE}|{CODE_SPAN}|{DISPLAY_MATH}|{INLINE_MATH}", re.DOTALL)
FORMULA = re.compile(f"{CODE_SPAN}|(?P<formula>{DISPLAY_MATH}|{INLINE_MATH})", re.DOTALL)
LINK = re.compile(r"(?<!!)\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s]+)\)")
LABELLED_MATH = re.compile(r"\$\$(?P<body>.+?)\$\$[ \t]*\((?P<label>[^()\s]+)\)", re.DOTALL)

# Between two parts of a text that become cells of their own: the mark that MyST has for it.
BREAK = "+++"

# What must not be left over; see `leftovers`.
LEFT_OVER = re.compile(
    r"^[\s>]*(?:`{3,}|~{3,}|:{3,})\s*\{.*$|\{[\w:+-]+\}`[^`\n]*`|^\([^()\s]+\)=\s*$|^%.*$|\{\{.*?\}\}",
    re.MULTILINE,
)


@dataclass
class Book:
    """What one chapter needs to know of the others: filled by a first pass over all of them."""

    numbers: Mapping[str, int] = field(default_factory=dict)  # page -> number of its chapter
    starts: dict[str, Counter[str]] = field(default_factory=dict)  # counted on pages before it
    titles: dict[str, str] = field(default_factory=dict)  # chapter -> title
    labels: dict[str, str] = field(default_factory=dict)  # label -> words that stand for it
    notebooks: set[str] = field(default_factory=set)  # chapters that are exported
    citations: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # key -> authors, year
    minutes: Mapping[str, str] = field(default_factory=dict)  # chapter -> how long it is read
    complete: bool = False  # after the first pass an unknown label is an error


@dataclass(frozen=True)
class Directive:
    """A directive as it stands in a chapter."""

    name: str
    argument: str
    options: Mapping[str, str]
    body: list[str]
    label: str  # "" where it has none


@dataclass
class Converter:
    """Converts the Markdown cells of one chapter, in order, and counts as the book does."""

    book: Book
    chapter: str
    glue: Mapping[str, str] = field(default_factory=dict)  # name -> text of the glued output
    cited: set[str] = field(default_factory=set)
    counts: Counter[str] = field(init=False)  # figures, statements, ... of the chapter so far
    _waiting: list[str] = field(default_factory=list)  # targets whose object is still to come
    _solved: bool = False  # a solution ended; until the next heading all would fold with it

    def __post_init__(self) -> None:
        self.counts = Counter(self.book.starts.get(self.chapter))

    def convert(self, text: str) -> str:
        """One Markdown cell, converted."""
        lines = self._lines(text.split("\n"))
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def code(self) -> None:
        """A cell with code comes next."""
        self._stays()

    def figure(self, caption: str, label: str = "") -> str:
        """The caption of a figure, with its number."""
        words = f"Fig. {self._number('figure')}" if caption else "Figure"
        self._name(label, words)
        return f"**{words}** {self._inline(' '.join(caption.split()))}".rstrip()

    # -- blocks --------------------------------------------------------------------------------

    def _lines(self, lines: list[str]) -> list[str]:
        result: list[str] = []
        for kind, block in blocks(lines):
            if kind == "text":
                result += self._text(block)
            elif kind == "code":
                result += block
            else:
                indent = " " * (len(block[0]) - len(block[0].lstrip()))
                converted = self._directive([line.removeprefix(indent) for line in block])
                result += ["", *(indent + line if line else "" for line in converted), ""]
        return result

    def _text(self, lines: list[str]) -> list[str]:
        kept: list[str] = []
        for line in lines:
            if target := TARGET.match(line):
                self._waiting.append(target["label"])
            elif not line.startswith("%") and not OWN_DOWNLOAD.match(line):
                if heading := HEADING.match(line):
                    self._solved = False
                    title = self._inline(heading["text"])
                    if heading["marks"] == "#":
                        self.book.titles.setdefault(self.chapter, title)
                    self._name("", f"“{title}”")
                elif line.strip():
                    self._stays()
                    self._name("", f"“{self.book.titles.get(self.chapter, self.chapter)}”")
                kept.append(line)
        return self._inline("\n".join(kept)).split("\n")

    def _directive(self, lines: list[str]) -> list[str]:
        name, argument = head_of(lines[0])
        options, body = options_of(lines[1:-1])
        label = options.get("label") or options.get("name") or ""
        if name not in DIRECTIVES:
            self._stays()
            self._unknown("directive", name)
            return []
        return DIRECTIVES[name](self, Directive(name, argument, options, body, label))

    def _proof(self, found: Directive) -> list[str]:
        self._name(found.label, "the proof")
        title = f"Proof {found.argument}." if found.argument else "Proof."
        return self._quote(f"**{self._inline(title)}**", _ended(self._lines(found.body)))

    def _statement(self, found: Directive) -> list[str]:
        kind = found.name.removeprefix("prf:")
        return self._quote(self._title(kind, "statement", found), found.body, True)

    def _exercise(self, found: Directive) -> list[str]:
        self._solved = False
        title = self._title("exercise", "exercise", found).replace("**", "")
        return [BREAK, "", f"### {title}", "", *self._lines(found.body)]

    def _solution_start(self, found: Directive) -> list[str]:
        self._name(found.label, "the solution")
        title = f"#### Solution to {self._label(found.argument)}"
        return [BREAK, "", title, "", BREAK, "", *self._lines(found.body)]

    def _solution_end(self, found: Directive) -> list[str]:
        self._solved = True
        return [BREAK]

    def _solution(self, found: Directive) -> list[str]:
        return [*self._solution_start(found), *self._solution_end(found)]

    def _displayed(self, found: Directive) -> list[str]:
        return self._math("\n".join(found.body), found.label).split("\n")

    def _image(self, found: Directive) -> list[str]:
        return [f"*(Picture: {found.options.get('alt', '')})*"]

    def _figure(self, found: Directive) -> list[str]:
        alt = found.options.get("alt", "")
        caption = " ".join(line for line in found.body if line.strip()).strip()
        words = f"{caption} *(Picture: {alt})*" if caption and alt else caption or alt
        return [self.figure(words, found.label)]

    def _table(self, found: Directive) -> list[str]:
        words = f"Table {self._number('table')}" if found.argument else "Table"
        self._name(found.label, words)
        caption = f"**{words}** {self._inline(found.argument)}".rstrip()
        return [caption, "", *self._lines(found.body)]

    def _listing(self, found: Directive) -> list[str]:
        return [f"```{found.argument}", *found.body, "```"]

    def _cite_book(self, found: Directive) -> list[str]:
        return ["```bibtex", bibtex("", ""), "```"]

    def _cite_chapter(self, found: Directive) -> list[str]:
        entry = bibtex(self.chapter, self.book.titles.get(self.chapter, ""))
        return ["To cite this chapter:", "", "```bibtex", entry, "```"]

    def _explorable(self, found: Directive) -> list[str]:
        words = f"Fig. {self._number('figure')}"
        self._name(found.label, words)
        title = f"**{words}, interactive: see the web page of this chapter.**"
        return self._quote(title, found.body, True)

    def _later_results(self, found: Directive) -> list[str]:
        return self._lines(table_of_results())

    def _nothing(self, found: Directive) -> list[str]:
        return []

    def _frame(self, found: Directive) -> list[str]:
        self._stays()
        return self._lines(found.body)

    def _box(self, found: Directive) -> list[str]:
        self._stays()
        self._name(found.label, f"“{found.argument}”")
        title = f"**{self._inline(found.argument)}**" if found.argument else ""
        return self._quote(title, found.body, True)

    def _admonition(self, found: Directive) -> list[str]:
        title = found.argument or found.name.capitalize().replace("also", " also")
        return self._box(replace(found, argument=title))

    def _title(self, kind: str, counter: str, found: Directive) -> str:
        words = kind.capitalize()
        if "nonumber" not in found.options:
            words += f" {self._number(counter)}"
        self._name(found.label, words)
        return f"**{words}**" + (f" ({self._inline(found.argument)})" if found.argument else "")

    def _quote(self, title: str, body: list[str], convert: bool = False) -> list[str]:
        lines = self._lines(body) if convert else body
        text = "\n".join([title, "", *lines] if title else lines).strip("\n")
        # Jupyter looks for formulas before it looks for quotes: one that spans lines would
        # swallow the quote's marks.
        text = FORMULA.sub(
            lambda match: " ".join(match[0].split()) if match["formula"] else match[0], text
        )
        text = re.sub(r"\n{3,}", "\n\n", text)
        return [f"> {line}".rstrip() for line in text.split("\n")]

    def _math(self, body: str, label: str) -> str:
        body = body.strip()
        if "\\\\" in body and "\\begin{" not in body:
            body = f"\\begin{{split}}\n{body}\n\\end{{split}}"  # as Sphinx does
        if label:
            known = self.book.labels.get(label, "") if self.book.complete else ""
            if known:  # a part of a page begins to count anew, the number is that of the page
                number = known.strip("()")
            else:
                number = self._number("equation")
                self._name(label, f"({number})")
            body += f" \\tag{{{number}}}"
        return f"$$\n{body}\n$$"

    # -- within a paragraph --------------------------------------------------------------------

    def _inline(self, text: str) -> str:
        text = LABELLED_MATH.sub(lambda match: self._math(match["body"], match["label"]), text)
        kept: list[str] = []

        def span(match: re.Match[str]) -> str:
            if match["role"]:
                return self._role(match["role"], match["text"])
            kept.append(match[0])
            return f"\0{len(kept) - 1}\0"

        text = LINK.sub(self._link, SPAN.sub(span, text))
        return re.sub(r"\0(\d+)\0", lambda match: kept[int(match[1])], text)

    def _role(self, role: str, text: str) -> str:
        text = " ".join(text.split())
        explicit = re.fullmatch(r"(?P<title>.*?)\s*<(?P<target>[^<>]+)>", text)
        title, target = (explicit["title"], explicit["target"]) if explicit else ("", text)
        if role in ("ref", "prf:ref", "eq", "any"):
            return title or self._label(target)
        if role == "numref":
            words = self._label(target)
            number = words.rpartition(" ")[2]
            return title.replace("%s", number).replace("{number}", number) or words
        if role == "doc":
            words = title or f"“{self._titled(target)}”"
            name = target.rpartition("/")[2]
            return f"[{words}]({name}.ipynb)" if name in self.book.notebooks else words
        if role in ("cite", "cite:p", "cite:t", "cite:ps", "cite:ts"):
            return self._cite([key.strip() for key in text.split(",")], role.startswith("cite:t"))
        if role in ("download", "term", "abbr", "guilabel", "part"):
            return title or text
        if role == "math":
            return f"${text}$"
        if role in CODE_ROLES:
            return f"`{title or target.removeprefix('~')}`"
        if role == "minutes":
            if text not in self.book.minutes and self.book.complete:
                raise ValueError(f"{self.chapter}: there is no chapter {text!r}")
            return self.book.minutes.get(text, "")
        if role in ("sub", "sup"):
            return f"<{role}>{text}</{role}>"
        if role in ("glue", "glue:text", "glue:"):
            return self._glued(text)
        self._unknown("role", role)
        return text

    def _glued(self, text: str) -> str:
        name, _, form = text.partition(":")
        if not self.book.complete or not self.glue:
            return text  # the cells have not run yet
        if name not in self.glue:
            raise ValueError(f"{self.chapter}: nothing is glued as {name!r}")
        value = self.glue[name].strip("'\"")
        return format(float(value), form) if form else value

    def _cite(self, keys: list[str], textual: bool) -> str:
        if not self.book.complete:
            return ""
        for key in keys:
            if key not in self.book.citations:
                raise ValueError(f"{self.chapter}: {key!r} is not in the bibliography")
        self.cited.update(keys)
        pairs = [self.book.citations[key] for key in keys]
        if textual:
            return ", ".join(f"{authors} ({year})" for authors, year in pairs)
        return "(" + "; ".join(f"{authors}, {year}" for authors, year in pairs) + ")"

    def _link(self, match: re.Match[str]) -> str:
        text, target = match["text"], match["target"]
        if re.match(r"[a-z]+:", target):
            return match[0]
        page, _, anchor = target.partition("#")
        if page.endswith(".md"):
            chapter = page.removesuffix(".md").rpartition("/")[2]
            text = text or (self._label(anchor) if anchor else self._titled(chapter))
            return f"[{text}]({chapter}.ipynb)" if chapter in self.book.notebooks else text
        if page.endswith(".ipynb"):
            return match[0] if page.removesuffix(".ipynb") in self.book.notebooks else text
        return text or self._label(anchor or page)

    # -- names and numbers ---------------------------------------------------------------------

    def _number(self, counter: str) -> str:
        self.counts[counter] += 1
        chapter = self.book.numbers.get(self.chapter)
        count = self.counts[counter]
        return f"{chapter}.{count}" if chapter else str(count)

    def _name(self, label: str, words: str) -> None:
        labels = [*self._waiting, label] if label else list(self._waiting)
        self._waiting.clear()
        for each in labels:
            self.book.labels[each] = words

    def _label(self, label: str) -> str:
        if label not in self.book.labels and self.book.complete:
            raise ValueError(f"{self.chapter}: there is no label {label!r}")
        return self.book.labels.get(label, label)

    def _stays(self) -> None:
        """Nothing may follow a solution but a heading or an exercise: it would fold with it."""
        if self._solved and self.book.complete:
            raise ValueError(f"{self.chapter}: after a solution comes an exercise or a heading")

    def _unknown(self, kind: str, name: str) -> None:
        # The first pass reads also the pages that are not exported, such as the reference.
        if self.book.complete:
            raise ValueError(f"{self.chapter}: no plain form is known for the {kind} {{{name}}}")

    def _titled(self, target: str) -> str:
        chapter = target.rpartition("/")[2]
        if chapter not in self.book.titles and self.book.complete:
            raise ValueError(f"{self.chapter}: there is no page {target!r}")
        return self.book.titles.get(chapter, chapter)


DIRECTIVES: Mapping[str, Callable[[Converter, Directive], list[str]]] = {
    "prf:proof": Converter._proof,
    **{f"prf:{kind}": Converter._statement for kind in STATEMENTS},
    **dict.fromkeys(("exercise", "exercise-start"), Converter._exercise),
    "solution": Converter._solution,
    "solution-start": Converter._solution_start,
    "solution-end": Converter._solution_end,
    "math": Converter._displayed,
    "image": Converter._image,
    "figure": Converter._figure,
    "table": Converter._table,
    **dict.fromkeys(("code-block", "code", "sourcecode"), Converter._listing),
    "cite-book": Converter._cite_book,
    "cite-chapter": Converter._cite_chapter,
    "explorable": Converter._explorable,
    "later-results": Converter._later_results,
    **dict.fromkeys(SITE_ONLY, Converter._nothing),
    **dict.fromkeys(FRAMES, Converter._frame),
    **dict.fromkeys(BOXES, Converter._box),
    **dict.fromkeys(ADMONITIONS, Converter._admonition),
}
"""How each directive reads in a notebook; one that is not here is an error."""


def _ended(lines: list[str]) -> list[str]:
    """A proof with its end mark: behind its last words, or alone below what is no text."""
    *rest, last = "\n".join(lines).strip("\n").split("\n")
    if last.endswith("$$") or re.match(r"\s*(?:[>|]|```|\\end)", last):
        return [*rest, last, "", "∎"]
    return [*rest, f"{last} ∎"]


def leftovers(markdown: str) -> list[str]:
    """Sphinx-only syntax in `markdown`, outside of code and formulas."""
    found = []
    for kind, lines in blocks(markdown.split("\n")):
        if kind == "directive":
            found.append(lines[0].strip())
        elif kind == "text":
            text = SPAN.sub(lambda match: match[0] if match["role"] else "", "\n".join(lines))
            found += [match[0].strip() for match in LEFT_OVER.finditer(text)]
    return found


def boxes(lines: list[str]) -> Iterator[tuple[str, str, dict[str, str], list[str]]]:
    """Name, argument, options and body of all directives in these lines, nested ones included."""
    for kind, block in blocks(lines):
        if kind == "directive":
            options, body = options_of(block[1:-1])
            yield *head_of(block[0]), options, body
            yield from boxes(body)


def blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Split into plain text, fenced code and directives, fences included."""
    text: list[str] = []
    i = 0
    while i < len(lines):
        opening = FENCE.match(lines[i])
        if opening is None or (opening["fence"][0] == ":" and not DIRECTIVE.match(opening["info"])):
            text.append(lines[i])
            i += 1
            continue
        closing = re.compile(
            rf"^\s*{re.escape(opening['fence'][0])}{{{len(opening['fence'])},}}\s*$"
        )
        end = next((j for j in range(i + 1, len(lines)) if closing.match(lines[j])), None)
        if end is None:
            raise ValueError(f"a fence is never closed: {lines[i].strip()}")
        if text:
            yield "text", text
            text = []
        kind = "directive" if DIRECTIVE.match(opening["info"]) else "code"
        yield kind, lines[i : end + 1]
        i = end + 1
    if text:
        yield "text", text


def head_of(line: str) -> tuple[str, str]:
    """Name and argument of the directive that this line opens."""
    opening = FENCE.match(line)
    head = opening and DIRECTIVE.match(opening["info"])
    assert head is not None
    return head["name"], head["argument"]


def options_of(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """The options of a directive (`:key: value` lines, or YAML between `---`), and its body."""
    if lines and lines[0].strip() == "---":
        end = next(i for i in range(1, len(lines)) if lines[i].strip() == "---")
        values = yaml.safe_load("\n".join(lines[1:end])) or {}
        return {key: "" if value is None else str(value) for key, value in values.items()}, lines[
            end + 1 :
        ]
    options: dict[str, str] = {}
    for i, line in enumerate(lines):
        match = OPTION.match(line)
        if match is None:
            return options, lines[i:]
        options[match["key"]] = match["value"]
    return options, []
