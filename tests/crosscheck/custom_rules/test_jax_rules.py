"""Rules of JAX against the derivative of the undecorated function."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from crosscheck.custom_rules.jax_rules import MANY_CALLS, Recorder, rules_of, without_rules
from crosscheck.custom_rules.running import Module
from crosscheck.custom_rules.slots import shortened
from crosscheck.source import read
from tests.crosscheck.custom_rules.documents import JAX, codes, examined, line_of

SWISH = (
    JAX
    + """
@jax.custom_vjp
def swish(x):
    return x * jax.nn.sigmoid(x)

def swish_fwd(x):
    return swish(x), x

def swish_bwd(x, g):
    s = jax.nn.sigmoid(x)
    return (g * (s + x * s * (1 - s)),)

swish.defvjp(swish_fwd, swish_bwd, optimize_remat=True)
"""
)


@pytest.mark.thorough
def test_a_right_rule_agrees_and_a_slip_is_found_on_the_line_of_its_backward(tmp_path):
    subjects, others, more = examined(tmp_path, SWISH)
    assert subjects["swish"]["verdict"] == "agree"
    assert subjects["swish"]["model"] == "jax.custom_vjp"
    assert subjects["swish"]["oracles"] == ["JAX's derivative of swish without its rule"]
    assert [one["name"] for one in subjects["swish"]["parameters"]] == ["x"]
    assert others == []
    assert not more
    wrong = SWISH.replace("x * s * (1 - s)", "x * (1 - s)")
    subjects, _, _ = examined(tmp_path, wrong)
    assert subjects["swish"]["verdict"] == "disagree"
    (finding,) = [one for one in subjects["swish"]["findings"] if one["severity"] == "error"]
    assert (finding["code"], finding["parameter"]) == ("gradient-differs", "x")
    assert finding["line"] == line_of(wrong, "def swish_bwd")


@pytest.mark.thorough
def test_a_stable_jvp_agrees_though_it_loses_digits_far_out_and_the_naive_one_overflows(tmp_path):
    code = (
        JAX
        + """
@jax.custom_jvp
def log1pexp(x: float):
    return jnp.log(1. + jnp.exp(x))

@log1pexp.defjvp
def rule(primals, tangents):
    (x,), (dx,) = primals, tangents
    return log1pexp(x), (1 - 1 / (1 + jnp.exp(x))) * dx

print(log1pexp(jnp.float32(2)))
"""
    )
    assert examined(tmp_path, code)[0]["log1pexp"]["verdict"] == "agree"


@pytest.mark.thorough
def test_arguments_that_are_not_differentiated_are_held_at_values_and_keys_get_no_cotangent(tmp_path):
    code = (
        JAX
        + """
@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def drop(x, key, rate):
    return x * jax.random.bernoulli(key, 1 - rate, x.shape) / (1 - rate)

drop.defvjp(lambda x, key, rate: (drop(x, key, rate), (x, key)),
            lambda rate, saved, g: (g * jax.random.bernoulli(saved[1], 1 - rate, g.shape) / (1 - rate), None))
"""
    )
    subjects, _, _ = examined(tmp_path, code)
    assert subjects["drop"]["verdict"] == "agree", subjects
    assert [one["name"] for one in subjects["drop"]["parameters"]] == ["x"]


def test_an_index_that_occurs_twice_must_add_up(tmp_path):
    code = (
        JAX
        + """
@jax.custom_vjp
def rows(table, idx):
    return table[idx]

rows.defvjp(lambda table, idx: (table[idx], (table, idx)),
            lambda saved, g: (jnp.zeros_like(saved[0]).at[saved[1]].set(g), None))
"""
    )
    assert examined(tmp_path, code)[0]["rows"]["verdict"] == "disagree"


@pytest.mark.thorough
def test_the_wrong_number_of_gradients_and_another_forward_are_told_apart(tmp_path):
    code = (
        JAX
        + """
@jax.custom_vjp
def product(x, y):
    return x * y

product.defvjp(lambda x, y: (x * y, (x, y)), lambda saved, g: (g * saved[1],))

@jax.custom_vjp
def square(x):
    return x * x

