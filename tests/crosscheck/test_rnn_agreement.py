"""The hand-written RNN agrees with its twin, and with itself, on whatever Hypothesis draws.

No tolerance is chosen here: every comparison is made in units of the rounding that was measured for that very case.
One compiled twin serves all tests: its sizes are padded, and the number of steps between cuts is an argument of it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import autodiff.rnn
import manual.optimisers
from crosscheck.builtin import character_rnn
from crosscheck.builtin.pairs import by_name
from crosscheck.cases import Case, Key
from crosscheck.compare import K, compare
from crosscheck.judge import CLOSER_SAMPLES, Judge, JudgedCase, noise_key
from crosscheck.oracle import Oracle, Twin
from crosscheck.pair import Pair, Rule
from crosscheck.precision import FLOAT64
from crosscheck.strategies.sizes import pairwise_different
from crosscheck.tally import Tally
from crosscheck.verdicts import Verdict
from manual.parameters import Parameters
from manual.rnn import Evaluation, loss, loss_and_gradients

PAIR = by_name("rnn")
PADDING = character_rnn.Bucketed()
NEVER = 1000  # steps between two cuts: more than any case has
LARGEST = 12


class Problem(NamedTuple):
    """A case, and what is done to it: few numbers, so that a failure can be read and built again."""

    key: Key
    factor: float = 1.0
    """All parameters of the case are multiplied by this."""
    window: int | None = None

    def build(self) -> tuple[Parameters, Any, Any, Any]:
        parameters, *data = PAIR.cases.build(self.key).arguments
        return Parameters(*(p * self.factor for p in parameters)), *data


FACTORS = st.floats(-2.4, 1.0).map(lambda exponent: 10.0**exponent)
SEEDS = st.integers(0, 10**6)
BATCHES = st.sampled_from([0, 0, 0, 1, 2, 3, 5])


def ordinary_sizes(batches: st.SearchStrategy[int] = BATCHES, *, steps: int = 1) -> st.SearchStrategy[tuple[int, ...]]:
    """Draw V, H, T and B: all different in half the draws, and often in the others."""
    sizes = st.tuples(st.integers(2, LARGEST), st.integers(1, LARGEST), st.integers(steps, LARGEST), batches)
    return st.one_of(sizes.filter(pairwise_different), sizes)


def of_any_scale(sizes: st.SearchStrategy[tuple[int, ...]]) -> st.SearchStrategy[Problem]:
    """Draw ordinary cases, whose weights are normal times 0.25 to 1, times 0.004 to 10: from 0.001 to 10."""
    return st.tuples(sizes, SEEDS, FACTORS).map(lambda drawn: Problem(Key("ordinary", *drawn[:2]), drawn[2]))


OF_ANY_REGIME = PAIR.cases.strategy().map(lambda case: Problem(case.key))
PROBLEMS = st.one_of(OF_ANY_REGIME, OF_ANY_REGIME, of_any_scale(ordinary_sizes()))


def modest(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, derandomize=True)


# The judge: the pair's, but for a twin that is told the window with the data, so that it is compiled once.


def _twin(parameters: Any, inputs: Any, targets: Any, initial_state: Any, lengths: Any, window: Any) -> Any:
    value, final_state = autodiff.rnn.loss(parameters, inputs, targets, initial_state, lengths, window=window)
    return value, {"final_state": final_state}


def _subject(parameters: Any, inputs: Any, targets: Any, initial_state: Any, window: Any) -> Any:
    window = None if window == NEVER else int(window)
    return character_rnn.subject(parameters, inputs, targets, initial_state, window=window)


class _Padding:
    """The padding of the pair, which knows no window."""

    def pad(self, arguments: tuple[Any, ...], states: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        *case, window = arguments
        padded, states = PADDING.pad(tuple(case), states)
        return (*padded, window), states

    def unpad(self, outputs: Mapping[str, Any], arguments: tuple[Any, ...]) -> Mapping[str, Any]:
        return PADDING.unpad(outputs, arguments)


class _Numbered:
    """The cases of a judge to whom problems are handed: he only ever builds."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = problems

    def build(self, key: Key) -> Case:
        return Case(key, with_window(self.problems[key.seed]))


ORACLE = Oracle(Twin(_twin, {"initial_state": 3}, auxiliary=True, rules=PAIR.rules), _Padding())


def with_window(problem: Problem) -> tuple[Any, ...]:
    return (*problem.build(), np.int64(problem.window or NEVER))


