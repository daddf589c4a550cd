"""The edits that the search is offered, without the search."""

import ast

import pytest

from crosscheck.repair.candidate import Candidate
from crosscheck.repair.edits import candidates
from crosscheck.repair.exchanging import edited
from crosscheck.repair.scope import Scope

FORWARD = """
def forward(x, W, U):
    h = np.tanh(x @ W)
    s = h @ U / np.sqrt(D)
    loss = np.sum(s ** 2) + np.sum(h @ U)
    r = np.maximum(0, h)
    out = r @ U
    hs.append(h)
"""
# what the backward pass reads, what it must become
OFFERED = {
    "parts of a slope that stand apart": ("dz = dh * h * (1 - h)", "dz = dh * (1 - h * h)"),
    "the square outside of the bracket": ("dz = dh * (1 - h) ** 2", "dz = dh * (1 - h ** 2)"),
    "a factor into a product": ("dx = W.T @ dh * h", "dx = W.T @ (dh * h)"),
    "a factor out of a product": ("dx = np.dot(W.T, dh * h)", "dx = (np.dot(W.T, dh)) * h"),
    "a factor that the forward has stored": ("ds = dh * 2", "ds = dh * 2 * hs[t]"),
    "a scale of another function": ("dh = ds @ U.T", "dh = (ds @ U.T) / np.sqrt(D)"),
    "the mask of a relu": ("dz = dh @ U.T", "dz = (dh @ U.T) * (hidden > 0)"),
    "the slope of a value": ("dy = dh * s; dz = ds * slope(h, deriv=True)", "dy = dh * slope(s, deriv=True)"),
    "a slope that is missing": ("dy = dh @ U.T; dz = ds * slope(h)", "dy = (dh @ U.T) * slope(hidden)"),
    "the mask of an activation that is a factor of a product": (
        "dh = dy @ U.T; dU = r.T @ dy",
        "dh = (dy @ U.T) * (r > 0)",
    ),
    "a second path": ("dz = dh * 1; dx = np.dot(dz, W.T)", "dx = np.dot(dz, W.T) + np.dot(dz, U.T)"),
    "the carry among several targets": ("dx, other = step(dh, dh_next)", "dx, dh_next = step(dh, dh_next)"),
    "a slope that the gradient is behind already": ("dz = (p - y) * p * (1 - p)", "dz = (p - y)"),
    "what a mask leaves out": ("dz = dh * 1; m = mask[:, t]; dz /= n", "dz *= mask[:, t][:, None]"),
    "what was computed and not used": ("dq = dh * h; dx[t] = step(dh, h)", "dx[t] = dq"),
}


def scope_of(lines: str, forward: str = FORWARD) -> Scope:
    code = (
        f"{forward}\ndef backward(cache, dh):\n    hidden, D, hs, W, U, h = cache\n    dh_next = np.zeros(3)\n"
        "    for t in range(3):\n        ds = hs[t] * dh\n"
    )
    first = code.count("\n") + 1
    code += "".join(f"        {line.strip()}\n" for line in lines.split(";"))
    tree = ast.parse(code)
    return Scope(code, (), range(first - 4, first + lines.count(";") + 1), tree)


def offered(scope: Scope) -> list[tuple[str, Candidate]]:
    code = "\n".join(scope.text.lines)
    return [(edited(code, candidate.edits), candidate) for candidate in candidates(scope)]


@pytest.mark.parametrize(("given", "wanted"), OFFERED.values(), ids=OFFERED.keys())
def test_an_edit_is_offered(given: str, wanted: str) -> None:
    lines = {line.strip() for code, _ in offered(scope_of(given)) for line in code.split("\n")}
    assert wanted in lines


def test_a_factor_of_two_is_likeliest_beside_what_the_forward_squares() -> None:
    costs = {
        line.strip(): candidate.cost
        for code, candidate in offered(scope_of("da = s * dh; db = h * dh"))
        for line in code.split("\n")
        if line.strip().startswith(("da = 2 *", "db = 2 *"))
    }
    assert costs["da = 2 * s * dh"] < costs["db = 2 * h * dh"]


def test_a_gradient_that_comes_in_at_every_step_is_told_from_a_term_of_the_step() -> None:
    codes = {
        candidate.code
        for code, candidate in offered(scope_of("dz = dh * h; dh = U.T @ dz + W.T @ dy"))
        if code.rstrip().endswith(" dh = U.T @ dz")
    }
    assert "output-gradient-at-every-step" in codes
    own = {
        candidate.code
        for code, candidate in offered(scope_of("dz = dh * h; dh = U.T @ dz + W.T @ dz"))
        if code.rstrip().endswith(" dh = U.T @ dz")
    }
    assert "extra-term" in own
    assert "output-gradient-at-every-step" not in own


def test_nothing_is_added_where_zeros_are() -> None:
    assert not [code for code, _ in offered(scope_of("dh_next = np.zeros(3)")) if "dh_next += np.zeros(3)" in code]


def test_an_edit_is_likelier_that_lets_a_line_read_like_those_beside_it() -> None:
    costs = {
        line.strip(): candidate.cost
        for code, candidate in offered(scope_of("A = A - h * dA; B = B - h * dB; p = p + h * dp"))
        for line in code.split("\n")
        if "- h * dp" in line or "+ h * dB" in line
    }
    assert costs["p = p - h * dp"] < costs["B = B + h * dB"]


def test_a_forgotten_scale_is_likeliest_on_the_gradient_of_what_the_forward_scales() -> None:
    costs = {
        candidate.about: candidate.cost
        for _, candidate in offered(scope_of("gs = dh * h; gx = gs * h"))
        if candidate.code == "scale-forgotten"
    }
    assert costs["gs"] < costs["gx"]


def test_a_carry_that_only_ends_like_a_gradient_is_one() -> None:
    forward = "def forward(x):\n    h = x"
    scope = scope_of("hidden_delta = dh + future_delta", forward)
    assert scope.is_gradient("future_delta")
    assert not scope.is_gradient("hidden")
