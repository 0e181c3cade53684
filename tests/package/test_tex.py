"""Formulas of the chapters as objects."""

import pytest
import sympy as sp

from lpbook.ledger.binomial import BinAtLeast, BinAtMost, BinBelow, BinExactly
from lpbook.ledger.tex import Unreadable, read

convolved, masked = map(sp.Function, ("convolved", "masked"))
a, b, c, k, m, t, tau, R = sp.symbols("a b c k m t tau R")


@pytest.mark.parametrize(
    ("tex", "wanted"),
    [
        (r"\frac12x", sp.Symbol("x") / 2),
        (r"\frac1{16}", sp.Rational(1, 16)),
        (r"1.5a", sp.Rational(3, 2) * a),
        (r"12{,}000", sp.Integer(12000)),
        (r"\tau/2R", tau / (2 * R)),
        (r"a/b\cdot c", a / b * c),
        (r"-a^2", -(a**2)),
        (r"a^{-k}b", a**-k * b),
        (r"2ab(1-c)^k", 2 * a * b * (1 - c) ** k),
        (r"\ln\frac k\delta", sp.log(k / sp.Symbol("delta"))),
        (r"\ln 2k\,(a+b)", sp.log(2 * k) * (a + b)),
        (r"\log_2\frac1a", sp.log(1 / a) / sp.log(2)),
        (r"\log_\varphi2", sp.log(2) / sp.log(sp.GoldenRatio)),
        (r"\sqrt{t^2+2m't}", sp.sqrt(t**2 + 2 * sp.Symbol("m'") * t)),
        (r"e^{-e_i}", sp.exp(-sp.Symbol("e_i"))),
        (r"w_{\max}\varepsilon_w", sp.Symbol("w_max") * sp.Symbol("epsilon_w")),
        (r"\max\{1,\frac{|a|}2\}", sp.Max(1, sp.Abs(a) / 2)),
        (r"\pm\frac12", sp.Function("pm")(sp.Rational(1, 2))),
        (r"\max a", sp.Function("Max")(a)),  # of all that have an index: SymPy's would be a
        (r"\binom{k}{2}m!", sp.binomial(k, 2) * sp.factorial(m)),
        (r"\sum_{j=1}^kj^2", sp.Sum(sp.Symbol("j") ** 2, (sp.Symbol("j"), 1, k))),
        (r"\Bigl\lceil\tfrac ab\Bigr\rceil", sp.ceiling(a / b)),
        (r"p(a,b)", sp.Function("p")(a, b)),
        (r"h(a)", sp.Function("h")(a)),
        (r"h'(a)", sp.Function("h'")(a)),
        (r"a^{10}", a**10),
        (r"0.5a", a / 2),
        (r"\ln^2(a)b", sp.log(a) ** 2 * b),
        (r"\frac12\ln|a|", sp.log(sp.Abs(a)) / 2),
        (r"\log_23", sp.log(3) / sp.log(2)),
        (r"k(a)", k * a),
        (r"\Pr[\mathrm{Bin}(k,c)<m]", BinBelow(k, c, m)),
        (r"\hat a(k)", sp.Symbol("hat_a") * k),
        (r"\hat a_i+b", sp.Symbol("hat_a_i") + b),
        (r"\sup_k\lVert a\rVert_2", sp.Function("Sup_k")(sp.Function("norm")(a))),
        (r"a\circ b*c", convolved(masked(a, b), c)),
        (r"2k*\sigma(a)", convolved(2 * k, sp.Function("sigma")(a))),
        (r"a\in k[b,2c]", sp.Function("in")(a, (k * b, 2 * k * c))),
    ],
)
def test_expressions(tex, wanted):
    (found,) = read(tex)
    assert found == wanted


def test_chains_rows_and_lists():
    assert read(r"a\le b=c,\qquad a<1") == [
        sp.Le(a, b, evaluate=False),
        sp.Eq(b, c, evaluate=False),
        sp.Lt(a, 1, evaluate=False),
    ]
    rows = r"\begin{aligned}a&=b\\&\quad+c\\&\ge1\end{aligned}"
    assert read(rows) == [sp.Eq(a, b + c, evaluate=False), sp.Ge(b + c, 1, evaluate=False)]


def test_a_power_of_an_interval_keeps_its_ends():
    (relation,) = read(r"t\in[-1,1]^d")
    assert relation.args[1] == sp.Function("Power")(-1, 1, sp.Symbol("d"))


@pytest.mark.parametrize(
    "tex",
    [r"\frac12\partial", r"(a", r"a+", r"\sum_{j\in S}^2a", r"\nonsense", r"a=3\text{if {k}}"],
)
def test_what_cannot_be_read_says_where(tex):
    with pytest.raises(Unreadable):
        read(tex)


@pytest.mark.parametrize(
    "tex",
    [
        r"a^10",
        r"a^1.5",
        r"a_10",
        r"\frac123",
        r"\sqrt23",
        r"\sum_{j=1}^10j",
        r".5",
        r"a+.5",
        r"a\le.5",
        r"a,.5",
        r"1.2.3",
        r"2\,3",
        r"2 3",
        r"1{,}5",
        r"\ln(a)^2",
        r"\ln(a)!",
        r"\exp(a)^2",
        r"\max\{a,b\}^2",
        r"a\pm b",
        r"\ln|a|b",
        r"\ln\lvert a\rvert b",
        r"h^2(a)",
        r"e^a^2",
        r"e^{a}^{2}",
        r"a^b!",
    ],
)
def test_what_can_be_read_in_two_ways_is_not_read(tex):
    with pytest.raises(Unreadable):
        read(tex)


def test_binomial_events_are_exact():
    third = sp.Rational(1, 3)
    law = [BinExactly(4, third, j) for j in range(5)]
    assert law[1] == 4 * third * (1 - third) ** 3
    assert BinBelow(4, third, 2) == law[0] + law[1]
    assert BinAtMost(4, third, 2) == law[0] + law[1] + law[2]
    assert BinAtLeast(4, third, 2) == law[2] + law[3] + law[4]
    assert sp.latex(BinBelow(k, c, m)) == r"\Pr[\mathrm{Bin}(k,c)< m]"
