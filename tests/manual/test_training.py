import math
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manual.clipping import clip_by_global_norm, clip_by_value
from manual.errors import InputError
from manual.optimisers import SgdState, adagrad, sgd
from manual.parameters import Parameters, initialise
from manual.rnn import loss_and_gradients, step
from manual.settings import Sampling, Settings
from manual.training import StepResult, begin, engine_from, generator_from, manual_engine, train, wrong_predictions
from manual.windows import Layout, Position

few = settings(max_examples=50, deadline=None, derandomize=True)
V, H, T = 7, 5, 3
TEXT = np.random.default_rng(17).integers(0, V, size=61)
SWEEP = Settings(Layout(T))
STREAMS = Settings(Layout(T, stream_count=2))
DOCUMENTS = Settings(Layout(T, separator=(4,)))
ALL_LAYOUTS = pytest.mark.parametrize("choices", [SWEEP, STREAMS, DOCUMENTS], ids=["sweep", "streams", "documents"])
OFTEN = Sampling(every=5, length=7)


def model(scale=0.5, dtype=np.float64):
    return initialise(V, H, seed=19, scale=scale, dtype=dtype)


def fresh(choices=SWEEP, **options):
    return begin(model(**options), choices, seed=23)


def run(state, choices=SWEEP, engine=None, **limits):
    return list(train(state, TEXT, choices.layout, engine or engine_from(choices), **limits))


def assert_same(first, second):
    """Two nested tuples, dictionaries and arrays are equal bit for bit."""
    assert type(first) is type(second)
    if isinstance(first, np.ndarray):
        assert first.dtype == second.dtype
        assert first.shape == second.shape
        assert first.tobytes() == second.tobytes()
    elif isinstance(first, tuple):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            assert_same(one, other)
    else:
        assert first == second


def test_the_loop_is_that_of_the_gist():
    parameters, memory = [p.copy() for p in model()], [np.zeros_like(p) for p in model()]
    p, hprev = 0, np.zeros(H)
    smooth_loss = -np.log(1.0 / V) * T
    for progress in run(fresh(), steps=47):
        n = progress.step - 1
        if p + T + 1 >= len(TEXT) or n == 0:
            p, hprev = 0, np.zeros(H)
        evaluation = loss_and_gradients(Parameters(*parameters), TEXT[p : p + T], TEXT[p + 1 : p + T + 1], hprev)
        hprev = evaluation.final_state
        smooth_loss = smooth_loss * 0.999 + evaluation.loss * 0.001
        for parameter, gradient, mem in zip(parameters, evaluation.gradients, memory, strict=True):
            gradient = np.clip(gradient, -5, 5)
            mem += gradient * gradient
            parameter += -0.1 * gradient / np.sqrt(mem + 1e-8)
        p += T
        assert (progress.loss, progress.smoothed_loss) == (evaluation.loss, smooth_loss)
        assert_same(tuple(progress.state.parameters), tuple(parameters))
    assert progress.epoch == 2


@ALL_LAYOUTS
def test_stopping_and_going_on_changes_nothing(choices):
    whole = run(fresh(choices), choices, steps=40, sampling=OFTEN)
    first = run(fresh(choices), choices, steps=17, sampling=OFTEN)
    second = run(first[-1].state, choices, steps=40, sampling=OFTEN)
    assert len(second) == 23
    assert_same((*first, *second), tuple(whole))


def test_an_interruption_in_the_middle_of_a_step_loses_that_step_only():
    calls = iter(range(100))

    def interrupted(*arguments):
        result = engine_from(SWEEP)(*arguments)
        if next(calls) == 7:
            raise KeyboardInterrupt
        return result

    taken = []
    with pytest.raises(KeyboardInterrupt):
        taken.extend(train(fresh(), TEXT, SWEEP.layout, interrupted, sampling=OFTEN))
    state = taken[-1].state
    assert state.step == 7
    whole = run(fresh(), steps=11, sampling=OFTEN)
    assert_same(tuple(run(state, steps=11, sampling=OFTEN)), tuple(whole[7:]))


