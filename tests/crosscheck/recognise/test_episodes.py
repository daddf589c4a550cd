"""Policies that learn from the episodes of a game: what one plays step by step, the other goes back through at once."""

import ast
from collections.abc import Callable

import pytest

from crosscheck.recognise.environments import Answers, Game, libraries
from crosscheck.verdicts import Verdict

POLICY = """import gym
import numpy as np

model = {{"W1": np.random.randn(6, 4), "W2": np.random.randn(6)}}

def policy_forward(x):
    h = model["W1"] @ x
    h[h < 0] = 0
    logp = model["W2"] @ h
    return 1 / (1 + np.exp(-logp)), h

def policy_backward(eph, epdlogp):
    dW2 = np.dot(eph.T, epdlogp).ravel()
    dh = np.outer(epdlogp, model["W2"])
    {back}
    return {{"W1": np.dot(dh.T, epx), "W2": dW2}}

env = gym.make("CartPole-v0")
observation = env.reset()
xs, hs, dlogps, rewards = [], [], [], []
while True:
    p, h = policy_forward(observation)
    action = 1 if np.random.uniform() < p else 0
    xs.append(observation)
    hs.append(h)
    dlogps.append(action - p)
    observation, reward, done, _ = env.step(action)
    rewards.append(reward)
    if done:
        epx, eph, epdlogp = np.vstack(xs), np.vstack(hs), np.vstack(dlogps)
        epdlogp *= np.vstack(rewards)
        grad = policy_backward(eph, epdlogp)
        for k in model:
            model[k] += 0.01 * grad[k]
        xs, hs, dlogps, rewards = [], [], [], []
        observation = env.reset()
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("back", "verdict"),
    [("dh[eph <= 0] = 0", Verdict.AGREE), ("dh = dh * 1.0", Verdict.DISAGREE)],
    ids=["right", "wrong"],
)
def test_an_episode_is_gone_back_through_at_once(back: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(POLICY.format(back=back)) == [verdict]


REINFORCE = """import gymnasium as gym
import numpy as np

def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()

env = gym.make("CartPole-v1")
theta, alpha = np.random.randn(4, 2) * 0.1, 0.01
for episode in range(100):
    state, _ = env.reset()
    states, actions, rewards, done = [], [], [], False
    while not done:
        action = np.random.choice(2, p=softmax(state @ theta))
        states.append(state)
        actions.append(action)
        state, reward, done, _, _ = env.step(action)
        rewards.append(reward)
    G = 0
    for t in reversed(range(len(states))):
        G = rewards[t] + 0.99 * G
        p = softmax(states[t] @ theta)
        taken = np.eye(2)[actions[t]]
        theta += alpha * G * np.outer(states[t], {off})
"""


@pytest.mark.parametrize(
    ("off", "verdict"),
    [("taken - p", Verdict.AGREE), ("p - taken", Verdict.DISAGREE)],
    ids=["right", "falls"],
)
def test_a_training_may_begin_at_the_end_of_an_episode(off: str, verdict: Verdict, verdicts: Callable) -> None:
    assert verdicts(REINFORCE.format(off=off)) == [verdict]


def test_games_return_what_a_program_unpacks() -> None:
    tree = ast.parse("state, _ = env.reset()\nstate, reward, end, cut, _ = env.step(0)")
    game = libraries(tree)["gym"].make("LunarLander-v2")
    state, notes = game.reset()
    assert state.shape == (8,)
    assert notes == {}
    ends = [game.step(game.action_space.sample())[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (True, False)]
    plain = Game("FrozenLake-v1", Answers(with_notes=False, values=4))
    assert isinstance(plain.reset(), int)
    assert len(plain.step(1)) == 4
