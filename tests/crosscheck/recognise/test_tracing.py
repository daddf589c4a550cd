"""Shapes of arguments that nothing shows: found from what functions do with arrays of unknown lengths."""

import time
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.backward_passes import functions_of
from crosscheck.recognise.guesses import Guess
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.scenarios import Scenario
from crosscheck.recognise.tracing import search, traced
from crosscheck.recognise.tracing.lengths import ContradictionError, Equations
from crosscheck.recognise.world import World
from crosscheck.source import read
from crosscheck.verdicts import Verdict

GATED = """
import numpy as np
def squash(v):
    low = v < 0
    out = np.empty_like(v)
    out[~low] = 1 / (1 + np.exp(-v[~low]))
    out[low] = np.exp(v[low]) / (1 + np.exp(v[low]))
    return out
def unrolled_forward(seq, start, U, R, c):
    B, T, _ = seq.shape
    width = start.shape[1]
    mem, state, tape = np.zeros_like(start), start, []
    out = np.zeros((B, T, width))
    for t in range(T):
        a = seq[:, t] @ U + state @ R + c
        i, f, o, g = np.split(a, 4, axis=1)
        i, f, o, g = squash(i), squash(f), squash(o), np.tanh(g)
        tape.append((seq[:, t], state, mem, i, f, o, g))
        mem = f * mem + i * g
        state = o * np.tanh(mem)
        out[:, t] = state
    return out, (tape, U, R)
def unrolled_backward(dout, cache):
    tape, U, R = cache
    dU, dR, dc = np.zeros_like(U), np.zeros_like(R), np.zeros(U.shape[1])
    dstate = dmem = 0
    for t in reversed(range(len(tape))):
        x, state, mem, i, f, o, g = tape[t]
        new = f * mem + i * g
        dh = dout[:, t] + dstate
        dm = dmem + dh * o * (1 - np.tanh(new) ** 2)
        do = dh * np.tanh(new) * o * (1 - o)
        da = np.hstack([dm * g * i * (1 - i), dm * mem * f * (1 - f), do, dm * i * (1 - g**2)])
        dU, dR, dc = dU + x.T @ da, dR + state.T @ da, dc + da.sum(0)
        dstate, dmem = da @ R.T, dm * f
    return dU, dR, dc
"""
FLAT = """
import numpy as np
def objective(vec, n_in, n_mid, samples, decay):
    size = n_in * n_mid
    enc = vec[:size].reshape(n_mid, n_in)
    dec = vec[size:2 * size].reshape(n_in, n_mid)
    p, q = vec[2 * size:2 * size + n_mid], vec[2 * size + n_mid:]
    count = samples.shape[1]
    code = np.tanh(enc.dot(samples) + p[:, None])
    miss = dec.dot(code) + q[:, None] - samples
    cost = (miss ** 2).sum() / (2 * count) + decay / 2 * (enc ** 2).sum()
    back = dec.T.dot(miss) * (1 - code ** 2)
    parts = back.dot(samples.T) / count + decay * enc, miss.dot(code.T) / count
    parts += back.sum(1) / count, miss.sum(1) / count
    grad = np.concatenate([part.ravel() for part in parts])
    return cost, grad
"""
HEADS = """
import numpy as np
from typing import NamedTuple
class Maps(NamedTuple):
    ask: np.ndarray
    key: np.ndarray
    mix: np.ndarray
def several(z, heads):
    n, steps, width = z.shape
    return z.reshape(n, steps, heads, width // heads).transpose(0, 2, 1, 3)
def look_forward(x, maps, heads):
    q, k = several(x @ maps.ask, heads), several(np.einsum('nse,ef->nsf', x, maps.key), heads)
    s = np.einsum('nhtd,nhsd->nhts', q, k) / np.sqrt(q.shape[-1])
    e = np.exp(s - s.max(-1, keepdims=True))
    a = e / e.sum(-1, keepdims=True)
    return np.einsum('nhts,nsf->ntf', a, x @ maps.mix), (x, q, k, a, maps)
def look_backward(dy, cache):
    x, q, k, a, maps = cache
    v = x @ maps.mix
    dmix = np.einsum('nse,nhts,ntf->ef', x, a, dy)
    da = np.einsum('ntf,nsf->nts', dy, v)[:, None]
    ds = a * (da - (da * a).sum(-1, keepdims=True)) / np.sqrt(q.shape[-1])
    together = lambda z: z.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[1], -1)
    dask = np.einsum('nte,ntf->ef', x, together(ds @ k))
    dkey = np.einsum('nte,ntf->ef', x, together(ds.transpose(0, 1, 3, 2) @ q))
    return Maps(dask, dkey, dmix)
"""
PARTS = """
import numpy as np
def both_ways(frames, weights):
    A, B, C, D = weights
    n, h = len(frames), A.shape[0]
    left, right = np.zeros((n + 1, h)), np.zeros((n + 1, h))
    for t in range(n):
        left[t + 1] = np.tanh(A @ frames[t] + B @ left[t])
    for t in reversed(range(n)):
        right[t] = np.tanh(C @ frames[t] + D @ right[t + 1])
    return np.concatenate([left[1:], right[:n]], axis=1)
def tagging_loss(frames, tags, weights, V, v):
    s = both_ways(frames, weights) @ V.T + v
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    n = len(frames)
    loss = -np.log(p[np.arange(n), tags]).mean()
    p[np.arange(n), tags] -= 1
    dV, dv = p.T @ both_ways(frames, weights) / n, p.sum(axis=0) / n
    return loss, dV, dv
"""
COLUMNS = """
import numpy as np
def layer_forward(A, W, b):
    return W.dot(A) + b, (A, W)
def layer_backward(dZ, cache):
    A, W = cache
    dA, dW, db = W.T.dot(dZ), dZ.dot(A.T), dZ.sum(axis=1, keepdims=True)
    return dA, dW, db
"""
ROWS = """
import numpy as np
def rows_forward(xs, prev_h, U, R, b):
    states = []
    _, width = prev_h.shape
    for t in range(len(xs)):
        prev_h = np.tanh(xs[t][None] @ U + prev_h @ R + b)
        states.append(prev_h)
        h = prev_h if t == 0 else np.append(h, prev_h, axis=0)
    return h, (xs, states, U, R)
def rows_backward(dh, cache):
    xs, states, U, R = cache
    steps, _ = dh.shape
    dU, dR, db, after = np.zeros_like(U), np.zeros_like(R), 0, 0
    for t in reversed(range(steps)):
        dz = (dh[t][None] + after) * (1 - states[t] ** 2)
        before = states[t - 1] if t else 0 * states[0]
        dU, dR, db = dU + xs[t][None].T @ dz, dR + before.T @ dz, db + dz.sum(0)
        after = dz @ R.T
    return dU, dR, db
"""
STEPS = """
import numpy as np
class Cell:
    def __init__(self, inner, outer):
        self.U, self.R = np.random.randn(inner, outer), np.random.randn(inner, inner)
        self.V = np.random.randn(outer, inner)
        self.b, self.c = np.zeros((inner, 1)), np.zeros((outer, 1))
    def _through(self, seq, first):
        h, o = {-1: first}, {}
        for t in range(len(seq)):
            h[t] = np.tanh(self.U @ seq[t] + self.R @ h[t - 1] + self.b)
            o[t] = self.V @ h[t] + self.c
        return h, o
    def _compared(self, labels, o):
        loss, d = 0, {}
        for t in range(len(labels)):
            p = np.exp(o[t]) / np.sum(np.exp(o[t]))
            loss -= np.log(p[labels[t], 0])
            d[t] = p.copy()
            d[t][labels[t]] -= 1
        return loss, d
    def learn(self, seq, labels, first):
        h, o = self._through(seq, first)
        loss, d = self._compared(labels, o)
        dU, dR, dV = np.zeros_like(self.U), np.zeros_like(self.R), np.zeros_like(self.V)
        db, dc, after = np.zeros_like(self.b), np.zeros_like(self.c), 0
        for t in reversed(range(len(seq))):
            dV += d[t] @ h[t].T
            dc += d[t]
            dz = (self.V.T @ d[t] + after) * (1 - h[t] ** 2)
            dU += dz @ seq[t].T
            dR += dz @ h[t - 1].T
            db += dz
            after = self.R.T @ dz
        return loss, [dU, dR, dV, db, dc]
"""


