"""Scripts with losses of their own: margins, counts, many classes, penalties, one model against the rest."""

import random

from tests.quality.habits import Script, templates
from tests.quality.habits.templates import Template

SIGNS = (
    ("X = np.random.randn(40, 3)\ny = np.where(X[:, 0] - X[:, 1] > 0, 1, -1)"),
    ("X = np.vstack([np.random.randn(20, 3) + 1, np.random.randn(20, 3) - 1])\ny = np.array([1] * 20 + [-1] * 20)"),
)
REAL = (
    ("X = np.random.randn(30, 3)\ny = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * np.random.randn(30)"),
    ("X = np.random.rand(25, 3)\ny = 3 * X[:, 0] - X[:, 2] + 1"),
)
CLASSES = (
    ("X = np.random.randn(30, 4)\ny = np.random.randint(0, 3, 30)"),
    ("X = np.random.randn(24, 4)\ny = np.argmax(X[:, :3], axis=1)"),
)
TEMPLATES = (
    Template(
        "support vectors",
        """
        import numpy as np
        class SVM:
            def __init__(self, lr=0.001, lambda_param=0.01, n_iters=100):
                self.lr, self.lambda_param, self.n_iters = lr, lambda_param, n_iters
                self.w, self.b = None, None
            def fit(self, X, y):
                n_samples, n_features = X.shape
                y_ = np.where(y <= 0, -1, 1)
                self.w, self.b = np.zeros(n_features), 0
                for _ in range(self.n_iters):
                    for idx, x_i in enumerate(X):
                        condition = y_[idx] * (np.dot(x_i, self.w) - self.b) >= 1
                        if condition:
                            self.w -= self.lr * (2 * self.lambda_param * self.w)
                        else:
                            self.w -= self.lr * (2 * self.lambda_param * self.w - np.dot(x_i, y_[idx]))
                            self.b -= self.lr * y_[idx]
            def predict(self, X):
                return np.sign(np.dot(X, self.w) - self.b)
        $data
        SVM().fit(X, y)
        """,
        {"data": SIGNS},
        (
            ("self.b -= self.lr * y_[idx]", "self.b += self.lr * y_[idx]"),
            ("- np.dot(x_i, y_[idx])", "+ np.dot(x_i, y_[idx])"),
            ("self.b -= self.lr * y_[idx]", "self.b -= self.lr * 2 * y_[idx]"),
        ),
    ),
    Template(
        "hinge of a batch",
        """
        import numpy as np
        np.random.seed(0)
        $data
        w, b, C = np.zeros(3), 0.0, 1.0
        for epoch in range(100):
            margin = y * (X @ w + b)
            loss = 0.5 * np.dot(w, w) + C * np.mean(np.maximum(0, 1 - margin))
            $slopes
            w -= 0.01 * dw
            b -= 0.01 * db
            if epoch % 10 == 0:
                print(epoch, loss)
        """,
        {
            "data": SIGNS,
            "slopes": (
                (
                    "active = (margin < 1).astype(float)\n"
                    "dw = w - C * X.T @ (active * y) / len(y)\n"
                    "db = -C * np.mean(active * y)"
                ),
                (
                    "dw, db = w.copy(), 0.0\n"
                    "for i in range(len(y)):\n"
                    "    if margin[i] < 1:\n"
                    "        dw -= C * y[i] * X[i] / len(y)\n"
                    "        db -= C * y[i] / len(y)"
                ),
            ),
        },
        (
            ("dw = w - C", "dw = w + C"),
            ("-C * np.mean(active * y)", "-C * np.sum(active * y)"),
            ("margin[i] < 1", "margin[i] < 0"),
            ("db -= C * y[i]", "db -= C"),
            ("dw = w - C", "dw = -C"),
            ("(margin < 1)", "(margin > 1)"),
        ),
    ),
    Template(
        "ridge and lasso",
        """
        import numpy as np
        class $name:
            def __init__(self, lr=0.01, n_iters=200, penalty=0.1):
                self.lr, self.n_iters, self.penalty = lr, n_iters, penalty
            def fit(self, X, y):
                m, n = X.shape
                self.W, self.b = $begun, 0.0
                self.costs = []
                for i in range(self.n_iters):
                    self.update(X, y)
                    self.costs.append(self.cost(X, y))
                return self
            def update(self, X, y):
                m = len(y)
                pred = self.predict(X)
                dW = -2 * X.T.dot(y - pred) / m + 2 * self.penalty * self.W
                db = -2 * np.sum(y - pred) / m
                self.W = self.W - self.lr * dW
                self.b = self.b - self.lr * db
            def cost(self, X, y):
                return np.mean((y - self.predict(X)) ** 2) + $cost
            def predict(self, X):
                return X.dot(self.W) + self.b
        $data
        $name().fit(X, y)
        """,
        {
            "data": REAL,
            "begun": ("np.zeros(n)", "np.random.randn(n)"),
            "name": ("Ridge", "Model"),
            "cost": ("self.penalty * np.sum(self.W ** 2)", "self.penalty * self.W.dot(self.W)"),
        },
        (
            ("2 * self.penalty * self.W", "self.penalty * self.W"),
            ("+ 2 * self.penalty", "- 2 * self.penalty"),
            ("db = -2 * np.sum", "db = 2 * np.sum"),
            ("X.T.dot(y - pred)", "X.T.dot(y + pred)"),
            ("db = -2 * np.sum(y - pred) / m", "db = -2 * np.sum(y - pred)"),
        ),
    ),
    Template(
        "lasso",
        """
        import numpy as np
        np.random.seed(1)
        $data
        w, lam = np.random.randn(3), 0.1
        losses = []
        for it in range(200):
            r = X @ w - y
            loss = r @ r / (2 * len(y)) + lam * np.abs(w).sum()
            grad = X.T @ r / len(y) + lam * np.sign(w)
            w = w - 0.1 * grad
            $shown
        """,
        {"data": REAL, "shown": ("losses.append(loss)", "print(it, loss)")},
        (
            ("lam * np.sign(w)", "lam * w"),
            ("+ lam * np.sign", "- lam * np.sign"),
            ("X.T @ r / len(y)", "X.T @ r"),
            ("X.T @ r", "X.T @ np.abs(r)"),
        ),
    ),
    Template(
        "one against the rest",
        """
        import numpy as np
        def sigmoid(z):
            return 1 / (1 + np.exp(-z))
        class OneVsAll:
            def __init__(self, lr=0.1, iters=100):
                self.lr, self.iters = lr, iters
            def fit(self, X, y):
                X = np.insert(X, 0, 1, axis=1)
                m = len(y)
                self.thetas = []
                for c in np.unique(y):
                    yc = np.where(y == c, 1, 0)
                    theta = np.zeros(X.shape[1])
                    for _ in range(self.iters):
                        h = sigmoid(X.dot(theta))
                        $slope
                        theta -= self.lr * gradient
                        $told
                    self.thetas.append(theta)
            def predict(self, X):
                X = np.insert(X, 0, 1, axis=1)
                return np.argmax([sigmoid(X.dot(t)) for t in self.thetas], axis=0)
        $data
        model = OneVsAll()
        model.fit(X, y)
        """,
        {
            "data": CLASSES,
            "slope": ("gradient = np.dot(X.T, h - yc) / m", ("error = h - yc\ngradient = X.T.dot(error) / m")),
            "told": (
                "cost = -np.mean(yc * np.log(h) + (1 - yc) * np.log(1 - h))",
                ("loss = -(yc * np.log(h) + (1 - yc) * np.log(1 - h)).mean()\nprint(c, loss)"),
            ),
        },
        (("h - yc", "h - y"), ("h - yc", "(h - yc) * h * (1 - h)"), ("h - yc", "h + yc")),
    ),
    Template(
        "softmax with loops",
        """
        import numpy as np
        def svm_or_softmax_loss(W, X, y, reg):
            dW = np.zeros_like(W)
            loss = 0.0
            n, c = X.shape[0], W.shape[1]
            for i in range(n):
                $one
            loss /= n
            dW /= n
            loss += reg * np.sum(W * W)
            dW += 2 * reg * W
            return loss, dW
        class LinearClassifier:
            def __init__(self):
                self.W = None
            def train(self, X, y, lr=1e-2, reg=1e-3, iters=50, batch=10):
                if self.W is None:
                    self.W = 0.01 * np.random.randn(X.shape[1], int(np.max(y)) + 1)
                history = []
                for it in range(iters):
                    rows = np.random.choice(len(X), batch)
                    loss, grad = svm_or_softmax_loss(self.W, X[rows], y[rows], reg)
                    history.append(loss)
                    self.W -= lr * grad
                return history
        $data
        LinearClassifier().train(X, y)
        """,
        {
            "data": CLASSES,
            "one": (
                (
                    "scores = X[i].dot(W)\n"
                    "scores -= scores.max()\n"
                    "p = np.exp(scores) / np.sum(np.exp(scores))\n"
                    "loss -= np.log(p[y[i]])\n"
                    "for j in range(c):\n"
                    "    dW[:, j] += (p[j] - (j == y[i])) * X[i]"
                ),
                (
                    "scores = X[i].dot(W)\n"
                    "correct = scores[y[i]]\n"
                    "for j in range(c):\n"
                    "    if j == y[i]:\n"
                    "        continue\n"
                    "    margin = scores[j] - correct + 1\n"
                    "    if margin > 0:\n"
                    "        loss += margin\n"
                    "        dW[:, j] += X[i]\n"
                    "        dW[:, y[i]] -= X[i]"
                ),
            ),
        },
        (
            ("(p[j] - (j == y[i]))", "(p[j] + (j == y[i]))"),
            ("dW[:, y[i]] -= X[i]", "dW[:, y[i]] += X[i]"),
            ("2 * reg * W", "reg * W"),
            ("    dW /= n\n", ""),
            ("dW[:, y[i]] -= X[i]", "dW[:, j] -= X[i]"),
            ("dW[:, j] += (p", "dW[:, j] = (p"),
        ),
    ),
    Template(
        "counts",
        """
        import numpy as np
        np.random.seed(3)
        X = np.random.randn(40, 3)
        y = np.random.poisson(np.exp(X @ np.array([0.3, -0.2, 0.1]) + 0.5))
        beta, b = np.zeros(3), 0.0
        for i in range(300):
            eta = X @ beta + b
            mu = np.exp(eta)
            nll = $nll
            $slopes
            beta -= 0.01 * g
            b -= 0.01 * gb
            if i % 50 == 0:
                print(i, nll)
        """,
        {
            "nll": ("np.sum(mu - y * eta)", "mu.sum() - y @ eta"),
            "slopes": (
                ("g = X.T @ (mu - y)\ngb = np.sum(mu - y)"),
                ("resid = mu - y\ng, gb = X.T.dot(resid), resid.sum()"),
            ),
        },
        (
            ("(mu - y)\n", "(mu - y) * mu\n"),
            ("resid.sum()", "resid.mean()"),
            ("gb = np.sum(mu - y)", "gb = np.sum(mu + y)"),
            ("X.T.dot(resid)", "X.T.dot(np.abs(resid))"),
        ),
    ),
    Template(
        "multinomial regression",
        """
        import numpy as np
        class SoftmaxRegression(object):
            def __init__(self, epochs=50, eta=0.1):
                self.epochs = epochs
                self.eta = eta
            def fit(self, X, y):
                n_classes = len(np.unique(y))
                self.w = np.random.normal(0, 0.01, (X.shape[1], n_classes))
                self.b = np.zeros(n_classes)
                Y = np.zeros((len(y), n_classes))
                Y[np.arange(len(y)), y] = 1
                self.cost_ = []
                for _ in range(self.epochs):
                    net = X.dot(self.w) + self.b
                    soft = self._softmax(net)
                    diff = soft - Y
                    grad = np.dot(X.T, diff) / len(X)
                    self.w -= self.eta * grad
                    self.b -= self.eta * np.sum(diff, axis=0) / len(X)
                    cost = np.mean(-np.sum(np.log(soft) * Y, axis=1))
                    self.cost_.append(cost)
                return self
            def _softmax(self, z):
                return (np.exp(z.T) / np.sum(np.exp(z), axis=1)).T
        $data
        SoftmaxRegression().fit(X, y)
        """,
        {"data": CLASSES},
        (
            ("diff = soft - Y", "diff = soft + Y"),
            ("np.sum(diff, axis=0) / len(X)", "np.sum(diff, axis=0)"),
            ("np.dot(X.T, diff)", "np.dot(X.T, diff * soft)"),
            ("self.b -= self.eta", "self.b += self.eta"),
            ("soft - Y", "np.abs(soft - Y)"),
        ),
    ),
)


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    return templates.drawn(TEMPLATES, choose, is_right)
