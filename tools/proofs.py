"""The proofs in `proofs/`: check them, break them, take their statements: `python -m tools.proofs`.

`build` has Coq compile every file and check the result once more with its independent checker;
`statements` writes the theorems that are named after claims, as their files have them, to
`lpbook/data/formal.json`; `mutants` changes the mathematics in one place, many times, and sees
that a proof breaks each time.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.book import ROOT
from tools.machine import PROVER, remedy

PROOFS = ROOT / "proofs"
BUILT = ROOT / "_build" / "proofs"
DATA = ROOT / "lpbook" / "data" / "formal.json"
LISTED = Path(__file__).with_name("proofs.toml")
FRAME = Path(__file__).with_name("coqdoc")
PREFIX = "GoldenTickets"

MARKED = re.compile(
    r"\(\*\* \[(?P<claim>[a-z0-9-]+)\] \((?P<covers>whole|part)\)[.:]?\s*(?P<words>.*?)\*\)\s*"
    r"(?P<statement>(?:Theorem|Lemma|Corollary) (?P<theorem>\w+)\b.*?)\nProof\.",
    re.DOTALL,
)
FORBIDDEN = re.compile(
    r"\b(Admitted|Axioms?|Parameters?|Conjecture|admit|give_up|Abort|bypass_check"
    r"|Admit\s+Obligations|Unset\s+(?:Guard|Positivity|Universe)\s+Checking)\b"
)
NO_REFUSAL = re.compile(
    r"Syntax error|Unknown interpretation|was not found|Unable to locate|inconsistent assumptions"
    r"|Can(?:not|'t) find (?!witness)",
    re.IGNORECASE,
)
LINK = re.compile(r'<a class="idref" href="([^"#]*)#([^"]*)">(.*?)</a>')
COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)


@dataclass(frozen=True)
class Formal:
    """A theorem that says what a claim says, or a part of it.

    Attributes
    ----------
    theorem : str
        Its name.
    file : str
        Where it stands, in `proofs/`.
    covers : {"whole", "part"}
        How much of the claim it is.
    words : str
        Where it differs from the book, if it does.
    statement : str
        As the file has it.
    """

    theorem: str
    file: str
    covers: str
    words: str
    statement: str


def replaced_once(text: str, old: str, new: str, where: str) -> str:
    """The text with one change; an error if `old` does not stand exactly once in it."""
    if (count := text.count(old)) != 1:
        raise ValueError(f"{where}: {old!r} stands there {count} times")
    return text.replace(old, new)


@dataclass(frozen=True)
class Mutant:
    """A file with one change, after which some proof must fail."""

    file: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.old.split())} -> {' '.join(self.new.split())}"

    def applied(self) -> str:
        """The changed text."""
        text = (PROOFS / self.file).read_text(encoding="utf-8")
        return replaced_once(text, self.old, self.new, self.file)


def files() -> list[str]:
    """The files in the order in which they need each other, as `_CoqProject` has it."""
    lines = (PROOFS / "_CoqProject").read_text(encoding="utf-8").split("\n")
    return [line for line in lines if line.endswith(".v")]


def options() -> list[str]:
    """What `_CoqProject` says beside the files."""
    words = (PROOFS / "_CoqProject").read_text(encoding="utf-8").split()
    return [word for word in words if word != "-arg" and not word.endswith(".v")]


def needs(text: str) -> set[str]:
    """The files that a file requires."""
    found = re.findall(rf"From {PREFIX} Require Import ([^.]*)\.", text)
    return {f"{name}.v" for names in found for name in names.split()}


def statements() -> dict[str, list[Formal]]:
    """The theorems by claim: those that are all of it first."""
    found: dict[str, list[Formal]] = {}
    for name in files():
        text = (PROOFS / name).read_text(encoding="utf-8")
        for match in MARKED.finditer(text):
            words = " ".join(match["words"].split())
            formal = Formal(match["theorem"], name, match["covers"], words, match["statement"])
            found.setdefault(match["claim"], []).append(formal)
    return {
        claim: sorted(theorems, key=lambda formal: formal.covers != "whole")
        for claim, theorems in sorted(found.items())
    }


def as_json() -> str:
    """What `lpbook/data/formal.json` holds."""
    by_claim = {c: [asdict(formal) for formal in found] for c, found in statements().items()}
    return json.dumps(by_claim, indent=1, ensure_ascii=False) + "\n"


def forbidden(text: str) -> list[str]:
    """Words with which a proof would not be one, outside comments."""
    return FORBIDDEN.findall(COMMENT.sub("", text))


def coq(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of Coq."""
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def complaint_of(found: subprocess.CompletedProcess[str]) -> str:
    """What a program of Coq complained of; "" if it was content."""
    return found.stderr.strip() or f"exit {found.returncode}" if found.returncode else ""


def complaint(folder: Path, name: str) -> str:
    """Compile a file, and say what Coq complains of; "" if it is content."""
    return complaint_of(coq("coqc", *options(), name, folder=folder))