def scenario_of(tmp_path: Path, code: str, target: str, forward: str | None = None) -> Scenario:
    path = tmp_path / "module.py"
    path.write_text(code)
    document = read(path)
    return Scenario(World(document).run(), functions_of(document.tree), target, forward)


def shapes(tmp_path: Path, code: str, target: str, forward: str | None = None) -> dict[str, str]:
    scenario = scenario_of(tmp_path, code, target, forward)
    return next(traced(scenario, time.process_time() + 5, lambda _: True)).told()


def numbers(told: str) -> list[int]:
    return [int(part) for part in told.strip("integrs ()").split(",") if part.strip()]


def test_a_bias_of_four_gates_is_four_times_as_long_as_a_state(tmp_path: Path) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, GATED, "unrolled_backward", "unrolled_forward").items()}
    (batch, _, width), (other, hidden) = told["seq"], told["start"]
    assert batch == other
    assert len({batch, width, hidden}) == 3
    assert (told["U"], told["R"], told["c"]) == ([width, 4 * hidden], [hidden, 4 * hidden], [4 * hidden])


def test_a_flat_vector_is_as_long_as_what_it_is_taken_apart_into(tmp_path: Path) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, FLAT, "objective").items() if k != "decay"}
    ((n_in,), (n_mid,)) = told["n_in"], told["n_mid"]
    assert told["vec"] == [2 * n_in * n_mid + n_in + n_mid]
    assert told["samples"][:-1] == [n_in]