def test_later_steps_leave_earlier_states_alone():
    state = run(fresh(), steps=3)[-1].state
    kept = [array.copy() for array in (*state.parameters, *state.optimiser_state.memory, state.hidden_state)]
    run(state, steps=11, sampling=OFTEN)
    assert_same((*state.parameters, *state.optimiser_state.memory, state.hidden_state), tuple(kept))


@ALL_LAYOUTS
def test_the_hidden_state_is_carried_and_reset_as_the_windows_say(choices):
    seen = []

    def counting(parameters, optimiser_state, inputs, targets, hidden_state):
        seen.append(hidden_state)
        return StepResult(1.0, 0, parameters, optimiser_state, hidden_state + 1)

    run(fresh(choices), choices, engine=counting, steps=43)
    expected = 0
    for hidden_state, window in zip(seen, choices.layout.windows(TEXT), strict=False):
        expected = 0 if window.reset else expected + 1
        assert (hidden_state == expected).all()
    assert max(state.max() for state in seen) > 0


@pytest.mark.parametrize(("choices", "size"), [(SWEEP, T), (STREAMS, 2 * T)])
def test_the_running_means_start_at_uniform_guessing(choices, size):
    state = fresh(choices)
    assert state.smoothed_loss == pytest.approx(size * math.log(V), rel=1e-15)
    assert state.smoothed_error == pytest.approx(1 - 1 / V, rel=1e-15)
    (progress,) = run(state, choices, steps=1)
    assert progress.smoothed_loss == pytest.approx(0.999 * size * math.log(V) + 0.001 * progress.loss, rel=1e-15)
    assert progress.bits_per_symbol == pytest.approx(progress.smoothed_loss / size / math.log(2), rel=1e-15)


def test_short_windows_count_as_if_they_were_full():
    def costs_two_a_symbol(parameters, optimiser_state, inputs, targets, hidden_state):
        return StepResult(2.0 * inputs.size, inputs.size, parameters, optimiser_state, hidden_state)

    *_, last = run(fresh(DOCUMENTS), DOCUMENTS, engine=costs_two_a_symbol, steps=20_000)
    assert {window.inputs.size for window in islice(DOCUMENTS.layout.windows(TEXT), 31)} == {1, 2, 3}
    assert last.smoothed_loss == pytest.approx(2.0 * T, rel=1e-8)
    assert last.smoothed_error == pytest.approx(1.0, rel=1e-8)


@few
@given(st.lists(st.integers(0, V - 1), min_size=1, max_size=5), st.sampled_from([0.01, 1.0, 30.0]), st.integers(0, 99))
def test_wrong_predictions_are_those_of_the_logits(symbols, scale, seed):
    parameters = initialise(V, H, seed=seed, scale=scale)
    inputs, targets = np.array(symbols), np.random.default_rng(seed).integers(0, V, len(symbols))
    state, expected = np.zeros(H), 0
    for symbol, target in zip(inputs, targets, strict=True):
        logits, state = step(parameters, symbol, state)
        expected += int(logits.argmax() != target)
    evaluation = loss_and_gradients(parameters, inputs, targets, np.zeros(H), intermediates=True)
    assert wrong_predictions(evaluation.intermediates.dy, targets) == expected
    batch = np.stack([evaluation.intermediates.dy] * 2, axis=1)
    assert wrong_predictions(batch, np.stack([targets] * 2, axis=1)) == 2 * expected


def test_one_of_several_most_likely_symbols_is_not_wrong():
    assert wrong_predictions(np.array([[0.5, -0.5], [-0.5, 0.5]]), np.array([1, 0])) == 0


def test_the_only_symbol_is_never_wrong():
    assert wrong_predictions(np.zeros((3, 1)), np.zeros(3, np.int64)) == 0