def build(folder: Path = BUILT) -> list[str]:
    """Copy what changed, compile it and what rests on it; the complaint of the first that fails.

    What has to be compiled again is removed first, so that nothing old is left if that fails or is
    interrupted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.v"):
        if path.name not in files():
            path.unlink()
            path.with_suffix(".vo").unlink(missing_ok=True)
    shutil.copy2(PROOFS / "_CoqProject", folder)
    changed: list[str] = []
    for name in files():
        text, copy = (PROOFS / name).read_text(encoding="utf-8"), folder / name
        same = copy.exists() and copy.read_text(encoding="utf-8") == text
        if not (same and copy.with_suffix(".vo").exists()) or needs(text) & set(changed):
            changed.append(name)
            copy.with_suffix(".vo").unlink(missing_ok=True)
    for name in changed:
        shutil.copy2(PROOFS / name, folder)
        if found := complaint(folder, name):
            return [found]
    return []


def write_pages(output: Path, folder: Path = BUILT) -> None:
    """Compile the files and write them as pages on which each name leads to its definition."""
    if complaints := build(folder):
        raise RuntimeError(complaints[0])
    output.mkdir(parents=True, exist_ok=True)
    style = ["--html", "--utf8", "--short", "--no-index", "--no-externals"]
    for part in ("header", "footer"):
        style += [f"--with-{part}", str(FRAME / f"{part}.html")]
    found = coq("coqdoc", *style, "-R", ".", PREFIX, "-d", str(output), *files(), folder=folder)
    if found.returncode or found.stderr:  # it warns of brackets that do not match
        raise RuntimeError(complaint_of(found) or found.stderr)
    pages = {path.name: path.read_text(encoding="utf-8") for path in output.glob("*.html")}
    anchors = {name: {"", *re.findall(r'\bid="([^"]+)"', text)} for name, text in pages.items()}
    for name, text in pages.items():
        # coqdoc also links bound names that have no anchor
        alive = LINK.sub(lambda a: a[0 if a[2] in anchors[a[1]] else 3], text)
        titled = replaced_once(alive, "<title>", f"<title>{name.split('.')[1]}: ", name)
        (output / name).write_text(titled, encoding="utf-8")
    shutil.copy2(FRAME / "coqdoc.css", output)


def checked(folder: Path = BUILT, everything: bool = False) -> str:
    """Have `coqchk` check the compiled files; `everything`: the libraries under them, too."""
    modules = [f"{PREFIX}.{Path(name).stem}" for name in files()]
    if not everything:
        modules = [word for module in modules for word in ("-norec", module)]
    return complaint_of(coq("coqchk", "-silent", "-R", ".", PREFIX, *modules, folder=folder))


def run_script(text: str, folder: Path = BUILT) -> subprocess.CompletedProcess[str]:
    """Have Coq run a text that may require the compiled files."""
    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "Script.v"
        script.write_text(text, encoding="utf-8")
        return coq("coqc", "-R", ".", PREFIX, "-w", "none", str(script), folder=folder)


def assumptions(theorems: Sequence[tuple[str, str]], folder: Path = BUILT) -> set[str]:
    """What theorems, given with their files, assume together: names that Coq prints.

    They begin their lines: an axiom stands before its type, and a definition before what was not
    checked of it, as in "g is assumed to be guarded." Of a tuple it is found at once: one by one,
    the library would be gone through for each.
    """
    modules = dict.fromkeys(Path(file).stem for file, _ in theorems)
    names = dict.fromkeys(f"@{Path(file).stem}.{theorem}" for file, theorem in theorems)
    lines = [f"From {PREFIX} Require Import {module}." for module in modules]
    lines += [f"Definition together := ({', '.join(names)}).", "Print Assumptions together."]
    found = run_script("\n".join(lines), folder)
    if found.returncode:
        raise RuntimeError(found.stderr)
    printed = re.findall(r"^\S+", found.stdout, flags=re.MULTILINE)
    return set(printed) - {"Axioms:", "Closed"}


def mutants() -> list[Mutant]:
    """The changes that `proofs.toml` lists."""
    listed = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return [Mutant(**entry) for entry in listed["mutant"]]


def is_refusal(complaint: str) -> bool:
    """Whether Coq understood the file and refuses a proof; `lia` "cannot find witness" then."""
    return "Error:" in complaint and not NO_REFUSAL.search(complaint)


def refused(mutant: Mutant, folder: Path = BUILT) -> str:
    """Compile what a change touches, apart from the checkout; the file that breaks, or "".

    What Coq cannot read is no mutant: an error.
    """
    with tempfile.TemporaryDirectory() as place:
        there = Path(place)
        for path in folder.iterdir():
            if path.suffix in (".v", ".vo"):
                shutil.copy2(path, there)
        (there / mutant.file).write_text(mutant.applied(), encoding="utf-8")
        touched = {mutant.file}
        for name in files():
            if name in touched or needs((there / name).read_text(encoding="utf-8")) & touched:
                touched.add(name)
                if found := complaint(there, name):
                    if not is_refusal(found):
                        raise ValueError(f"{mutant}: {found}")
                    return name
    return ""


def _build() -> int:
    if PROVER.path() is None:
        print(remedy([PROVER]), file=sys.stderr)
        return 1
    complaints = build() or list(filter(None, [checked(everything=True)]))
    for found in complaints:
        print(found, file=sys.stderr)
    if not complaints:
        print(f"{len(files())} files, {sum(map(len, statements().values()))} theorems of the book.")
    return int(bool(complaints))


def _mutants() -> int:
    if PROVER.path() is None or build():
        return _build()
    survivors = 0
    for mutant in mutants():
        name = refused(mutant)
        survivors += not name
        print(f"{name or 'SURVIVES'}: {mutant}", flush=True)
    print(f"{len(mutants())} mutants, {survivors} survive.")
    return int(survivors > 0)


def _statements() -> int:
    DATA.write_text(as_json(), encoding="utf-8")
    return 0


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = {"build": _build, "mutants": _mutants, "statements": _statements}
    parser.add_argument("command", choices=commands)
    return commands[parser.parse_args().command]()


if __name__ == "__main__":
    raise SystemExit(main())
