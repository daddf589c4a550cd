"""Scripts that hold a small engine of automatic differentiation, and learn with it, in all combinations of habits."""

import random

from tests.quality.habits import Script, templates
from tests.quality.habits.templates import Template

ORDER = (
    (
        "topo, visited = [], set()\n"
        "def build(v):\n"
        "    if v not in visited:\n"
        "        visited.add(v)\n"
        "        for child in v._prev:\n"
        "            build(child)\n"
        "        topo.append(v)\n"
        "build(self)\n"
        "self.grad = 1.0\n"
        "for v in reversed(topo):\n"
        "    v._backward()"
    ),
    (
        "topo = []\n"
        "seen = set()\n"
        "def visit(node):\n"
        "    if node in seen:\n"
        "        return\n"
        "    seen.add(node)\n"
        "    for parent in node._prev:\n"
        "        visit(parent)\n"
        "    topo.append(node)\n"
        "visit(self)\n"
        "self.grad = 1\n"
        "for node in topo[::-1]:\n"
        "    node._backward()"
    ),
)
TRAINED = (
    """
    random.seed(1)
    xs = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0], [1.0, -1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    w = [Value(random.uniform(-1, 1)) for _ in range(2)]
    b = Value(0.0)
    for k in range(20):
        preds = [(w[0] * x[0] + w[1] * x[1] + b).tanh() for x in xs]
        loss = sum((p - y) ** 2 for p, y in zip(preds, ys))
        for p in [*w, b]:
            p.grad = 0.0
        loss.backward()
        for p in [*w, b]:
            p.data -= 0.05 * p.grad
        print(k, loss.data)
    """,
    """
    class Neuron:
        def __init__(self, n):
            self.w = [Value(random.uniform(-1, 1)) for _ in range(n)]
            self.b = Value(0.0)
        def __call__(self, x):
            act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
            return act.tanh()
        def parameters(self):
            return self.w + [self.b]
    class Layer:
        def __init__(self, n, m):
            self.neurons = [Neuron(n) for _ in range(m)]
        def __call__(self, x):
            outs = [n(x) for n in self.neurons]
            return outs[0] if len(outs) == 1 else outs
        def parameters(self):
            return [p for n in self.neurons for p in n.parameters()]
    class MLP:
        def __init__(self, n, sizes):
            sz = [n] + sizes
            self.layers = [Layer(a, b) for a, b in zip(sz, sz[1:])]
        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x
        def parameters(self):
            return [p for layer in self.layers for p in layer.parameters()]
    net = MLP(2, [3, 1])
    xs = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0]]
    ys = [1.0, -1.0, 1.0]
    for k in range(10):
        loss = sum([(net(x) - y) ** 2 for x, y in zip(xs, ys)])
        for p in net.parameters():
            p.grad = 0
        loss.backward()
        for p in net.parameters():
            p.data += -0.05 * p.grad
    """,
    """
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b ** 3
    c = c + c + 1
    d = d + (b - a).tanh() * 2
    e = (c - d) * 0.1
    g = e.exp() / 2.0 + 10.0 / (d + 100.0)
    g.backward()
    print(g.data, a.grad, b.grad)
    """,
)
TEMPLATES = (
    Template(
        "engine of numbers",
        """
        import math
        import random
        class Value:
            def __init__(self, data, _children=(), _op=''):
                self.data = data
                self.grad = 0.0
                self._prev = set(_children)
                self._op = _op
                self._backward = lambda: None
            def __repr__(self):
                return f"Value(data={self.data}, grad={self.grad})"
            def __add__(self, other):
                other = other if isinstance(other, Value) else Value(other)
                out = Value(self.data + other.data, (self, other), '+')
                def _backward():
                    self.grad += out.grad
                    other.grad += out.grad
                out._backward = _backward
                return out
            def __mul__(self, other):
                other = other if isinstance(other, Value) else Value(other)
                out = Value(self.data * other.data, (self, other), '*')
                def _backward():
                    self.grad += other.data * out.grad
                    other.grad += self.data * out.grad
                out._backward = _backward
                return out
            def __pow__(self, n):
                out = Value(self.data ** n, (self,), 'pow')
                def _backward():
                    self.grad += $power * out.grad
                out._backward = _backward
                return out
            def exp(self):
                out = Value(math.exp(self.data), (self,), 'exp')
                def _backward():
                    self.grad += out.data * out.grad
                out._backward = _backward
                return out
            def tanh(self):
                $tanh
                out = Value(t, (self,), 'tanh')
                def _backward():
                    self.grad += (1 - t ** 2) * out.grad
                out._backward = _backward
                return out
            $besides
            def __neg__(self):
                return self * -1
            def __sub__(self, other):
                return self + (-other)
            def __truediv__(self, other):
                return self * other ** -1
            def __rtruediv__(self, other):
                return other * self ** -1
            __radd__ = __add__
            __rmul__ = __mul__
            def __rsub__(self, other):
                return other + (-self)
            def backward(self):
                $order
        $trained
        """,
        {
            "power": ("n * self.data ** (n - 1)", "(n * self.data ** (n - 1))"),
            "order": ORDER,
            "trained": TRAINED,
            "tanh": ("t = math.tanh(self.data)", "t = (math.exp(2 * self.data) - 1) / (math.exp(2 * self.data) + 1)"),
            "besides": (
                "",
                (
                    "def relu(self):\n"
                    "    out = Value(self.data if self.data > 0 else 0.0, (self,), 'relu')\n"
                    "    def _backward():\n"
                    "        self.grad += (out.data > 0) * out.grad\n"
                    "    out._backward = _backward\n"
                    "    return out"
                ),
                (
                    "def log(self):\n"
                    "    out = Value(math.log(self.data), (self,), 'log')\n"
                    "    def _backward():\n"
                    "        self.grad += out.grad / self.data\n"
                    "    out._backward = _backward\n"
                    "    return out"
                ),
                (
                    "def sigmoid(self):\n"
                    "    s = 1 / (1 + math.exp(-self.data))\n"
                    "    out = Value(s, (self,), 'sigmoid')\n"
                    "    def _backward():\n"
                    "        self.grad += s * (1 - s) * out.grad\n"
                    "    out._backward = _backward\n"
                    "    return out"
                ),
            ),
        },
        (
            (("self.grad += out.grad\n            other"), ("self.grad = out.grad\n            other")),
            ("other.grad += self.data * out.grad", "other.grad = self.data * out.grad"),
            ("self.grad += other.data * out.grad", "self.grad += self.data * out.grad"),
            ("** (n - 1)", "** n"),
            ("(1 - t ** 2)", "(1 - t)"),
            ("self.grad += out.data * out.grad", "self.grad += self.data * out.grad"),
            ("s * (1 - s)", "s"),
            ("out.grad / self.data", "out.grad * self.data"),
            ("(out.data > 0) * out.grad", "out.grad"),
            ("self.grad += (1 - t ** 2) * out.grad", "self.grad = (1 - t ** 2) * out.grad"),
        ),
        {"Value": ("Scalar", "Node", "Var"), "_prev": ("children", "parents"), "_backward": ("_backprop", "grad_fn")},
    ),
    Template(
        "engine of arrays",
        """
        import numpy as np
        class Tensor:
            def __init__(self, data, parents=(), requires_grad=True):
                self.data = np.array(data, dtype=float)
                self.grad = np.zeros_like(self.data)
                self.parents = parents
                self.backward_fn = None
            def __add__(self, other):
                out = Tensor(self.data + other.data, (self, other))
                def backward(g):
                    self.grad += unbroadcast(g, self.data.shape)
                    other.grad += unbroadcast(g, other.data.shape)
                out.backward_fn = backward
                return out
            def __mul__(self, other):
                out = Tensor(self.data * other.data, (self, other))
                def backward(g):
                    self.grad += unbroadcast(g * other.data, self.data.shape)
                    other.grad += unbroadcast(g * self.data, other.data.shape)
                out.backward_fn = backward
                return out
            def __sub__(self, other):
                out = Tensor(self.data - other.data, (self, other))
                def backward(g):
                    self.grad += unbroadcast(g, self.data.shape)
                    other.grad += unbroadcast(-g, other.data.shape)
                out.backward_fn = backward
                return out
            def __matmul__(self, other):
                out = Tensor(self.data @ other.data, (self, other))
                def backward(g):
                    self.grad += g @ other.data.T
                    other.grad += self.data.T @ g
                out.backward_fn = backward
                return out
            def tanh(self):
                t = np.tanh(self.data)
                out = Tensor(t, (self,))
                def backward(g):
                    self.grad += g * (1 - t * t)
                out.backward_fn = backward
                return out
            def relu(self):
                out = Tensor(np.maximum(0, self.data), (self,))
                def backward(g):
                    self.grad += g * (self.data > 0)
                out.backward_fn = backward
                return out
            def sum(self):
                out = Tensor(self.data.sum(), (self,))
                def backward(g):
                    self.grad += g * np.ones_like(self.data)
                out.backward_fn = backward
                return out
            $mean
            def backward(self):
                order, seen = [], set()
                def visit(t):
                    if id(t) not in seen:
                        seen.add(id(t))
                        for p in t.parents:
                            visit(p)
                        order.append(t)
                visit(self)
                self.grad = np.ones_like(self.data)
                for t in reversed(order):
                    if t.backward_fn is not None:
                        t.backward_fn(t.grad)
        def unbroadcast(g, shape):
            while g.ndim > len(shape):
                g = g.sum(axis=0)
            for i, n in enumerate(shape):
                if n == 1 and g.shape[i] != 1:
                    g = g.sum(axis=i, keepdims=True)
            return g
        np.random.seed(0)
        X = Tensor(np.random.randn(8, 3))
        Y = Tensor(np.random.randn(8, 1))
        W1, b1 = Tensor(np.random.randn(3, 4) * 0.5), Tensor(np.zeros((1, 4)))
        W2, b2 = Tensor(np.random.randn(4, 1) * 0.5), Tensor(np.zeros((1, 1)))
        params = [W1, b1, W2, b2]
        for i in range(20):
            h = (X @ W1 + b1).$activation()
            e = h @ W2 + b2 - Y
            loss = (e * e).sum()
            for p in params:
                p.grad = np.zeros_like(p.data)
            loss.backward()
            for p in params:
                p.data -= 0.01 * p.grad
            if i % 5 == 0:
                print(i, loss.data)
        """,
        {
            "mean": (
                "",
                (
                    "def mean(self):\n"
                    "    out = Tensor(self.data.mean(), (self,))\n"
                    "    def backward(g):\n"
                    "        self.grad += g * np.ones_like(self.data) / self.data.size\n"
                    "    out.backward_fn = backward\n"
                    "    return out"
                ),
            ),
            "activation": ("tanh", "relu"),
        },
        (
            ("unbroadcast(-g, other", "unbroadcast(g, other"),
            ("self.grad += g @ other.data.T", "self.grad = g @ other.data.T"),
            ("(1 - t * t)", "(1 - t)"),
            (" / self.data.size", ""),
            ("other.grad += self.data.T @ g", "other.grad += self.data.T @ g * 2"),
            ("(self.data > 0)", "(g > 0)"),
            ("self.grad += unbroadcast(g * other.data", "self.grad = unbroadcast(g * other.data"),
            ("g * self.data, other", "g * other.data, other"),
        ),
        {"Tensor": ("Node", "Array"), "backward_fn": ("_backward", "grad_fn")},
    ),
)


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    return templates.drawn(TEMPLATES, choose, is_right)
