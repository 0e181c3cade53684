"""How the ledger speaks: beginnings of counterexamples, and plain words as a page sets them."""

import pytest

import lpbook as lp
from lpbook.ledger.words import parts, typeset, without


@pytest.mark.parametrize(
    ("dropped", "begins"),
    [
        ("the mean 1 − 1/(2k) (99 % of it)", "With 99 % of it in place of the mean 1 − 1/(2k)"),
        ("w = 0.7 (1 is taken)", "With w = 1 in place of 0.7"),
        ("the log (x instead of ln(1 + x))", "With x in place of ln(1 + x)"),
        ("there are 160 neurons (3,000 instead)", "With 3,000 in place of 160 neurons"),
        ("the bound on [0, 1] (on [0, 2] only)", "Without the bound on [0, 1] (on [0, 2] only)"),
        ("one edge each (two are kept)", "Without one edge each (two are kept)"),
        ("it is 2 (3 instead)", "Without the hypothesis that it is 2 (3 instead)"),
        (
            "they are disjoint: let both be one",
            "Without the hypothesis that they are disjoint; let both be one",
        ),
        ("‖x‖₂ ≤ 1", "Without ‖x‖₂ ≤ 1"),
    ],
)
def test_a_counterexample_begins_in_plain_words(dropped, begins):
    assert without(dropped) == begins


@pytest.mark.parametrize(
    ("plain", "set_"),
    [
        ("w_max and F_i(x)", "w<sub>max</sub> and F<sub>i</sub>(x)"),
        ("2^-43.3, γ^−(k+1)", "2<sup>−43.3</sup>, γ<sup>−(k+1)</sup>"),
        ("n^{3/2}F", "n<sup>3/2</sup>F"),
        ("log_γ(w) by weight_budget", "log<sub>γ</sub>(w) by weight_budget"),
        ("-0.5 on [-1, 1], 2-norm, 1 - δ", "−0.5 on [−1, 1], 2-norm, 1 − δ"),
        ("18471, 1000000, 0.00034657", "18,471, 1,000,000, 0.00034657"),
        ("1e-06 < 3.96e+04", "10<sup>−6</sup> < 3.96~·~10<sup>4</sup>"),
        ("9.5367431640625e-07, 0.0009765625", "2<sup>−20</sup>, 2<sup>−10</sup>"),
        ("0.0009765626 and 0.0078125", "0.0009765626 and 0.0078125"),
        ("x = ± 1, ± (½, ½), ± w", "x~=~±1, ±(½, ½), ± w"),
        ("-sqrt(2)/100, 99*sqrt(n + 1), exp(-1)", "−√2/100, 99√(n + 1), e<sup>−1</sup>"),
        ("99 % of 3 bits at M = 19, 0 of 2 draws", "99~% of 3~bits at M~=~19, 0 of 2~draws"),
        (
            "$x^{-1000}$ and `f(-1000, 1e-06)` at 9 points",
            "$x^{-1000}$ and `f(-1000, 1e-06)` at 9~points",
        ),
    ],
)
def test_plain_words_are_set_and_names_and_formulas_are_left_alone(plain, set_):
    assert typeset(plain) == set_.replace("~", "\N{NO-BREAK SPACE}")


def test_pieces_say_what_they_are():
    assert parts("`f` of $x_1$ and y_1") == [
        ("code", "f"),
        ("text", " of "),
        ("formula", "x_1"),
        ("text", " and y"),
        ("sub", "1"),
    ]


def test_formulas_of_a_check_stay_tex():
    steps = lp.claims["product-lower-bound"].check()
    for line in steps:
        assert line.shown in typeset(line.shown)
