"""Training with the twin beside it: every step agrees, and a step that does not is found at once."""

import numpy as np
import pytest

from crosscheck.builtin import lockstep as module
from crosscheck.builtin.autodiff_engine import autodiff_engine
from crosscheck.builtin.differing import StepDiffersError
from crosscheck.builtin.lockstep import Lockstep
from crosscheck.verdicts import Verdict
from manual.clipping import global_norm
from manual.parameters import Parameters, initialise
from manual.settings import Settings
from manual.text import Vocabulary
from manual.training import begin, engine_from, train
from manual.windows import Layout

TEXT = "the quick brown fox jumps over the lazy dog, then the dog jumps over the fox.\n" * 2
VOCABULARY = Vocabulary.from_text(TEXT)
INDICES = VOCABULARY.encode(TEXT)


def run(settings, engine, steps, *, hidden_size=7, dtype=np.float64, start=None):
    if start is None:
        start = begin(initialise(len(VOCABULARY), hidden_size, seed=3, scale=0.3, dtype=dtype), settings, seed=3)
    return [progress.state for progress in train(start, INDICES, settings.layout, engine, steps=steps)]


@pytest.fixture(scope="module")
def documents():
    """A judge for documents of 13 symbols in windows of 5, whose last one is of 2: shorter windows are padded."""
    settings = Settings(layout=Layout(length=5, document_length=13))
    return settings, Lockstep(settings)


@pytest.fixture
def judge(documents):
    """The same compiled judge with an empty tally."""
    settings, judge = documents
    judge.tallies, judge.steps = {}, 0
    return settings, judge


def test_every_quantity_of_every_step_agrees(judge):
    settings, engine = judge
    states = run(settings, engine, 31)
    assert engine.verdict is Verdict.AGREE
    names = Parameters._fields
    expected = {"loss", "final_state", "initial_state", *names}
    expected |= {f"{kind}.{name} after step" for kind in ("clipped", "update", "state[0]") for name in names}
    assert set(engine.tallies) == expected
    assert all(tally.cases == tally.judged == 31 for tally in engine.tallies.values())
    # The steps themselves are those of the manual engine, bit for bit.
    alone = run(settings, engine_from(settings), 31)
    for one, other in zip(states, alone, strict=True):
        for mine, theirs in zip(one.parameters, other.parameters, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("name", Parameters._fields)
def test_one_wrong_entry_of_a_gradient_stops_the_run(judge, name, monkeypatch):
    settings, engine = judge

    def slightly_wrong(*arguments, **options):
        evaluation = correct(*arguments, **options)
        array = getattr(evaluation.gradients, name).copy()
        place = np.unravel_index(np.abs(array).argmax(), array.shape)
        array[place] *= 1 + 1e-12
        return evaluation._replace(gradients=evaluation.gradients._replace(**{name: array}))

    correct = module.loss_and_gradients
    before = run(settings, engine, 6)
    monkeypatch.setattr(module, "loss_and_gradients", slightly_wrong)
    with pytest.raises(StepDiffersError) as caught:
        run(settings, engine, 9, start=before[-1])
    assert caught.value.step == 7
    assert f"gradient of {name}" in caught.value.differences
    assert {difference.split(" of ")[1] for difference in caught.value.differences} == {name}
    assert engine.verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda clipped, moved, state: (clipped, moved._replace(by=moved.by * (1 + 1e-9)), state), "update"),
        (lambda clipped, moved, state: (clipped._replace(by=clipped.by * 1.001), moved, state), "clipped gradient"),
        (
            lambda clipped, moved, state: (clipped, moved, type(state)(state[0]._replace(by=state[0].by * 1.001))),
            "optimiser's state [0]",
        ),
    ],
)
def test_a_wrong_clip_update_or_memory_is_told_apart(judge, spoil, kind, monkeypatch):
    settings, engine = judge
    correct = engine.step_by_hand
    monkeypatch.setattr(engine, "step_by_hand", lambda *arguments: spoil(*correct(*arguments)))
    with pytest.raises(StepDiffersError) as caught:
        run(settings, engine, 3)
    assert set(caught.value.differences) == {f"{kind} of by"}


@pytest.mark.thorough
def test_streams_in_float32_with_adam_norm_and_truncation():
    layout = Layout(length=5, stream_count=3)
    settings = Settings(layout, "adam", learning_rate=0.01, clip="norm", clip_bound=0.7, truncation=2)
    engine = Lockstep(settings)
    start = begin(initialise(len(VOCABULARY), 7, seed=3, scale=0.3, dtype=np.float32), settings, seed=3)
    for shown in train(start, INDICES, layout, engine, steps=23):
        assert shown.clipped is not None
        assert global_norm(shown.gradients) > 0.7
        assert global_norm(shown.clipped) == pytest.approx(0.7, rel=1e-5)
    assert engine.verdict is Verdict.AGREE
    assert {"state[1].Wxh after step", "state[2].Wxh after step"} <= set(engine.tallies)


class TestFreely:
    @pytest.mark.usefixtures("shapes_unchecked")
    def test_first_steps_agree_and_the_curves_end_at_the_same_level(self):
        settings = Settings(layout=Layout(length=11))
        ours, theirs = (run(settings, make(settings), 1500, hidden_size=29) for make in (engine_from, autodiff_engine))
        apart = [abs(one.smoothed_loss - other.smoothed_loss) for one, other in zip(ours, theirs, strict=True)]
        assert max(apart[:5]) < 1e-9
        # In between they drift apart chaotically, so that nothing tighter can be asked of the curves.
        assert ours[-1].smoothed_loss < 0.7 * ours[0].smoothed_loss
        assert apart[-1] < 0.05 * ours[-1].smoothed_loss

    @pytest.mark.parametrize("optimiser", ["sgd", "adagrad", "adam"])
    def test_the_autodiff_engine_speaks_the_hand_written_state(self, optimiser):
        settings = Settings(layout=Layout(length=5, document_length=13), optimiser=optimiser)
        ours, theirs = (run(settings, make(settings), 4) for make in (engine_from, autodiff_engine))
        for one, other in zip(ours, theirs, strict=True):
            assert type(one.optimiser_state) is type(other.optimiser_state)
            assert [type(field) for field in one.optimiser_state] == [type(field) for field in other.optimiser_state]
            assert one.smoothed_error == other.smoothed_error
            for mine, theirs_ in zip(one.parameters, other.parameters, strict=True):
                np.testing.assert_allclose(mine, theirs_, rtol=1e-6, atol=1e-9)
            # Either engine may go on where the other stopped.
            run(settings, engine_from(settings), other.step + 1, start=other)