def judge(problems: Sequence[Problem], rules: tuple[Rule, ...] = PAIR.rules) -> list[JudgedCase]:
    cases: Any = _Numbered(problems)
    names = (*PAIR.inputs, "window")
    pair = Pair("rnn", _subject, _twin, cases, rules=rules, padding=_Padding(), inputs=names)
    return Judge(pair, ORACLE).judge([Key("numbered", (), number) for number in range(len(problems))])


def assert_agrees(problem: Problem, judged: JudgedCase) -> None:
    wrong = {name: c.discrepancy.max() for name, c in judged.comparisons.items() if c.wrong.any()}
    assert not wrong, f"{problem}: more than {K:.0f} tolerances: {wrong}"
    assert not judged.findings, f"{problem}: {judged.findings}"


def all_agree(problems: st.SearchStrategy[list[Problem]], examples: int) -> dict[str, Tally]:
    """Judge what is drawn. Return the tally of every array: what could not be judged has not agreed."""
    tallies: dict[str, Tally] = {}

    @modest(examples)
    @given(problems)
    def agree(problems: list[Problem]) -> None:
        with np.errstate(divide="raise", invalid="raise"):
            cases = judge(problems)
        for problem, case in zip(problems, cases, strict=True):
            assert_agrees(problem, case)
            for name in case.comparisons:
                tallies.setdefault(name, Tally(name)).add(case)

    agree()
    return tallies


def rounding(problem: Problem) -> dict[str, np.ndarray]:
    """Measure how far rounding moves each number of an evaluation."""
    states = tuple(rule.state(np.random.default_rng(0), problem.build()[0]) for rule in PAIR.rules)
    (reference,) = ORACLE.references(
        [with_window(problem)], [states], [noise_key(problem.key)], FLOAT64, samples=CLOSER_SAMPLES
    )
    noise = reference.noise
    return {"loss": noise["loss"], **noise["gradients"]._asdict(), **noise["inputs"], **noise["auxiliary"]}


def named(evaluation: Evaluation) -> dict[str, np.ndarray]:
    value, gradients, of_initial_state, final_state, _ = evaluation
    return {"loss": value, **gradients._asdict(), "initial_state": of_initial_state, "final_state": final_state}


def assert_same(problem: Problem, one: Mapping[str, Any], other: Mapping[str, Any]) -> None:
    """Two ways to compute the same for a problem differ by no more than rounding there."""
    noise = rounding(problem)
    for name, array in one.items():
        found = compare(array, other[name], noise[name], FLOAT64)
        assert not found.wrong.any(), f"{problem}: {name} by {found.discrepancy.max()} tolerances"


# What is drawn.


def test_what_is_drawn_has_unequal_sizes_and_reaches_the_edges():
    drawn: list[tuple[Problem, Any]] = []

    @modest(300)
    @given(PROBLEMS)
    def collect(problem: Problem) -> None:
        drawn.append((problem, problem.build()))

    collect()
    assert np.mean([pairwise_different(problem.key.sizes) for problem, _ in drawn]) > 0.5
    scales = [parameters.Wxh.std() for problem, (parameters, *_) in drawn if problem.key.regime == "ordinary"]
    assert min(scales) < 0.003
    assert max(scales) > 3
    states = [loss(*arguments)[1] for _, arguments in drawn]
    assert sum(np.abs(state).max() > 0.999 for state in states) > 10, "saturated"
    assert sum(initial_state.any() for _, (*_, initial_state) in drawn) > len(drawn) / 2, "initial states"
    repeated = [len(np.unique(inputs)) < inputs.size for _, (_, inputs, *_) in drawn]
    assert len(drawn) / 3 < sum(repeated) < len(drawn)


# The hand-written side and the twin.


def test_losses_gradients_clips_and_updates_agree():
    tallies = all_agree(st.lists(PROBLEMS, min_size=1, max_size=LARGEST), 25)
    rules = [f"{name} after {clip}" for clip in ("clip_by_value", "clip_by_global_norm") for name in Parameters._fields]
    rules += [f"parameters.{name} after {rule}" for rule in ("sgd", "adagrad", "adam") for name in Parameters._fields]
    assert {"loss", *Parameters._fields, "initial_state", "final_state", *rules} <= tallies.keys()
    for tally in tallies.values():
        assert tally.verdict is Verdict.AGREE
        assert tally.judged > 0.9 * tally.cases