def test_the_error_is_the_share_of_wrong_symbols():
    state = fresh(STREAMS)
    (progress,) = run(state, STREAMS, steps=1)
    window, hidden, wrong = next(STREAMS.layout.windows(TEXT)), state.hidden_state, 0
    for symbols, targets in zip(window.inputs, window.targets, strict=True):
        logits, hidden = step(state.parameters, symbols, hidden)
        wrong += int((logits.argmax(axis=-1) != targets).sum())
    assert 0 < wrong <= 2 * T
    assert progress.smoothed_error == pytest.approx(0.999 * state.smoothed_error + 0.001 * wrong / (2 * T), rel=1e-15)


def test_limits_in_steps_and_epochs_count_from_the_beginning():
    in_one_epoch = len(run(fresh(), epochs=1))
    assert in_one_epoch == (len(TEXT) - 2) // T
    assert [progress.epoch for progress in run(fresh(), epochs=2)] == [0] * in_one_epoch + [1] * in_one_epoch
    assert len(run(fresh(), steps=5, epochs=2)) == 5
    assert len(run(fresh(), steps=100, epochs=1)) == in_one_epoch
    after_five = run(fresh(), steps=5)[-1].state
    assert len(run(after_five, epochs=1)) == in_one_epoch - 5
    assert run(after_five, steps=5) == []


def test_without_limits_training_goes_on():
    assert len(list(islice(train(fresh(), TEXT, SWEEP.layout, engine_from(SWEEP)), 97))) == 97


def test_samples_are_written_when_due_and_do_not_disturb_training():
    with_samples, without = run(fresh(), steps=11, sampling=OFTEN), run(fresh(), steps=11)
    assert [progress.step for progress in with_samples if progress.sample] == [1, 6, 11]
    assert_same(tuple(with_samples[-1].state.parameters), tuple(without[-1].state.parameters))
    assert [len(progress.sample.indices) for progress in with_samples if progress.sample] == [7, 7, 7]
    drawn_with = [str(fresh().generator_state), *[str(progress.state.generator_state) for progress in with_samples]]
    assert [before != after for before, after in pairwise(drawn_with)] == [True, *[False] * 4] * 2 + [True]
    assert without[-1].state.generator_state == fresh().generator_state
    assert run(fresh(STREAMS), STREAMS, steps=1, sampling=OFTEN)[0].sample is not None


@pytest.mark.parametrize("offset", [0, 2 * T])
def test_the_sample_starts_from_the_state_and_symbol_of_its_window(offset):
    # So cold that there is no choice: greedy by hand gives the same.
    cold = Sampling(every=5, length=7, temperature=1e-300)
    state = fresh()._replace(position=Position(0, 0, offset), hidden_state=np.linspace(-0.9, 0.9, H), step=5)
    (progress,) = run(state, steps=6, sampling=cold)
    symbol, hidden, expected = TEXT[offset], state.hidden_state if offset else np.zeros(H), []
    for _ in range(7):
        logits, hidden = step(state.parameters, symbol, hidden)
        symbol = logits.argmax()
        expected.append(symbol)
    assert progress.sample.indices.tolist() == expected


@pytest.mark.parametrize(
    ("choices", "clip"),
    [
        (Settings(SWEEP.layout, "sgd", 0.5, "none"), lambda gradients: gradients),
        (Settings(SWEEP.layout, "sgd", 0.5, "value", 0.25), lambda gradients: clip_by_value(gradients, 0.25)),
        (Settings(SWEEP.layout, "sgd", 0.5, "norm", 0.25), lambda gradients: clip_by_global_norm(gradients, 0.25)),
        (Settings(SWEEP.layout, "sgd", 0.5, "none", truncation=1), lambda gradients: gradients),
    ],
)
def test_the_engine_is_what_the_settings_say(choices, clip):
    state, (inputs, targets) = fresh(choices), (TEXT[:T], TEXT[1 : T + 1])
    evaluation = loss_and_gradients(state.parameters, inputs, targets, state.hidden_state, window=choices.truncation)
    expected = [p - 0.5 * g for p, g in zip(state.parameters, clip(evaluation.gradients), strict=True)]
    result = engine_from(choices)(state.parameters, state.optimiser_state, inputs, targets, state.hidden_state)
    assert_same(tuple(result.parameters), tuple(expected))
    assert result.loss == evaluation.loss
    np.testing.assert_array_equal(result.hidden_state, evaluation.final_state)