square.defvjp(lambda x: (2 * x * x, x), lambda x, g: (2 * x * g,))
"""
    )
    subjects, _, _ = examined(tmp_path, code)
    assert codes(subjects["product"]) == {"rule-malformed"}
    assert codes(subjects["square"]) == {"forward-differs"}
    assert {subject["verdict"] for subject in subjects.values()} == {"disagree"}


STE = (
    JAX
    + """
# crosscheck: waived: straight-through
@jax.custom_vjp
def quantised(x):
    return jnp.round(x)

quantised.defvjp(lambda x: (jnp.round(x), None), lambda _, g: (g,))
"""
)


@pytest.mark.thorough
def test_a_waiver_makes_a_note_and_its_absence_a_disagreement(tmp_path):
    subject = examined(tmp_path, STE)[0]["quantised"]
    assert subject["verdict"] == "agree"
    assert [(one["code"], one["severity"]) for one in subject["findings"]] == [("waived", "note")]
    assert "straight-through" in subject["findings"][0]["message"]
    assert subject["parameters"][0]["verdict"] == "inconclusive"
    without = STE.replace("# crosscheck: waived: straight-through\n", "")
    subject = examined(tmp_path, without)[0]["quantised"]
    assert subject["verdict"] == "disagree"
    assert "# crosscheck: waived: straight-through" in subject["findings"][0]["message"]


ROOT = (
    JAX
    + """
@jax.custom_vjp
def root(x):
    def step(state):
        y, turn = state
        return (y + (1 + x * x) / y) / 2, turn + 1
    return jax.lax.while_loop(lambda state: state[1] < 40, step, (1 + jnp.abs(x), 0))[0]

root.defvjp(lambda x: (root(x), (x, root(x))), lambda kept, g: (g * kept[0] / kept[1] * 1.000003,))
root(jnp.ones(3))
"""
)


@pytest.mark.thorough
def test_a_slip_no_larger_than_what_a_loop_may_leave_is_not_judged(tmp_path):
    subject = examined(tmp_path, ROOT)[0]["root"]
    assert (subject["verdict"], codes(subject)) == ("inconclusive", {"differs-in-tolerance"})
    subject = examined(tmp_path, ROOT.replace("1.000003", "1.003"))[0]["root"]
    assert subject["verdict"] == "disagree"


@pytest.mark.thorough
def test_where_a_loop_does_not_converge_a_rule_that_is_right_elsewhere_is_not_held_to_be_wrong(tmp_path):
    stopped = ROOT.replace(" * 1.000003", "").replace("< 40", "< 6").replace("1 + jnp.abs(x), 0", "jnp.ones_like(x), 0")
    subject = examined(tmp_path, stopped)[0]["root"]
    assert (subject["verdict"], codes(subject)) == ("inconclusive", {"differs-where-unsolved"})


def test_a_difference_below_single_precision_is_a_warning(tmp_path):
    code = (
        JAX
        + """
@jax.custom_vjp
def scaled(x):
    return 0.7978845608028654 * x * x

scaled.defvjp(lambda x: (scaled(x), x), lambda x, g: (2 * 0.79788456 * x * g,))
"""
    )
    subject = examined(tmp_path, code, x64=False)[0]["scaled"]
    assert (subject["verdict"], codes(subject)) == ("agree", {"differs-in-double"})


def test_calls_in_the_file_are_seen_in_a_training_loop_that_does_not_end(tmp_path):
    code = (
        JAX
        + """
@jax.custom_vjp
def layer(params, x):
    return jnp.tanh(x @ params["w"])

def forward(params, x):
    y = layer(params, x)
    return y, (params, x, y)

def backward(saved, g):
    params, x, y = saved
    d = g * (1 - y * y)
    return {"w": x.T @ d}, d @ params["w"].T

layer.defvjp(forward, backward)

if __name__ == "__main__":
    params = {"w": jnp.ones((30, 20))}
    while True:
        params = jax.tree.map(lambda p, g: p - g, params,
                              jax.grad(lambda p: layer(p, jnp.ones((8, 30))).sum())(params))
