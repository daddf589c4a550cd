"""Games for programs that learn to play them: `gym.make("CartPole-v1")`, with episodes of a few random steps.

Nothing that is played is meant: programs that compute gradients from episodes get episodes, with observations and
rewards of the shapes that they expect.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from crosscheck.recognise.datasets import Known
from crosscheck.recognise.stubs import nothing
from crosscheck.source.walking import walk

STEPS = 3
"""In an episode: as many turns as are seen of a loop"""
REWARDS = (1.0, -1.0, 0.5)
PICTURE = (210, 160, 3)
GAMES: dict[str, tuple[tuple[int, ...] | int, int]] = {
    "cartpole": ((4,), 2),
    "mountaincarcontinuous": ((2,), 0),
    "mountaincar": ((2,), 3),
    "acrobot": ((6,), 3),
    "pendulum": ((3,), 0),
    "lunarlander": ((8,), 4),
    "frozenlake": (16, 4),
    "taxi": (500, 6),
    "cliffwalking": (48, 4),
    "blackjack": (32, 2),
    "pong": (PICTURE, 6),
    "breakout": (PICTURE, 4),
    "atari|invaders|ale/": (PICTURE, 6),
}
"""What is observed, by what games are called: arrays of a shape, or one of some states; and how many actions"""


class Answers(NamedTuple):
    """What a program expects of its games."""

    with_notes: bool
    """Whether a game that begins anew returns notes beside its observation"""
    values: int
    """How many values a step returns: four, or five where what ends an episode is told apart"""


def answers(tree: ast.AST, library: str) -> Answers:
    """Return what a program expects: what it unpacks, or else what its library returns.

    >>> answers(ast.parse("s, _ = env.reset(); s, r, end, cut, _ = env.step(a)"), "gym")
    Answers(with_notes=True, values=5)
    >>> answers(ast.parse("s = env.reset(); s, r, end, _ = env.step(a)"), "gymnasium")
    Answers(with_notes=False, values=4)
    """
    is_new = library == "gymnasium"
    values = next((width for word, width in _unpacked(tree) if word == "step"), 5 if is_new else 4)
    takes_first = any(word == "reset" for word, _ in _unpacked(tree))
    return Answers(takes_first or (is_new and values != 4), values)


def _unpacked(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield the methods of which a program takes several values, and how many; the first of two counts as two."""
    for node in walk(tree):
        match node:
            case ast.Assign([ast.Tuple(parts) | ast.List(parts)], ast.Call(ast.Attribute(attr=word))):
                yield word, len(parts)
            case ast.Subscript(ast.Call(ast.Attribute(attr="reset" as word)), ast.Constant(0)):
                yield word, 2


class Space:
    """The actions or the observations of a game."""

    def __init__(self, sizes: tuple[int, ...] | int, random: np.random.Generator) -> None:
        self.random = random
        self.n = sizes if isinstance(sizes, int) else None
        self.shape = () if isinstance(sizes, int) else sizes

    @property
    def low(self) -> np.ndarray:
        """The least that is observed."""
        return -np.ones(self.shape)

    @property
    def high(self) -> np.ndarray:
        """The most."""
        return np.ones(self.shape)

    def sample(self) -> Any:
        """Return one of them."""
        if self.n is not None:
            return int(self.random.integers(self.n))
        is_picture = len(self.shape) > 1
        return self.random.integers(0, 256, self.shape) if is_picture else self.random.normal(size=self.shape)


class Game:
    """An episode after the other, of a few random steps each."""

    def __init__(self, name: str, answers: Answers) -> None:
        self.random = np.random.default_rng(0)
        known = (sizes for word, sizes in GAMES.items() if re.search(word, name.lower().replace("_", "")))
        observed, actions = next(known, ((4,), 2))
        self.observation_space = Space(observed, self.random)
        self.action_space = Space(actions or (1,), self.random)
        self.answers, self.steps = answers, 0
        self.spec = self.metadata = None

    @property
    def unwrapped(self) -> "Game":
        """The game itself."""
        return self

    def reset(self, **_: Any) -> Any:
        """Begin anew."""
        self.steps = 0
        observation = self.observation_space.sample()
        return (observation, {}) if self.answers.with_notes else observation

    def step(self, _action: Any) -> Any:
        """Return what is observed, the reward, and whether the episode is over."""
        self.steps += 1
        observation, reward = self.observation_space.sample(), REWARDS[self.steps % len(REWARDS)]
        ends = (self.steps >= STEPS, False)[: self.answers.values - 3]
        return observation, reward, *ends, {}

    render = close = seed = nothing


def libraries(tree: ast.AST) -> dict[str, Known]:
    """Return the libraries of games, by name."""

    def library(name: str) -> Known:
        expected = answers(tree, name)
        return Known(name, {"make": lambda game="", *_, **__: Game(str(game), expected), "Env": object})

    return {name: library(name) for name in ("gym", "gymnasium")}