def test_an_engine_can_be_made_of_any_clip_and_optimiser():
    state = fresh()
    halved = manual_engine(sgd(1.0), lambda gradients: gradients._make(0.5 * g for g in gradients))
    plain = manual_engine(sgd(0.5), None)
    arguments = (state.parameters, SgdState(), TEXT[:T], TEXT[1 : T + 1], state.hidden_state)
    assert_same(halved(*arguments).parameters, plain(*arguments).parameters)


@pytest.mark.parametrize("dtype", [np.float32, np.longdouble])
def test_a_run_keeps_its_precision(dtype):
    last = run(fresh(dtype=dtype), steps=7, sampling=OFTEN)[-1].state
    arrays = (*last.parameters, *last.optimiser_state.memory, last.hidden_state)
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


def test_states_hold_arrays_in_row_order():
    def in_column_order(parameters, optimiser_state, inputs, targets, hidden_state):
        turned = parameters._make(np.asfortranarray(array) for array in parameters)
        return StepResult(1.0, 0, turned, optimiser_state, np.asfortranarray(hidden_state))

    state = run(fresh(STREAMS), STREAMS, engine=in_column_order, steps=1)[0].state
    assert all(array.flags.c_contiguous for array in (*state.parameters, state.hidden_state))


def test_training_pays_off():
    alternating = np.tile(np.arange(V), 20)
    *_, last = train(fresh(), alternating, SWEEP.layout, engine_from(SWEEP), steps=400)
    assert last.loss < 0.05 * T * math.log(V)
    assert last.smoothed_loss < 0.8 * T * math.log(V)
    assert last.smoothed_error < 0.8 * (1 - 1 / V)


def test_a_loss_that_is_not_finite_stops_training():
    def diverging(parameters, optimiser_state, inputs, targets, hidden_state):
        return StepResult(np.float64("nan"), 0, parameters, optimiser_state, hidden_state)

    with pytest.raises(InputError, match=r"nan at step 1: .* lower learning rate"):
        run(fresh(), engine=diverging, steps=3)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [({"steps": 0}, "number of steps is 0"), ({"epochs": -1}, "epochs is -1"), ({"steps": True}, "steps is True")],
)
def test_bad_limits_are_refused_before_the_first_step(limits, sentence):
    with pytest.raises(InputError, match=sentence):
        train(fresh(), TEXT, SWEEP.layout, engine_from(SWEEP), **limits)


def test_a_text_that_is_too_short_is_refused_before_the_first_step():
    with pytest.raises(InputError, match="a window of at most 2"):
        train(fresh(), TEXT[:3], SWEEP.layout, engine_from(SWEEP))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Settings(learning_rate=0.0), "learning_rate is 0.0"),
        (lambda: Settings(learning_rate=float("nan")), "learning_rate is nan"),
        (lambda: Settings(optimiser="momentum"), "'momentum'"),
        (lambda: Settings(clip="hard"), "'value', 'norm', 'none'"),
        (lambda: Settings(clip_bound=-5.0), "clipping bound is -5.0"),
        (lambda: Settings(truncation=0), "window is 0"),
        (lambda: Sampling(every=0), "between samples is 0"),
        (lambda: Sampling(length=0), "length of the sample is 0"),
        (lambda: Sampling(temperature=0.0), "temperature is 0.0"),
        (lambda: generator_from({"bit_generator": "MT19937"}), "PCG64"),
        (lambda: generator_from({}), "PCG64"),
    ],
)
def test_bad_settings_are_refused(make, sentence):
    with pytest.raises(InputError, match=sentence):
        make()


def test_the_default_settings_are_those_of_the_gist():
    parameters = model()
    state = begin(parameters, Settings(), seed=31)
    engine = manual_engine(adagrad(0.1), clip_by_value)
    arguments = (parameters, state.optimiser_state, TEXT[:25], TEXT[1:26], state.hidden_state)
    assert_same(engine_from(Settings())(*arguments), engine(*arguments))
    assert Settings().layout == Layout(25)