@pytest.mark.parametrize("window", [1, 2, 3])
def test_gradients_agree_where_the_carry_is_cut(window):
    problems = PROBLEMS.map(lambda problem: problem._replace(window=window))
    tallies = all_agree(st.lists(problems, min_size=1, max_size=LARGEST), 7)
    assert {tally.verdict for tally in tallies.values()} == {Verdict.AGREE}


ZEROS = {"one-symbol": ("loss", *Parameters._fields, "initial_state"), "zero-parameters": ("Wxh", "Whh", "Why", "bh")}


@pytest.mark.parametrize("regime", ZEROS)
def test_zero_agrees_with_zero(regime):
    """From empty memories, so that Adagrad and Adam have nothing but their epsilon to divide by."""

    def fresh(rule: Rule) -> Rule:
        if rule.name.startswith("clip"):
            return rule
        return rule._replace(state=lambda _, gradients: manual.optimisers.by_name(rule.name).init(gradients))

    @modest(15)
    @given(ordinary_sizes(), SEEDS)
    def agree(sizes: tuple[int, ...], seed: int) -> None:
        _, *others = sizes
        problem = Problem(Key(regime, (1, *others) if regime == "one-symbol" else sizes, seed))
        with np.errstate(all="raise"):
            (case,) = judge([problem], tuple(map(fresh, PAIR.rules)))
        assert_agrees(problem, case)
        for name in ZEROS[regime]:
            assert not case.outcome[name].any(), name
            assert case.comparisons[name].judged.all(), name
            assert not case.comparisons[name].discrepancy.any(), name

    agree()


# The hand-written side and itself.


@modest(20)
@given(of_any_scale(ordinary_sizes(st.sampled_from([2, 3, 5]))))
def test_a_batch_is_the_sum_of_its_sequences(problem):
    parameters, inputs, targets, initial_state = problem.build()
    columns = zip(inputs.T, targets.T, initial_state, strict=True)
    alone = [named(loss_and_gradients(parameters, *column)) for column in columns]
    merge = {name: np.stack if name.endswith("_state") else sum for name in alone[0]}
    summed = {name: merge[name]([one[name] for one in alone]) for name in merge}
    assert_same(problem, named(loss_and_gradients(*problem.build())), summed)


@modest(20)
@given(of_any_scale(ordinary_sizes(steps=2)), st.integers(1, LARGEST - 1))
def test_a_window_that_is_split_has_the_same_loss_and_the_truncated_gradient(problem, window):
    """Parts of `window` steps, each from the state of the one before: no gradient crosses from part to part."""
    parameters, inputs, targets, state = problem.build()
    assume(window < len(inputs))
    whole, _ = loss(parameters, inputs, targets, state)
    parts = []
    for start in range(0, len(inputs), window):
        part = slice(start, start + window)
        evaluation = loss_and_gradients(parameters, inputs[part], targets[part], state)
        state = evaluation.final_state
        parts.append(named(evaluation))
    joined = {name: sum(part[name] for part in parts) for name in ("loss", *Parameters._fields)}
    joined |= {"initial_state": parts[0]["initial_state"], "final_state": state}
    truncated = named(loss_and_gradients(*problem.build(), window=window))
    assert truncated["loss"] == whole
    assert_same(problem._replace(window=window), truncated, joined)


@modest(40)
@given(PROBLEMS, st.integers(0, 3))
def test_truncation_from_the_length_of_the_sequence_on_changes_nothing(problem, more):
    arguments = problem.build()
    full = named(loss_and_gradients(*arguments))
    truncated = named(loss_and_gradients(*arguments, window=len(arguments[1]) + more))
    for name, array in full.items():
        np.testing.assert_array_equal(array, truncated[name], name)


@modest(12)
@given(ordinary_sizes(), st.lists(st.tuples(SEEDS, FACTORS), min_size=1, max_size=3))
def test_a_stack_of_models_is_each_model_alone(sizes, drawn):
    problems = [Problem(Key("ordinary", sizes, seed), factor) for seed, factor in drawn]
    built = [problem.build() for problem in problems]
    parameters = Parameters(*map(np.stack, zip(*(parameters for parameters, *_ in built), strict=True)))
    data = map(np.stack, zip(*(data for _, *data in built), strict=True))
    stack = named(loss_and_gradients(parameters, *data))
    for number, problem in enumerate(problems):
        one = {name: array[number] for name, array in stack.items()}
        assert_same(problem, named(loss_and_gradients(*built[number])), one)