"""
    )
    recorder = Recorder()
    with recorder.recording():
        (tmp_path / "rules.py").write_text(code)
        module = Module(read(tmp_path / "rules.py"))
        recorder.interrupting = True
        module.demonstrate(recorder.all_seen)
    (rule,) = rules_of(module.document, recorder, list(module.values()))
    assert (rule.name, rule.line) == ("layer", line_of(code, "def backward"))
    assert rule.count == MANY_CALLS + 1
    assert [str(shortened(form)) for form in rule.calls] == ["params {'w': (5, 3)}, x (4, 5)"]


def test_what_cannot_be_called_is_skipped_with_the_reason(tmp_path):
    code = SWISH.replace("def swish(x):\n", "def swish(x):\n    x.layers[0].weight\n")
    subjects, others, _ = examined(tmp_path, code)
    assert subjects == {}
    assert [(one["event"], one["function"]) for one in others] == [("skipped", "swish")]
    assert "annotate" in others[0]["reason"]


@pytest.fixture
def rule():
    @jax.custom_vjp
    def wrong(x):
        return x * x

    wrong.defvjp(lambda x: (x * x, None), lambda _, g: (7 * g,))
    return wrong


def test_a_wrong_rule_inside_of_another_function_is_not_part_of_the_reference(rule):
    with without_rules([rule]):
        assert jax.grad(lambda x: 3 * rule(x))(5.0) == 30
    assert jax.grad(lambda x: 3 * rule(x))(5.0) == 21


def test_recording_leaves_jax_as_it_was():
    before = [kind.__call__ for kind in (jax.custom_vjp, jax.custom_jvp)]
    with Recorder().recording():
        assert jax.custom_vjp.__call__ is not before[0]
    assert [kind.__call__ for kind in (jax.custom_vjp, jax.custom_jvp)] == before
    assert np.isfinite(float(jax.nn.relu(jnp.ones(()))))


SOLVED = (
    JAX
    + """
from functools import partial

@partial(jax.custom_vjp, nondiff_argnums=(0,))
def settle(step, a, start):
    def goes_on(state):
        before, now = state
        return jnp.max(jnp.abs(now - before)) > 1e-7
    return jax.lax.while_loop(goes_on, lambda state: (state[1], step(a, state[1])), (start, step(a, start)))[1]

def settle_fwd(step, a, start):
    end = settle(step, a, start)
    return end, (a, end)

def settle_bwd(step, saved, g):
    a, end = saved
    slope = jax.jvp(lambda x: step(a, x), (end,), (jnp.ones_like(end),))[1]
    return jax.vjp(lambda a: step(a, end), a)[1](g / (1 - slope))[0], jnp.zeros_like(end)

settle.defvjp(settle_fwd, settle_bwd)

def root(a):
    return settle(lambda a, x: 0.5 * (x + a / x), a, a)

print(jax.grad(root)(2.0))
"""
)


@pytest.mark.thorough
def test_a_loop_that_ends_when_it_is_exact_enough_is_gone_through_forward(tmp_path):
    subjects, _, _ = examined(tmp_path, SOLVED)
    (subject,) = subjects.values()
    assert subject["verdict"] == "agree"
    assert subject["oracles"] == ["JAX's derivative of settle without its rule, in forward mode"]
    assert codes(subject) <= {"differs-in-tolerance"}
    subjects, _, _ = examined(tmp_path, SOLVED.replace("g / (1 - slope)", "0.99 * g / (1 - slope)"))
    assert subjects["settle"]["verdict"] == "disagree"


NEWTON = (
    JAX
    + """
def newton(f, x):
    return jax.lax.fori_loop(0, 20, lambda _, x: x - jnp.linalg.solve(jax.jacfwd(f)(x), f(x)), x)

def make_root(residual):
    @jax.custom_vjp
    def root(a, start):
        return newton(lambda x: residual(x, a), start)

    def fwd(a, start):
        x = root(a, start)
        return x, (x, a)

    def bwd(saved, g):
        x, a = saved
        u = jnp.linalg.solve(jax.jacobian(residual)(x, a).T, g)
        return -jax.vjp(lambda a: residual(x, a), a)[1](u)[0], jnp.zeros_like(x)

    root.defvjp(fwd, bwd)
    return root

