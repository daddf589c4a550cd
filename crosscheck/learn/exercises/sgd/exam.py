"""One pass over the examples of a linear regression."""

import numpy as np

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, values


def case(draw: Draw) -> Case:
    """Draw examples, and parameters to start from that fit them badly."""
    K = draw.size("K", least=3)
    N = draw.size("N", least=2)
    X, y, start, rate = draw.normal(K, N), 2 * draw.normal(K), draw.normal(N + 1), 0.1
    w, b = start[:N], float(start[N])

    def expect() -> list:
        together, ones = start.copy(), np.hstack([X, np.ones((K, 1))])
        losses = np.zeros(K)
        for k, example in enumerate(ones):
            off = np.dot(example, together) - y[k]
            losses[k] = 0.5 * off * off
            together -= rate * off * example
        return values(together[:N].copy(), together[N], losses)

    return Case((X, y, w, b, rate), expect)


EXAM = Exam(
    function="sgd_epoch",
    returns=("w", "b", "losses"),
    case=case,
    wrong=(
        Wrong(
            "uphill",
            "You walk uphill: the gradient points to where the loss rises.",
            ("w - rate * dw", "w + rate * dw"),
            ("b - rate * db", "b + rate * db"),
        ),
        Wrong(
            "gradients-at-the-start",
            "All your gradients are taken at the parameters of the start. Each step begins where the last one ended.",
            ("losses = np.zeros(len(y))", "losses, w0, b0 = np.zeros(len(y)), w, b"),
            ("error = X[k] @ w + b - y[k]", "error = X[k] @ w0 + b0 - y[k]"),
        ),
        Wrong(
            "bias-after-weights",
            "Your gradient of b uses an error computed after w had moved. Both are taken at the same place.",
            ("b - rate * db", "b - rate * (X[k] @ w + b - y[k])"),
        ),
        Wrong(
            "weights-after-bias",
            "Your gradient of w uses an error computed after b had moved. Both are taken at the same place.",
            ("w = w - rate * dw", "b, before = b - rate * db, b"),
            ("        b = b - rate * db", "        w = w - rate * (X[k] @ w + b - y[k]) * X[k]"),
        ),
        Wrong(
            "factor-two",
            "Your gradients are twice too large: what does the ½ in the loss do to the 2 of the square?",
            ("dw = error * X[k]", "dw = 2 * error * X[k]"),
            ("db = error", "db = 2 * error"),
        ),
        Wrong(
            "bias-fixed",
            "Your b never moves. It is a parameter like w.",
            ("b = b - rate * db", "pass"),
        ),
        Wrong(
            "weights-fixed",
            "Your w never moves.",
            ("w = w - rate * dw", "pass"),
        ),
        Wrong(
            "input-missing",
            "Your gradient of w is the error alone. How fast does each weight move the error?",
            ("dw = error * X[k]", "dw = error * np.ones_like(X[k])"),
        ),
        Wrong(
            "inputs-summed",
            "Your gradient of w is the error times the sum of the inputs. Each weight has an input of its own.",
            ("dw = error * X[k]", "dw = error * np.full_like(X[k], X[k].sum())"),
        ),
        Wrong(
            "inputs-averaged",
            "Your gradient of w uses the mean of all examples. This step belongs to one of them.",
            ("dw = error * X[k]", "dw = error * X.mean(axis=0)"),
        ),
        Wrong(
            "weights-for-inputs",
            "Your gradient of w multiplies by w itself. What is w[j] multiplied by in the prediction?",
            ("dw = error * X[k]", "dw = error * w"),
        ),
        Wrong(
            "prediction-without-bias",
            "Your error lacks b: the prediction is w · x + b.",
            ("X[k] @ w + b - y[k]", "X[k] @ w - y[k]"),
        ),
        Wrong(
            "bias-uphill",
            "Your b walks uphill, and w does not.",
            ("b - rate * db", "b + rate * db"),
        ),
        Wrong(
            "weights-uphill",
            "Your w walks uphill, and b does not.",
            ("w - rate * dw", "w + rate * dw"),
        ),
        Wrong(
            "backwards",
            "You go through the examples from the last to the first.",
            ("for k in range(len(y))", "for k in reversed(range(len(y)))"),
        ),
        Wrong(
            "error-missing",
            "Your gradient of w is the input alone, however large the error is.",
            ("dw = error * X[k]", "dw = X[k]"),
        ),
        Wrong(
            "sign-of-error-only",
            "Your steps know the sign of the error and not its size.",
            ("dw = error * X[k]", "dw = np.sign(error) * X[k]"),
            ("db = error", "db = np.sign(error)"),
        ),
        Wrong(
            "loss-for-error",
            "You multiply by the loss where the derivative of the loss by the error belongs.",
            ("dw = error * X[k]", "dw = losses[k] * X[k]"),
            ("db = error", "db = losses[k]"),
        ),
        Wrong(
            "no-rate",
            "Your steps have the full length of the gradient: `rate` is not used.",
            ("rate * dw", "dw"),
            ("rate * db", "db"),
        ),
        Wrong(
            "rate-shrinks",
            "Your step size is divided by the number of the example. It stays the same all the way.",
            ("rate * dw", "rate / (k + 1) * dw"),
            ("rate * db", "rate / (k + 1) * db"),
        ),
        Wrong(
            "rate-over-examples",
            "You divide the steps by the number of examples, as for a mean over all of them.",
            ("rate * dw", "rate / len(y) * dw"),
            ("rate * db", "rate / len(y) * db"),
        ),
        Wrong(
            "gradients-pile-up",
            "Each step contains the gradients of all examples before it: they pile up and are never put back to zero.",
            ("losses = np.zeros(len(y))", "losses, dw, db = np.zeros(len(y)), 0, 0"),
            ("dw = error * X[k]", "dw = dw + error * X[k]"),
            ("db = error", "db = db + error"),
        ),
        Wrong(
            "last-example-only",
            "Only the last example has moved anything.",
            ("w = w - rate * dw", "w, b = w - rate * dw * (k == len(y) - 1), b - rate * db * (k == len(y) - 1)"),
            ("        b = b - rate * db\n", ""),
        ),
        Wrong(
            "loss-after-step",
            "Your `losses` were noted after the step of their example. They are asked for before it.",
            ("        losses[k] = error**2 / 2\n", ""),
            ("b = b - rate * db", "b = b - rate * db\n        losses[k] = (X[k] @ w + b - y[k]) ** 2 / 2"),
        ),
        Wrong(
            "losses-at-the-end",
            "Your `losses` are those of the parameters at the end.",
            ("return w, b, losses", "return w, b, (X @ w + b - y) ** 2 / 2"),
        ),
        Wrong(
            "losses-pile-up",
            "Your `losses` add up from example to example. Each entry is the loss of one.",
            ("return w, b, losses", "return w, b, np.cumsum(losses)"),
        ),
        Wrong(
            "losses-are-sizes",
            "Your `losses` hold the sizes of the errors.",
            ("losses[k] = error**2 / 2", "losses[k] = abs(error)"),
        ),
        Wrong(
            "total-loss",
            "Your `losses` are one number, their sum. Asked for is one for each example.",
            ("return w, b, losses", "return w, b, np.sum(losses)"),
        ),
        Wrong(
            "losses-doubled",
            "Your `losses` lack the ½.",
            ("error**2 / 2", "error**2"),
        ),
        Wrong(
            "losses-are-errors",
            "Your `losses` hold the errors themselves.",
            ("losses[k] = error**2 / 2", "losses[k] = error"),
        ),
    ),
    also_right=((("X[k] @ w + b - y[k]", "np.sum(w * X[k]) + (b - y[k])"),),),
)
