"""Scripts that learn of small pictures: convolutions, pooling, normalising, dropout, in all combinations of habits."""

import random

from tests.quality.habits import Script, templates
from tests.quality.habits.templates import Template

DATA = (
    ("X = np.random.randn(4, 6, 6)\ny = np.array([0, 1, 2, 1])"),
    ("X = np.random.rand(5, 6, 6)\ny = np.random.randint(0, 3, 5)"),
)
SHOWN = ("print(epoch, loss)", ("if epoch % 5 == 0:\n    print('epoch', epoch, 'loss:', loss)"), "history.append(loss)")
SOFTMAX = ("p = np.exp(z) / np.sum(np.exp(z))", ("e = np.exp(z - z.max())\np = e / e.sum()"))
CONVOLVED = (
    (
        "for i in range(h):\n"
        "    for j in range(w):\n"
        "        for f in range(self.n):\n"
        "            out[f, i, j] = np.sum(x[i:i + 3, j:j + 3] * self.filters[f])"
    ),
    (
        "for f in range(self.n):\n"
        "    for i in range(h):\n"
        "        for j in range(w):\n"
        "            region = x[i:i + 3, j:j + 3]\n"
        "            out[f, i, j] = (region * self.filters[f]).sum()"
    ),
    (
        "for i in range(h):\n"
        "    for j in range(w):\n"
        "        out[:, i, j] = np.tensordot(self.filters, x[i:i + 3, j:j + 3], axes=([1, 2], [0, 1]))"
    ),
)
CONVOLVED_BACK = (
    (
        "for i in range(h):\n"
        "    for j in range(w):\n"
        "        for f in range(self.n):\n"
        "            dfilters[f] += dout[f, i, j] * self.x[i:i + 3, j:j + 3]"
    ),
    (
        "for f in range(self.n):\n"
        "    for i in range(h):\n"
        "        for j in range(w):\n"
        "            dfilters[f] += self.x[i:i + 3, j:j + 3] * dout[f, i, j]"
    ),
    (
        "for i in range(h):\n"
        "    for j in range(w):\n"
        "        dfilters += dout[:, i, j][:, None, None] * self.x[i:i + 3, j:j + 3]"
    ),
)
POOLED_BACK = (
    (
        "for f in range(n):\n"
        "    for i in range(h // 2):\n"
        "        for j in range(w // 2):\n"
        "            patch = self.x[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2]\n"
        "            mask = patch == patch.max()\n"
        "            dx[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2] += mask * dout[f, i, j]"
    ),
    (
        "for f in range(n):\n"
        "    for i in range(h // 2):\n"
        "        for j in range(w // 2):\n"
        "            patch = self.x[f, 2 * i:2 * i + 2, 2 * j:2 * j + 2]\n"
        "            a, b = np.unravel_index(np.argmax(patch), patch.shape)\n"
        "            dx[f, 2 * i + a, 2 * j + b] = dout[f, i, j]"
    ),
)
TEMPLATES = (
    Template(
        "network of one convolution",
        """
        import numpy as np
        np.random.seed(0)
        class Conv3x3:
            def __init__(self, n):
                self.n = n
                self.filters = np.random.randn(n, 3, 3) / 9
            def forward(self, x):
                self.x = x
                h, w = x.shape[0] - 2, x.shape[1] - 2
                out = np.zeros((self.n, h, w))
                $convolved
                return out
            def backward(self, dout, lr):
                h, w = dout.shape[1:]
                dfilters = np.zeros_like(self.filters)
                $back
                self.filters -= lr * dfilters
        class MaxPool2:
            def forward(self, x):
                self.x = x
                n, h, w = x.shape
                out = np.zeros((n, h // 2, w // 2))
                for i in range(h // 2):
                    for j in range(w // 2):
                        out[:, i, j] = np.amax(x[:, 2 * i:2 * i + 2, 2 * j:2 * j + 2], axis=(1, 2))
                return out
            def backward(self, dout):
                n, h, w = self.x.shape
                dx = np.zeros_like(self.x)
                $pooled
                return dx
        class Softmax:
            def __init__(self, m, n):
                self.W = np.random.randn(m, n) / m
                self.b = np.zeros(n)
            def forward(self, x):
                self.shape = x.shape
                self.x = x.flatten()
                z = self.x @ self.W + self.b
                $softmax
                return p
            def backward(self, dz, lr):
                dW = np.outer(self.x, dz)
                dx = self.W @ dz
                self.W -= lr * dW
                self.b -= lr * dz
                return dx.reshape(self.shape)
        $data
        conv, pool, soft = Conv3x3(2), MaxPool2(), Softmax(2 * 2 * 2, 3)
        history = []
        def train(image, label, lr=0.01):
            $ahead
            loss = -np.log(p[label])
            dz = p.copy()
            dz[label] -= 1
            d = soft.backward(dz, lr)
            d = pool.backward(d)
            conv.backward(d, lr)
            return loss
        for epoch in range(5):
            loss = 0
            for image, label in zip(X, y):
                loss += train(image, label)
            $shown
        """,
        {
            "convolved": CONVOLVED,
            "back": CONVOLVED_BACK,
            "pooled": POOLED_BACK,
            "softmax": SOFTMAX,
            "data": DATA,
            "shown": SHOWN,
            "ahead": (
                "p = soft.forward(pool.forward(conv.forward(image)))",
                ("out = conv.forward(image)\nout = pool.forward(out)\np = soft.forward(out)"),
            ),
        },
        (
            (("* dout[f, i, j]\n        self.filters"), ("* dout[f, j, i]\n        self.filters")),
            ("patch.max()", "patch.min()"),
            ("np.argmax(patch)", "np.argmin(patch)"),
            ("dz[label] -= 1", "dz[label] = -1"),
            ("np.outer(self.x, dz)", "np.outer(self.x, dz ** 2)"),
            ("dx = self.W @ dz", "dx = np.abs(self.W) @ dz"),
            ("dfilters[f] += dout", "dfilters[f] = dout"),
            ("dfilters[f] += self.x", "dfilters[f] = self.x"),
            (("dx = self.W @ dz\n        self.W -= lr * dW"), ("self.W -= lr * dW\n        dx = self.W @ dz")),
        ),
    ),
    Template(
        "convolution of batches",
        """
        import numpy as np
        class Conv2D:
            def __init__(self, c_in, c_out, k=3, stride=1, pad=0):
                self.W = np.random.randn(c_out, c_in, k, k) * 0.2
                self.b = np.zeros(c_out)
                self.stride, self.pad, self.k = stride, pad, k
            def forward(self, x):
                self.x = np.pad(x, ((0, 0), (0, 0), (self.pad, self.pad), (self.pad, self.pad)))
                n, c, H, W = self.x.shape
                oh = (H - self.k) // self.stride + 1
                ow = (W - self.k) // self.stride + 1
                out = np.zeros((n, self.W.shape[0], oh, ow))
                for i in range(oh):
                    for j in range(ow):
                        hs, ws = i * self.stride, j * self.stride
                        window = self.x[:, :, hs:hs + self.k, ws:ws + self.k]
                        $window
                return out
            def backward(self, dout):
                n, f, oh, ow = dout.shape
                dx = np.zeros_like(self.x)
                self.dW = np.zeros_like(self.W)
                self.db = dout.sum(axis=(0, 2, 3))
                for i in range(oh):
                    for j in range(ow):
                        hs, ws = i * self.stride, j * self.stride
                        window = self.x[:, :, hs:hs + self.k, ws:ws + self.k]
                        $slopes
                if self.pad:
                    return dx[:, :, self.pad:-self.pad, self.pad:-self.pad]
                return dx
        np.random.seed(1)
        conv = Conv2D(2, 3, 3, $stride, $pad)
        x = np.random.randn(2, 2, 7, 7)
        out = conv.forward(x)
        target = np.random.randn(*out.shape)
        for step in range(20):
            out = conv.forward(x)
            loss = 0.5 * np.sum((out - target) ** 2)
            conv.backward(out - target)
            conv.W -= 0.01 * conv.dW
            conv.b -= 0.01 * conv.db
            print(step, loss)
        """,
        {
            "stride": ("1", "2"),
            "pad": ("0", "1"),
            "window": (
                "out[:, :, i, j] = np.tensordot(window, self.W, axes=([1, 2, 3], [1, 2, 3])) + self.b",
                "out[:, :, i, j] = np.einsum('nchw,fchw->nf', window, self.W) + self.b",
            ),
            "slopes": (
                (
                    "self.dW += np.tensordot(dout[:, :, i, j].T, window, axes=1)\n"
                    "dx[:, :, hs:hs + self.k, ws:ws + self.k] += np.tensordot(dout[:, :, i, j], self.W, axes=1)"
                ),
                (
                    "self.dW += np.einsum('nf,nchw->fchw', dout[:, :, i, j], window)\n"
                    "dx[:, :, hs:hs + self.k, ws:ws + self.k] += np.einsum('nf,fchw->nchw', dout[:, :, i, j], self.W)"
                ),
                (
                    "for a in range(n):\n"
                    "    for b in range(f):\n"
                    "        self.dW[b] += dout[a, b, i, j] * window[a]\n"
                    "        dx[a, :, hs:hs + self.k, ws:ws + self.k] += dout[a, b, i, j] * self.W[b]"
                ),
            ),
        },
        (
            ("self.dW += ", "self.dW = "),
            ("axis=(0, 2, 3)", "axis=(0, 2, 3)) / len(dout"),
            ("dout[a, b, i, j] * self.W[b]", "dout[a, b, i, j] * self.W[a]"),
            ("self.dW[b] += dout[a, b, i, j]", "self.dW[b] += dout[a, b, j, i]"),
            ("ws:ws + self.k] += ", "ws:ws + self.k] = "),
            (
                (
                    "hs, ws = i * self.stride, j * self.stride\n"
                    "                window = self.x[:, :, hs:hs + self.k, ws:ws + self.k]\n"
                    "                self.dW"
                ),
                (
                    "hs, ws = j * self.stride, i * self.stride\n"
                    "                window = self.x[:, :, hs:hs + self.k, ws:ws + self.k]\n"
                    "                self.dW"
                ),
            ),
        ),
    ),
    Template(
        "normalised network with functions",
        """
        import numpy as np
        np.random.seed(2)
        $eps
        def relu(x):
            return np.maximum(0, x)
        def batchnorm_forward(x, gamma, beta):
            mu = x.mean(axis=0)
            var = $var
            xhat = (x - mu) / np.sqrt(var + eps)
            out = gamma * xhat + beta
            return out, (x, xhat, mu, var, gamma)
        def batchnorm_backward(dout, cache):
            x, xhat, mu, var, gamma = cache
            N = x.shape[0]
            dgamma = np.sum(dout * xhat, axis=0)
            dbeta = np.sum(dout, axis=0)
            dxhat = dout * gamma
            $normalised
            return dx, dgamma, dbeta
        def dropout_forward(x, keep):
            mask = (np.random.rand(*x.shape) < keep) / keep
            return x * mask, mask
        def dropout_backward(dout, mask):
            return dout * mask
        X = np.random.randn(16, 4)
        Y = np.eye(3)[np.random.randint(0, 3, 16)]
        W1, W2 = np.random.randn(4, 6) * 0.4, np.random.randn(6, 3) * 0.4
        b2 = np.zeros(3)
        gamma, beta = np.ones(6), np.zeros(6)
        for epoch in range(30):
            a = X @ W1
            n, cache = batchnorm_forward(a, gamma, beta)
            h = relu(n)
            d, mask = dropout_forward(h, 0.8)
            z = d @ W2 + b2
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.mean(np.sum(Y * np.log(p), axis=1))
            dz = (p - Y) / len(X)
            dW2, db2 = d.T @ dz, dz.sum(axis=0)
            dd = dz @ W2.T
            dh = dropout_backward(dd, mask)
            dn = dh * (n > 0)
            da, dgamma, dbeta = batchnorm_backward(dn, cache)
            dW1 = X.T @ da
            for w, dw in ((W1, dW1), (W2, dW2), (b2, db2), (gamma, dgamma), (beta, dbeta)):
                w -= 0.1 * dw
            if epoch % 10 == 0:
                print(epoch, loss)
        """,
        {
            "eps": ("eps = 1e-5", "eps = 1e-8"),
            "var": ("x.var(axis=0)", "np.mean((x - mu) ** 2, axis=0)"),
            "normalised": (
                (
                    "dvar = np.sum(dxhat * (x - mu) * -0.5 * (var + eps) ** -1.5, axis=0)\n"
                    "dmu = np.sum(-dxhat / np.sqrt(var + eps), axis=0) + dvar * np.mean(-2 * (x - mu), axis=0)\n"
                    "dx = dxhat / np.sqrt(var + eps) + dvar * 2 * (x - mu) / N + dmu / N"
                ),
                "dx = (N * dxhat - dxhat.sum(axis=0) - xhat * np.sum(dxhat * xhat, axis=0)) / (N * np.sqrt(var + eps))",
            ),
        },
        (
            ("+ dmu / N", "+ dmu"),
            ("** -1.5", "** -0.5"),
            (" - dxhat.sum(axis=0)", ""),
            ("np.sum(dxhat * xhat, axis=0)) /", "np.mean(dxhat * xhat, axis=0)) /"),
            ("dxhat = dout * gamma", "dxhat = dout"),
            ("return dout * mask", "return dout"),
            ("(n > 0)", "(a > 0)"),
            ("dout * xhat, axis", "dout * x, axis"),
        ),
    ),
)


def drawn(choose: random.Random, is_right: bool) -> Script | None:
    """Return a script, unless what is drawn does not go together."""
    return templates.drawn(TEMPLATES, choose, is_right)