root = make_root(lambda x, a: jnp.tanh(a @ x) + 2 * x - 1)
print(jax.grad(lambda a: root(a, jnp.zeros(2)).sum())(jnp.array([[0.3, -0.2], [0.5, 0.1]])))
"""
)


@pytest.mark.thorough
def test_where_turns_may_not_have_come_to_an_end_nothing_is_said(tmp_path):
    subjects, _, _ = examined(tmp_path, NEWTON)
    (subject,) = subjects.values()
    assert subject["verdict"] in ("agree", "inconclusive")
    subjects, _, _ = examined(tmp_path, NEWTON.replace("(x, a).T, g)", "(x, a), g)"))
    assert [subject["verdict"] for subject in subjects.values()] == ["disagree"]


SPARSE = (
    JAX
    + """
import numpy as np

def make_product(rows, columns, n):
    @jax.custom_vjp
    def product(values, x):
        return jnp.zeros(n, x.dtype).at[rows].add(values * x[columns])

    def fwd(values, x):
        return product(values, x), (values, x)

    def bwd(saved, g):
        values, x = saved
        return g[rows] * x[columns], jnp.zeros(n, g.dtype).at[columns].add(values * g[rows])

    product.defvjp(fwd, bwd)
    return product

def test_product():
    for n in (11, 13):
        at = np.arange(n)
        product = make_product(np.concatenate([at, at[1:]]), np.concatenate([at, at[:-1]]), n)
        jax.grad(lambda v: product(v, jnp.ones(n)).sum())(jnp.ones(2 * n - 1))
"""
)


@pytest.mark.thorough
def test_a_rule_that_a_test_has_made_is_judged_once_at_the_lengths_of_what_it_was_made_for(tmp_path):
    subjects, events, _ = examined(tmp_path, SPARSE)
    assert [subject["verdict"] for subject in subjects.values()] == ["agree"]
    assert [event for event in events if event["event"] == "skipped"] == []
    subjects, _, _ = examined(tmp_path, SPARSE.replace("return g[rows] * x[columns]", "return g[columns] * x[columns]"))
    assert [subject["verdict"] for subject in subjects.values()] == ["disagree"]


MADE = """
import jax
import jax.numpy as jnp
from jax.scipy.special import logsumexp


def get_softmin(gamma, custom=True):
    def softmin(values):
        return -gamma * logsumexp(-values / gamma, axis=-1)

    if not custom:
        return softmin
    ruled = jax.custom_vjp(softmin)

    def forward(values):
        return softmin(values), -values / gamma

    def backward(scaled, g):
        return (jax.nn.softmax(scaled, axis=-1) * jnp.expand_dims(g, -1){slip},)

    ruled.defvjp(forward, backward)
    return ruled
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("slip", "verdict"), [("", "agree"), (" / gamma", "disagree")])
def test_a_rule_that_a_function_makes_is_judged_though_nothing_calls_that(tmp_path, slip, verdict):
    subjects, _, _ = examined(tmp_path, MADE.replace("{slip}", slip))
    assert {name: subject["verdict"] for name, subject in subjects.items()} == {"get_softmin.softmin": verdict}


AROUND = """
import jax
import jax.numpy as jnp


@jax.custom_jvp
@jax.custom_vjp
def soft(x):
    return jnp.logaddexp(0, x)


@soft.defjvp
def soft_jvp(primals, tangents):
    (x,), (dx,) = primals, tangents
    return soft(x), dx / (1 + jnp.exp({sign}x))


def soft_fwd(x):
    return soft(x), x


soft.defvjp(soft_fwd, lambda x, g: (g * jax.nn.sigmoid(x),))
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("sign", "verdict"), [("-", "agree"), ("", "disagree")])
def test_a_rule_around_another_rule_is_judged_as_well(tmp_path, sign, verdict):
    subjects, _, _ = examined(tmp_path, AROUND.replace("{sign}", sign))
    verdicts = {name: subject["verdict"] for name, subject in subjects.items()}
    assert verdicts == {"soft": "agree", "soft (custom_jvp)": verdict}
