"""Statements, proofs and exercises as `sphinx_proof` and `sphinx_exercise` should make them."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_proof.nodes import proof_node  # type: ignore[import-untyped]

# Names that `sphinx_proof` and `sphinx_exercise` give to many things of a page.
TWINS = {"proof", "proof-content", "exercise-content", "solution-content"}


class Statements(SphinxPostTransform):
    """Mend what `sphinx_proof` and `sphinx_exercise` make, for the site and the PDF alike.

    No two things of a page have one name; the word that opens a proof is set off from it; a link to
    an exercise does not begin with a space.
    """

    default_priority = 500  # when the titles of solutions are made

    def run(self, **kwargs: Any) -> None:
        """Change the tree of a page."""
        for box in self.document.findall(nodes.Element):
            if isinstance(box, nodes.section | nodes.admonition):
                box["ids"] = [name for name in box["ids"] if name not in TWINS]
        for proof in self.document.findall(proof_node):
            words = next(proof.findall(nodes.Text))
            opening = nodes.emphasis("", "Proof.", classes=["proof-word"])
            words.parent.replace(words, [opening, nodes.Text(words.removeprefix("Proof."))])
        for link in self.document.findall(nodes.reference):
            words = link.children[0] if link.children else None
            if isinstance(words, nodes.Text) and words.startswith(" Exercise"):
                link.replace(words, nodes.Text(words.lstrip()))
                link.parent.insert(link.parent.index(link), nodes.Text(" "))


def _begin_proof(self: Any, node: nodes.Element) -> None:
    for box in [child for child in node if isinstance(child, nodes.Admonition)]:
        node.replace(box, box.children)
    self.body.append("\n\\begin{bookproof}\n")


def _end_proof(self: Any, node: nodes.Element) -> None:
    self.body.append("\n\\end{bookproof}\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_node(proof_node, override=True, latex=(_begin_proof, _end_proof))
    app.add_post_transform(Statements)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
