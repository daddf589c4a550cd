"""The door: right code is acquitted, wrong code is named, and what cannot be judged is said to be so."""

import json
import math
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from typing import Any

import jax
import jax.numpy as jnp
import jsonschema
import numpy as np
import pytest

import crosscheck
from crosscheck import CrosscheckError, Outcome, Verdict, check

RANDOM = np.random.default_rng(5)
PARAMETERS = {"W": RANDOM.standard_normal((3, 5)), "b": RANDOM.standard_normal(3)}
EXAMPLE = (PARAMETERS, RANDOM.standard_normal((7, 5)))
CASES = crosscheck.strategies.like(EXAMPLE, vary=False)
FEW = 12


def twin(parameters: Any, x: Any) -> Any:
    return jnp.sum(jnp.tanh(x @ parameters["W"].T + parameters["b"]) ** 2)


def subject(parameters: Any, x: Any) -> Any:
    h = np.tanh(x @ parameters["W"].T + parameters["b"])
    dz = 2 * h * (1 - h * h)
    return (h * h).sum(), {"W": dz.T @ x, "b": dz.sum(0)}


def changed(change: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Return the subject with its gradients changed."""

    def wrong(parameters: Any, x: Any) -> Any:
        loss, gradients = subject(parameters, x)
        return loss, change(gradients, x)

    return wrong


def scaled(name: str, factor: float) -> Callable[[Any, Any], Any]:
    return changed(lambda gradients, _x: {**gradients, name: gradients[name] * factor})


def codes(report: crosscheck.Report) -> set[str]:
    return {finding.code for finding in report.findings}


def test_shapes_vary_when_one_example_is_given() -> None:
    shapes = set()

    def seen(parameters: Any, x: Any) -> Any:
        shapes.add(x.shape)
        return subject(parameters, x)

    assert check(seen, twin=twin, cases=EXAMPLE, examples=20).verdict is Verdict.AGREE
    assert 1 < len(shapes) <= 4


def test_right_code_agrees_with_a_floor_near_rounding() -> None:
    report = check(subject, twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.AGREE, report
    assert report.judged == FEW
    assert [tally.name for tally in report.tallies] == ["W", "b"]
    assert all(1e-16 < tally.detection_floor < 1e-12 for tally in report.tallies)
    assert any("independent" in oracle for oracle in report.oracles)


@pytest.mark.parametrize("factor", [-1.0, 0.0, 0.5, 1 + 1e-11])
def test_a_wrong_gradient_is_found_and_named(factor: float) -> None:
    report = check(scaled("b", factor), twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.DISAGREE, report
    assert codes(report) == {"gradient-differs"}
    (finding,) = report.findings
    assert finding.parameter == "b"
    assert "Right in the same case: W" in finding.message
    assert f'only="{report.tallies[1].worst.key}"' in report.reproduce


def test_one_wrong_entry_of_one_parameter_is_located() -> None:
    def change(gradients: Any, _x: Any) -> Any:
        W = gradients["W"].copy()
        W[-1, 0] += 1e-9
        return {**gradients, "W": W}

    report = check(changed(change), twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.DISAGREE
    worst = report.tallies[0].worst
    assert worst.index[1] == 0
    assert worst.share_wrong <= 0.5


def test_the_reported_case_reproduces_the_report() -> None:
    wrong = scaled("W", 3.0)
    first = check(wrong, twin=twin, cases=CASES, examples=FEW)
    worst = first.tallies[0].worst
    again = check(wrong, twin=twin, cases=CASES, only=str(worst.key))
    assert again.examples == 1
    assert again.tallies[0].worst.subject == worst.subject
    assert again.tallies[0].worst.reference == worst.reference


def test_another_loss_is_an_error_and_no_gradient_is_judged() -> None:
    def mean(parameters: Any, x: Any) -> Any:
        loss, gradients = subject(parameters, x)
        return loss / len(x), gradients

    report = check(mean, twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.ERROR
    assert report.error["code"] == "loss-differs"
    assert report.judged == 0
    assert "ratio" in report.error["message"]


def test_a_loss_that_overflows_where_it_need_not_is_a_disagreement() -> None:
    x = np.array([[3.0, 900.0, 1.0]])

    def stable(logits: Any) -> Any:
        return jax.nn.logsumexp(logits)

    def naive(logits: Any) -> Any:
        exponentials = np.exp(logits)
        return np.log(exponentials.sum()), exponentials / exponentials.sum()

    report = check(naive, twin=stable, cases=(x,), examples=FEW)
    assert report.verdict is Verdict.DISAGREE
    assert "loss-overflows" in codes(report)


def test_a_loss_that_overflows_in_the_twin_as_well_in_that_precision_is_excused() -> None:
    def by_hand(w: Any) -> Any:
        with np.errstate(over="ignore"):
            return np.exp(w).sum(), np.exp(w)

    wide = np.array([90.0, 1.0], np.float32)  # exp(88.8) is infinite in float32
    report = check(by_hand, twin=lambda w: jnp.exp(w).sum(), cases=(wide,), only="as-given/2/0")
    assert report.verdict is Verdict.INCONCLUSIVE, report
    assert not {finding for finding in report.findings if finding.severity is crosscheck.Severity.ERROR}


def test_breaches_of_the_contract_count_as_disagreement() -> None:
    def greedy(parameters: Any, x: Any) -> Any:
        result = subject(parameters, x)
        parameters["b"] += 1
        return result

    report = check(greedy, twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.DISAGREE
    assert codes(report) == {"input-changed"}


def test_a_change_of_inputs_in_late_cases_alone_is_seen_too() -> None:
    calls = 0

    def sometimes(parameters: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        result = subject(parameters, x)
        if calls > 60:
            x[0] = 0
        return result

    report = check(sometimes, twin=twin, cases=CASES, examples=60)
    assert [finding.parameter for finding in report.findings if finding.code == "input-changed"] == ["x"]


def raises(_parameters: Any, _x: Any) -> Any:
    raise ZeroDivisionError("by design")


def stops(_parameters: Any, _x: Any) -> Any:
    raise GeneratorExit


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (raises, "subject-raised"),
        (stops, "subject-raised"),
        (lambda _p, _x: None, "returned-value"),
        (lambda p, x: (subject(p, x)[0], {"W": None, "b": p["b"]}), "gradient-missing"),
        (lambda p, x: (subject(p, x)[0], {"W": p["W"].T, "b": p["b"]}), "gradient-shape"),
        (lambda p, x: (subject(p, x)[0], [p["W"], p["b"]]), "gradient-structure"),
        (lambda p, x: (np.ones(3), subject(p, x)[1]), "loss-not-scalar"),
        (lambda p: (0.0, p), "subject-signature"),
    ],
    ids=["raises", "stops", "none", "no gradient", "shape", "structure", "loss", "signature"],
)
def test_bad_subjects_are_errors_with_a_code(bad: Callable[..., Any], code: str) -> None:
    report = check(bad, twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.ERROR
    assert report.error["code"] == code
    assert report.judged == 0


def test_nan_always_is_never_agreement() -> None:
    def broken(parameters: Any, x: Any) -> Any:
        loss, gradients = subject(parameters, x)
        return loss, {name: np.full_like(gradient, np.nan) for name, gradient in gradients.items()}

    report = check(broken, twin=twin, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (lambda p, x: x @ p["W"].T, "twin-loss-not-scalar"),
        (lambda p, x: float(np.sum(np.asarray(p["W"]))) + x.sum(), "twin-not-differentiable"),
        (lambda _p: 0.0, "twin-signature"),
        (lambda _p, _x: 1.0, "loss-differs"),
        (lambda _p, _x: "loss", "twin-not-differentiable"),
        (lambda _p, _x: sys.exit("by design"), "twin-exited"),
    ],
    ids=["not scalar", "numpy inside", "signature", "constant", "text", "exits"],
)
def test_bad_twins_are_errors_with_a_code(bad: Callable[..., Any], code: str) -> None:
    report = check(subject, twin=bad, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.ERROR, report
    assert report.error["code"] == code


def test_what_a_twin_prints_is_noted_and_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def talking(parameters: Any, x: Any) -> Any:
        print("shapes:", x.shape)
        return twin(parameters, x)

    report = check(subject, twin=talking, cases=CASES, examples=2)
    assert report.verdict is Verdict.AGREE
    assert codes(report) == {"twin-prints"}
    assert not capsys.readouterr().out


def test_a_twin_that_stops_gradients_and_a_right_subject_are_a_quarrel_of_the_twin() -> None:
    def stopped(parameters: Any, x: Any) -> Any:
        return twin({**parameters, "b": jax.lax.stop_gradient(parameters["b"])}, x)

    report = check(subject, twin=stopped, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.ERROR
    assert report.error["code"] == "twin-disputed"


def test_an_impure_twin_is_refused() -> None:
    numbers = iter(range(1000))

    def impure(parameters: Any, x: Any) -> Any:
        return twin(parameters, x) + next(numbers)

    report = check(subject, twin=impure, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.ERROR
    assert report.error["code"] in {"twin-not-pure", "loss-differs"}


def test_without_a_twin_the_subjects_own_loss_is_the_judge() -> None:
    assert check(subject, cases=CASES, examples=3).verdict is Verdict.AGREE
    report = check(scaled("W", 1 + 1e-6), cases=CASES, examples=3)
    assert report.verdict is Verdict.DISAGREE
    assert report.assumptions
    assert report.oracles == ("complex step",)


def test_float32_is_judged_as_float32() -> None:
    cases = crosscheck.strategies.like(jax.tree.map(lambda a: a.astype(np.float32), EXAMPLE), vary=False)
    right = check(subject, twin=twin, cases=cases, examples=FEW)
    assert right.verdict is Verdict.AGREE
    assert all(1e-7 < tally.detection_floor < 1e-3 for tally in right.tallies)
    assert check(scaled("b", 1.01), twin=twin, cases=cases, examples=FEW).verdict is Verdict.DISAGREE


def test_a_kink_is_not_judged_and_not_blamed() -> None:
    def loss(x: Any) -> Any:
        return jax.nn.relu(x).sum()

    def by_hand(x: Any) -> Any:
        return np.maximum(x, 0).sum(), (x >= 0).astype(float)  # 1 at zero, where JAX says 0: both are right

    report = check(by_hand, twin=loss, cases=(np.array([0.0, 1.0, -2.0, 0.0, 3.0]),), only="as-given/5/0")
    assert report.verdict is Verdict.AGREE, report
    assert report.tallies[0].judged_entries == 3


def test_gradients_of_data_and_auxiliary_values_are_judged_as_well() -> None:
    def rich(parameters: Any, x: Any, *, wrong: float = 1.0) -> Outcome:
        loss, gradients = subject(parameters, x)
        h = np.tanh(x @ parameters["W"].T + parameters["b"])
        dx = 2 * h * (1 - h * h) @ parameters["W"]
        return Outcome(loss, gradients, inputs={"x": wrong * dx}, auxiliary={"h": h})

    def with_h(parameters: Any, x: Any) -> Any:
        return twin(parameters, x), {"h": jnp.tanh(x @ parameters["W"].T + parameters["b"])}

    right = check(rich, twin=with_h, cases=CASES, examples=FEW)
    assert right.verdict is Verdict.AGREE, right
    assert [tally.name for tally in right.tallies] == ["W", "b", "x", "h"]
    wrong = check(lambda p, x: rich(p, x, wrong=-1.0), twin=with_h, cases=CASES, examples=FEW)
    assert {finding.parameter for finding in wrong.findings} == {"x"}


def test_the_callers_configuration_of_jax_is_left_as_it_was() -> None:
    before = {
        name: getattr(jax.config, name) for name in ("jax_enable_x64", "jax_numpy_dtype_promotion", "jax_debug_nans")
    }
    with jax.enable_x64(False), jax.debug_nans(True):
        assert check(subject, twin=twin, cases=CASES, examples=FEW).verdict is Verdict.AGREE
        assert jnp.zeros(()).dtype == jnp.float32
        assert jax.config.jax_debug_nans
    assert before == {name: getattr(jax.config, name) for name in before}


def test_vjp_is_judged_through_random_upstream_gradients() -> None:
    def forward(parameters: Any, x: Any) -> Any:
        h = np.tanh(x @ parameters["W"].T + parameters["b"])
        return (h, h.sum()), (h, x)

    def backward(upstream: Any, cache: Any) -> Any:
        (dh, dsum), (h, x) = upstream, cache
        dz = (dh + dsum) * (1 - h * h)
        return {"W": dz.T @ x, "b": dz.sum(0)}

    def outputs(parameters: Any, x: Any) -> Any:
        h = jnp.tanh(x @ parameters["W"].T + parameters["b"])
        return h, h.sum()

    right = crosscheck.check_vjp(forward, backward, outputs, CASES, examples=FEW)
    assert right.verdict is Verdict.AGREE, right
    wrong = crosscheck.check_vjp(forward, lambda u, c: backward((u[0], 0.0), c), outputs, CASES, examples=FEW)
    assert wrong.verdict is Verdict.DISAGREE


def test_assert_agree_raises_with_the_report() -> None:
    assert crosscheck.assert_agree(subject, twin=twin, cases=CASES, examples=FEW).verdict is Verdict.AGREE
    with pytest.raises(crosscheck.Disagreement, match="gradient-differs"):
        crosscheck.assert_agree(scaled("b", 2.0), twin=twin, cases=CASES, examples=FEW)


@pytest.mark.parametrize(
    "judged",
    [subject, scaled("b", np.nan), scaled("b", 1.5), raises, changed(lambda gradients, _x: gradients["W"])],
    ids=["agree", "nan", "disagree", "raises", "structure"],
)
def test_json_fits_its_schema_for_every_outcome(judged: Callable[..., Any]) -> None:
    schema = json.loads(files("crosscheck").joinpath("schema.json").read_text())
    parsed = json.loads(
        check(judged, twin=twin, cases=CASES, examples=FEW).to_json(), parse_constant=lambda name: pytest.fail(name)
    )
    jsonschema.validate(parsed, schema, cls=jsonschema.Draft202012Validator)


def test_numbers_that_json_cannot_carry_are_strings() -> None:
    report = check(scaled("b", np.nan), twin=twin, cases=CASES, examples=FEW)
    assert report.as_dict()["parameters"][1]["worst"]["subject"] == "nan"


def test_the_notebook_shows_a_table() -> None:
    html = check(scaled("b", 2.0), twin=twin, cases=CASES, examples=FEW)._repr_html_()
    assert "DISAGREE" in html
    assert html.count("<th scope='row'>") == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"twin": twin, "cases": CASES, "examples": 0}, "bad-examples"),
        ({"twin": 3, "cases": CASES}, "twin-not-callable"),
        ({"twin": twin}, "no-cases"),
        ({"twin": twin, "cases": CASES, "only": "nonsense"}, "unreadable-key"),
    ],
)
def test_bad_arguments_are_refused_at_the_door(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises(CrosscheckError) as caught:
        check(subject, **arguments)
    assert caught.value.code == code


def test_events_tell_of_every_case() -> None:
    done = []
    check(subject, twin=twin, cases=CASES, examples=70, handlers=[lambda event: done.append((event.done, event.total))])
    assert done == [(64, 70), (70, 70)]


def test_cases_do_not_depend_on_their_neighbours() -> None:
    from crosscheck.builtin.pairs import by_name
    from crosscheck.contract import call
    from crosscheck.judge import Judge
    from crosscheck.reference import oracle_for

    pair = replace(by_name("rnn"), rules=())
    keys = [pair.cases.draw(3, index) for index in range(5)]
    outcome = call(pair.subject, pair.cases.build(keys[0]).arguments)
    judge = Judge(pair, oracle_for(pair, outcome))
    together, alone = judge.judge(keys), judge.judge(keys[3:4])[0]
    for name, noise in together[3].noise.items():
        assert np.array_equal(noise, alone.noise[name]), name


def test_integers_and_empty_arrays_among_the_parameters_have_no_verdict() -> None:
    random = np.random.default_rng(5)

    def loss(parameters: Any) -> Any:
        return jnp.sum(parameters["w"][parameters["at"]] ** 2) + jnp.sum(parameters["none"])

    def by_hand(parameters: Any) -> Any:
        w, at = parameters["w"], parameters["at"]
        dw = np.bincount(at, 2 * w[at], minlength=len(w))
        return (w[at] ** 2).sum(), {"w": dw, "at": None, "none": parameters["none"] * 0}

    example = ({"w": random.standard_normal(7), "at": np.array([0, 3, 3]), "none": np.zeros((0, 2))},)
    report = check(by_hand, twin=loss, cases=crosscheck.strategies.like(example, vary=False), examples=FEW)
    assert report.verdict is Verdict.AGREE, report
    assert [tally.name for tally in report.tallies] == ["w"]


@pytest.mark.parametrize(("rule", "verdict"), [(2.0, Verdict.AGREE), (3.0, Verdict.ERROR)])
def test_a_twin_with_a_custom_rule_is_held_to_its_own_loss(rule: float, verdict: Verdict) -> None:
    random = np.random.default_rng(5)

    @jax.custom_vjp
    def square(x: Any) -> Any:
        return x**2

    square.defvjp(lambda x: (x**2, x), lambda x, g: (rule * x * g,))
    cases = (random.standard_normal(5),)
    report = check(lambda x: ((x**2).sum(), 2 * x), twin=lambda x: square(x).sum(), cases=cases, examples=FEW)
    assert report.verdict is verdict, report
    assert not any("forward" in oracle for oracle in report.oracles)


def test_chaos_is_inconclusive() -> None:
    random = np.random.default_rng(5)

    def loss(x: Any) -> Any:
        return jax.lax.fori_loop(0, 200, lambda _, x: 3.99 * x * (1 - x), x).sum()

    def by_hand(x: Any) -> Any:
        dx = np.ones_like(x)
        for _ in range(200):
            x, dx = 3.99 * x * (1 - x), 3.99 * (1 - 2 * x) * dx
        return x.sum(), dx

    cases = crosscheck.strategies.like((random.uniform(0.2, 0.8, 3),), vary=False)
    assert check(by_hand, twin=loss, cases=cases, examples=FEW).verdict is Verdict.INCONCLUSIVE


def test_an_endless_loop_ends_with_a_sentence() -> None:
    def endless(_parameters: Any, _x: Any) -> Any:
        while True:
            pass

    report = check(endless, twin=twin, cases=CASES, examples=FEW, time_limit=0.2)
    assert report.verdict is Verdict.ERROR
    assert report.error["code"] == "subject-timeout"


def test_the_time_limit_holds_without_a_twin_too() -> None:
    calls = 0

    def endless_later(parameters: Any, x: Any) -> Any:
        nonlocal calls
        calls += 1
        while calls > 40:  # the contract takes fewer calls, and one numerical gradient many more
            pass
        return subject(parameters, x)

    report = check(endless_later, cases=CASES, examples=3, time_limit=0.2)
    assert report.error is not None
    assert report.error["code"] == "subject-timeout"


def test_another_loss_is_a_disagreement_where_the_subject_is_to_blame() -> None:
    random = np.random.default_rng(3)

    def noisy(parameters: Any, x: Any) -> Any:
        loss, gradients = subject(parameters, x)
        return loss * (1 + 0.1 * random.random()), gradients

    def greedy(parameters: Any, x: Any) -> Any:
        loss, gradients = subject(parameters, x)
        parameters["b"] += 1
        return 2 * loss, gradients

    verdicts = {}
    for wrong in (noisy, greedy):
        report = check(wrong, twin=twin, cases=CASES, examples=FEW)
        assert report.error is not None
        assert report.error["code"] == "loss-differs"
        verdicts[wrong.__name__] = report.verdict
    assert verdicts == {"noisy": Verdict.DISAGREE, "greedy": Verdict.ERROR}


def test_an_oracle_that_was_made_before_is_named_and_nothing_is_called_the_smallest() -> None:
    from crosscheck.pair import Pair
    from crosscheck.reference import oracle_for

    oracle = oracle_for(Pair("", subject, twin, CASES), Outcome(*subject(*EXAMPLE)))
    report = check(scaled("b", 2.0), twin=twin, cases=CASES, oracle=oracle, examples=FEW)
    assert report.oracles == ("twin in reverse mode",)
    (finding,) = report.findings
    assert "smallest" not in finding.message
    assert f"In {report.tallies[1].worst.key}, entry" in finding.message


@jax.custom_jvp
def root(x: Any) -> Any:
    """Newton's iteration, which for x < 0 never ends."""
    start = x + 1.0, x + 2.0
    return jax.lax.while_loop(
        lambda c: jnp.any(jnp.abs(c[1] - c[0]) > 1e-15 * c[0]), lambda c: (0.5 * (c[0] + x / c[0]), c[0]), start
    )[0]


@root.defjvp
def _(primals: Any, tangents: Any) -> Any:
    y = root(primals[0])
    return y, tangents[0] / (2 * y)


def test_a_twin_that_loops_for_ever_beside_the_case_is_asked_all_the_same() -> None:
    random = np.random.default_rng(5)
    cases = crosscheck.strategies.like((random.uniform(0.1, 1, 3),), vary=False)
    report = check(
        lambda x: (np.sqrt(x).sum(), 0.5 / np.sqrt(x)), twin=lambda x: root(x).sum(), cases=cases, only="as-given//0"
    )
    assert report.verdict is Verdict.AGREE, report


def test_a_twin_that_loops_for_ever_is_warned_of() -> None:
    random = np.random.default_rng(5)
    cases = crosscheck.strategies.like((-random.uniform(0.1, 1, 3),), vary=False)
    report = check(lambda x: ((x * x).sum(), 2 * x), twin=lambda x: root(x).sum(), cases=cases, only="as-given//0")
    assert report.verdict is Verdict.INCONCLUSIVE
    assert codes(report) == {"twin-not-finite"}


def test_a_right_formula_that_loses_digits_is_warned_and_not_blamed() -> None:
    def stable(x: Any) -> Any:
        return jnp.sum(jax.nn.log_sigmoid(x))

    def by_hand(x: Any) -> Any:
        return (x - np.logaddexp(0, x)).sum(), 1 - 1 / (1 + np.exp(-x))  # cancels for large x, where the twin does not

    cases = (np.array([20.0, 25.0, 30.0]),)
    report = check(by_hand, twin=stable, cases=cases, only="as-given/3/0")
    assert report.verdict is Verdict.AGREE, report
    assert {finding.code for finding in report.findings} == {"loses-digits"}
    assert all(finding.severity is crosscheck.Severity.WARNING for finding in report.findings)
    slip = check(lambda x: (by_hand(x)[0], by_hand(x)[1] * 1.001), twin=stable, cases=cases, only="as-given/3/0")
    assert slip.verdict is Verdict.DISAGREE


@pytest.mark.parametrize(("inside", "verdict"), [(np.float32, Verdict.AGREE), (np.float16, Verdict.DISAGREE)])
def test_equal_terms_added_one_by_one_are_no_slip_unless_they_are_coarser(inside: Any, verdict: Verdict) -> None:
    """Every partial sum rounds the same way: the error grows with the number of terms, not with its root."""
    random = np.random.default_rng(5)

    def by_hand(b: Any, x: Any) -> Any:
        upstream = np.full((len(x), 2), 1 / len(x), inside)
        return (x + b).sum() / len(x), upstream.sum(axis=0).astype(np.float32)

    def mean(b: Any, x: Any) -> Any:
        return jnp.sum(jnp.mean(x + b, axis=0))

    example = random.standard_normal(2).astype(np.float32), random.standard_normal((1999, 2)).astype(np.float32)
    report = check(by_hand, twin=mean, cases=crosscheck.strategies.like(example, vary=False), examples=FEW)
    assert report.verdict is verdict, report
    if verdict is Verdict.AGREE:
        assert codes(report) == {"loses-digits"}


def gelu(derivative: float) -> Callable[[Any], Any]:
    """x·Φ(x) by `math.erf`, which computes in float64 alone, and cancels for negative x, where JAX calls erfc."""

    def by_hand(x: Any) -> Any:
        below = 0.5 * (1 + np.vectorize(math.erf)(x / np.sqrt(2)))
        return (x * below).sum(), below + x * np.exp(-x * x / 2) / np.sqrt(2 * np.pi) * derivative

    return by_hand


@pytest.mark.parametrize(("x", "judged"), [(-5.0, 1), (-9.0, 0)])
def test_digits_lost_in_a_function_without_more_of_them_are_no_slip(x: float, judged: int) -> None:
    def stable(x: Any) -> Any:
        return jnp.sum(jax.nn.gelu(x, approximate=False))

    cases = (np.array([x]),)
    report = check(gelu(1.0), twin=stable, cases=cases, only="as-given//0")
    assert {finding.code for finding in report.findings} >= {"loses-digits"}
    assert report.judged == judged
    assert report.verdict is (Verdict.AGREE if judged else Verdict.INCONCLUSIVE), report
    slip = check(gelu(1.0 + 1e-4), twin=stable, cases=cases, only="as-given//0")
    assert slip.verdict is (Verdict.DISAGREE if judged else Verdict.INCONCLUSIVE), slip


def test_a_leap_at_a_comparison_is_no_rounding() -> None:
    """Labels that are compared with 1 may not move: what comes of it explains any error."""
    random = np.random.default_rng(5)

    def by_hand(w: Any, x: Any, y: Any) -> Any:
        z = x @ w
        e = np.exp(-np.abs(z))
        d = np.where(y == 1, -np.where(z >= 0, e, 1) / (1 + e), np.where(z >= 0, 1, e) / (1 + e))
        return (np.maximum(z, 0) + np.log1p(e) - y * z).sum(), (1 + 1e-9) * (d @ x)

    cases = crosscheck.strategies.like(
        (random.standard_normal(3), random.standard_normal((7, 3)), np.array([0.0, 1, 1, 0, 1, 0, 0])), vary=False
    )
    report = check(by_hand, twin=lambda w, x, y: jnp.sum(jax.nn.softplus(x @ w) - y * (x @ w)), cases=cases, examples=6)
    assert report.verdict is Verdict.DISAGREE
    assert "loses-digits" not in codes(report)


def test_an_exponential_that_overflows_is_found_from_an_ordinary_example() -> None:
    random = np.random.default_rng(5)

    def naive(w: Any, x: Any) -> Any:
        powers = np.exp(x @ w)
        return np.log(powers.sum()), powers / powers.sum() @ x

    report = check(
        naive,
        twin=lambda w, x: jax.nn.logsumexp(x @ w),
        cases=crosscheck.strategies.like((random.standard_normal(3), random.standard_normal((5, 3))), vary=False),
        examples=25,
    )
    assert report.verdict is Verdict.DISAGREE
    assert "loss-overflows" in codes(report)


@pytest.mark.parametrize("inside", [np.float64, np.float32])
def test_float32_on_the_way_is_warned_of_where_no_twin_shows_it(inside: Any) -> None:
    def by_hand(parameters: Any, x: Any) -> Any:
        h = np.tanh(x @ parameters["W"].T + parameters["b"])
        dz = 2 * h * (1 - h.astype(inside) ** 2)
        return (h * h).sum(), {"W": dz.T @ x, "b": dz.sum(0)}

    report = check(by_hand, cases=CASES, examples=FEW)
    assert report.verdict is Verdict.AGREE, report
    warned = {finding.parameter for finding in report.findings if finding.code == "float32-inside"}
    assert warned == (set() if inside is np.float64 else {"W", "b"})


SCALE = {"of the loss": 1.0}


def test_a_twin_that_reads_another_value_by_now_is_compiled_anew() -> None:
    def reading(parameters: Any, x: Any) -> Any:
        return SCALE["of the loss"] * twin(parameters, x)

    assert check(subject, twin=reading, cases=CASES, examples=FEW).verdict is Verdict.AGREE
    SCALE["of the loss"] = 2.0
    report = check(subject, twin=reading, cases=CASES, examples=FEW)
    assert report.error["code"] == "loss-differs"


def test_the_door_stays_a_function_whatever_was_used_first() -> None:
    assert callable(crosscheck.assert_agree)
    assert callable(crosscheck.check)
