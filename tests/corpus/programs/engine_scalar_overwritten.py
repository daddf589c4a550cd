"""Scalars which remember what they were made of, and a line fitted with them."""
import math
import random


class Scalar:
    def __init__(self, number, sources=()):
        self.number = number
        self.slope = 0.0
        self.sources = sources
        self.spread = lambda: None

    def __repr__(self):
        return "Scalar(%.4f, slope=%.4f)" % (self.number, self.slope)

    def __add__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        result = Scalar(self.number + other.number, (self, other))

        def spread():
            self.slope += result.slope
            other.slope += result.slope

        result.spread = spread
        return result

    def __mul__(self, other):
        other = other if isinstance(other, Scalar) else Scalar(other)
        result = Scalar(self.number * other.number, (self, other))

        def spread():
            self.slope += other.number * result.slope
            other.slope += self.number * result.slope

        result.spread = spread
        return result

    def __sub__(self, other):
        return self + other * -1.0

    def softplus(self):
        result = Scalar(math.log1p(math.exp(self.number)), (self,))

        def spread():
            self.slope = result.slope / (1.0 + math.exp(-self.number))

        result.spread = spread
        return result

    def backward(self):
        finished, ordered = set(), []

        def visit(node):
            if id(node) in finished:
                return
            finished.add(id(node))
            for source in node.sources:
                visit(source)
            ordered.append(node)

        visit(self)
        self.slope = 1.0
        while ordered:
            ordered.pop().spread()


if __name__ == "__main__":
    w, b = Scalar(random.random()), Scalar(0.0)
    for _ in range(400):
        total = Scalar(0.0)
        for x, y in ((0.0, 1.0), (1.0, 3.0), (2.0, 5.0)):
            miss = (w * x + b).softplus() - Scalar(y)
            total = total + miss * miss
        w.slope = b.slope = 0.0
        total.backward()
        w.number -= 0.02 * w.slope
        b.number -= 0.02 * b.slope
    print(w, b, total)
