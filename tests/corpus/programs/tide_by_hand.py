import numpy as np

rng = np.random.default_rng(11)


class Affine:
    """A layer that keeps what it was given, and moves itself on the way back."""

    def __init__(self, fan_in, fan_out):
        self.matrix = rng.normal(size=(fan_in, fan_out)) / np.sqrt(fan_in)
        self.offset = np.zeros(fan_out)

    def forward(self, given):
        self.given = given
        return given @ self.matrix + self.offset

    def backward(self, above, rate):
        below = above @ self.matrix.T
        self.matrix -= rate * self.given.T @ above
        self.offset -= rate * above.sum(axis=0)
        return below


class HalfSquares:
    def forward(self, guess, height):
        self.off = guess - height
        return 0.5 * np.sum(self.off**2)

    def backward(self):
        return self.off


hours = rng.uniform(0, 24, size=(40, 1))
waves = np.hstack([np.sin(hours / 2), np.cos(hours / 2), hours / 24])
height = 1.5 + np.sin(hours / 2 + 0.4)

shore, sea, gap = Affine(3, 10), Affine(10, 1), HalfSquares()

for turn in range(500):
    swell = shore.forward(waves)
    foam = np.tanh(swell)
    guess = sea.forward(foam)
    loss = gap.forward(guess, height)
    if turn % 50 == 0:
        print(turn, loss)

    above = gap.backward()
    above = sea.backward(above, 0.001)
    shore.backward(above, 0.001)
