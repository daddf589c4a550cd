"""Stacks that are larger than a block, and what does not divide evenly."""

import numpy as np
import pytest

from manual import blocks
from manual.rnn import loss, loss_and_gradients
from tests.manual.rnn_cases import Case, build


@pytest.mark.parametrize("models", [(), (1,), (3,), (7,), (2, 5)])
@pytest.mark.parametrize("B", [None, 2])
def test_blocks_change_no_bit(monkeypatch, models, B):
    """(7,) and (2, 5) leave a smaller block at the end; the blocks of (2, 5) cross from one row into the next."""
    case = build(5, 3, 11, B, models=models)
    whole, whole_loss = loss_and_gradients(*case, window=2, intermediates=True), loss(*case)
    monkeypatch.setattr(blocks, "BLOCK", 3)
    divided, divided_loss = loss_and_gradients(*case, window=2, intermediates=True), loss(*case)
    assert whole.intermediates is not None
    assert divided.intermediates is not None
    for expected, actual in zip(
        (whole.loss, *whole.gradients, *whole[2:4], *whole.intermediates, *whole_loss),
        (divided.loss, *divided.gradients, *divided[2:4], *divided.intermediates, *divided_loss),
        strict=True,
    ):
        np.testing.assert_array_equal(actual, expected)


def test_a_block_sees_its_own_models_only(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 3)
    stack = build(5, 3, 11, models=(2, 5))
    losses = loss_and_gradients(*stack).loss
    for index in np.ndindex(2, 5):
        alone = Case(
            stack.parameters.__class__(*(array[index] for array in stack.parameters)),
            *(array[index] for array in stack[1:]),
        )
        assert losses[index] == pytest.approx(loss(*alone)[0], rel=1e-12)


def test_joined_results_own_their_memory(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 3)
    evaluation = loss_and_gradients(*build(5, 3, 11, models=(2, 5)))
    for array in (evaluation.loss, *evaluation.gradients, *evaluation[2:4]):
        assert array.flags.owndata
        assert array.flags.c_contiguous
