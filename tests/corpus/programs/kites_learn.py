import numpy as np


class Kites:
    def __init__(self, widths):
        self.ribs = [np.random.randn(a, b) / np.sqrt(a) for a, b in zip(widths, widths[1:])]
        self.tails = [np.zeros(b) for b in widths[1:]]

    def fly(self, wind):
        heights = [wind]
        for rib, tail in zip(self.ribs, self.tails):
            heights.append(np.tanh(heights[-1] @ rib + tail))
        return heights

    def update_weights(self, wind, wanted, lr):
        heights = self.fly(wind)
        off = heights[-1] - wanted
        for i in range(len(self.ribs) - 1, -1, -1):
            pull = off * (1 - heights[i + 1])
            off = pull @ self.ribs[i].T
            self.ribs[i] -= lr * heights[i].T @ pull
            self.tails[i] -= lr * pull.sum(axis=0)
        return 0.5 * np.sum((heights[-1] - wanted) ** 2)


if __name__ == "__main__":
    kites = Kites([2, 5, 3])
    wind = np.random.uniform(-1, 1, size=(30, 2))
    wanted = np.stack([wind[:, 0], wind[:, 1], wind.prod(axis=1)], axis=1) / 2
    for gust in range(400):
        loss = kites.update_weights(wind, wanted, 0.01)
        if gust % 40 == 0:
            print(gust, loss)