def test_records_are_made_with_shapes_that_split_into_heads(tmp_path: Path) -> None:
    told = shapes(tmp_path, HEADS, "look_backward", "look_forward")
    x, ask, key, mix = (numbers(told[name]) for name in ("x", "ask", "key", "mix"))
    assert ask == key
    assert ask[0] == x[2] == mix[0] != ask[1]
    assert ask[1] % int(told["heads"]) == 0


def test_parts_labels_and_what_is_put_side_by_side(tmp_path: Path) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, PARTS, "tagging_loss").items()}
    (steps, features), (hidden, _) = told["frames"], told["weights[0]"]
    assert told["weights[0]"] == told["weights[2]"] == [hidden, features]
    assert told["weights[1]"] == told["weights[3]"] == [hidden, hidden]
    assert told["tags"] == [steps]
    assert told["V"] == [*told["v"], 2 * hidden]


def test_a_column_of_biases_makes_no_single_example_of_the_data(tmp_path: Path) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, COLUMNS, "layer_backward", "layer_forward").items()}
    assert told["b"] == [told["W"][0], 1]
    assert told["A"][0] == told["W"][1]
    assert 1 not in told["A"]


def test_the_first_state_is_one_row_where_all_states_lie_one_below_another(tmp_path: Path) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, ROWS, "rows_backward", "rows_forward").items()}
    assert told["prev_h"] == [1, told["R"][0]]
    assert told["xs"][1:] == told["U"][:1]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "target", "forward", "slip"),
    [
        (FLAT, "objective", None, ("decay * enc, miss", "2 * decay * enc, miss")),
        (HEADS, "look_backward", "look_forward", ("together(ds @ k)", "together(ds @ q)")),
    ],
    ids=["flat", "record"],
)
def test_what_is_called_so_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, target: str, forward: str | None, slip: tuple[str, str]
) -> None:
    monkeypatch.setattr("crosscheck.recognise.solving.RUNS", (0,))  # no search by what NumPy complains of
    for text, verdict in ((code, Verdict.AGREE), (code.replace(*slip), Verdict.DISAGREE)):
        path = tmp_path / "module.py"
        path.write_text(text)
        found = recognise(read(path), function=target)
        (unit,) = found.units
        assert unit.name == (f"{forward}/{target}" if forward else target)
        assert judge_unit(unit, examples=4).verdict is verdict


@pytest.mark.thorough
def test_steps_end_together_and_are_columns_where_nothing_is_added_up_over_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {k: numbers(v) for k, v in shapes(tmp_path, STEPS, "Cell.learn").items()}
    assert told["seq"] == [*told["labels"], *told["outer"], 1]
    assert told["outer"] != [1]
    monkeypatch.setattr(search, "PATIENT", 0)
    summed = STEPS.replace("dc += d[t]", "dc += d[t].sum(axis=1, keepdims=True)")
    found = list(traced(scenario_of(tmp_path, summed, "Cell.learn"), time.process_time() + 0.4, lambda _: True))
    assert all(numbers(guess.told()["seq"])[-1] != 1 for guess in found)


@pytest.mark.thorough
def test_what_does_not_return_with_numbers_is_no_solution(tmp_path: Path) -> None:
    seen: list[Guess] = []

    def returns(guess: Guess) -> bool:
        seen.append(guess)
        return len(seen) > 1

    found = next(traced(scenario_of(tmp_path, STEPS, "Cell.learn"), time.process_time() + 5, returns))
    assert found is seen[1]


@pytest.mark.thorough
def test_one_feature_is_less_likely_than_columns_of_them(tmp_path: Path) -> None:
    code = STEPS.replace("self.U @ seq[t]", "np.dot(self.U, seq[t])").replace("dz @ seq[t].T", "np.dot(dz, seq[t].T)")
    assert numbers(shapes(tmp_path, code, "Cell.learn")["outer"]) != [1]


def test_lengths_are_solved_for() -> None:
    equations = Equations()
    n, h, whole = (equations.unknown(name) for name in ("n", "h", "whole"))
    equations.equal(whole - 3 * h, h)
    assert equations.of(whole).terms == {("h",): 4}
    assert (equations.of(whole) // 2).terms == {("h",): 2}
    equations.equal(n // 2, 3)
    assert equations.of(n) == 6
    with pytest.raises(ContradictionError):
        equations.equal(4 * h, 6)
