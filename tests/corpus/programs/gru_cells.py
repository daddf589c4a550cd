import numpy as np


def sig(a):
    return .5 * (1 + np.tanh(.5 * a))


class GRU:
    """(time, batch, features) in, (time, batch, hidden) out"""

    def __init__(self, n_in, n_hid):
        k = 1 / np.sqrt(n_hid)
        self.params = {}
        for gate in 'zrc':
            self.params['W' + gate] = np.random.uniform(-k, k, (n_in, n_hid))
            self.params['U' + gate] = np.random.uniform(-k, k, (n_hid, n_hid))
            self.params['b' + gate] = np.zeros(n_hid)
        self.grads = {}

    def forward(self, xs, h):
        p = self.params
        self.tape = []
        out = []
        for x in xs:
            z = sig(x @ p['Wz'] + h @ p['Uz'] + p['bz'])
            r = sig(x @ p['Wr'] + h @ p['Ur'] + p['br'])
            c = np.tanh(x @ p['Wc'] + (r * h) @ p['Uc'] + p['bc'])
            h_new = z * h + (1 - z) * c
            self.tape.append((x, h, z, r, c))
            out.append(h_new)
            h = h_new
        return np.stack(out)

    def backward(self, dout):
        p = self.params
        g = self.grads = {k: np.zeros_like(v) for k, v in p.items()}
        dxs = np.zeros((len(dout),) + self.tape[0][0].shape)
        dh = np.zeros_like(dout[0])
        for t in reversed(range(len(dout))):
            x, h, z, r, c = self.tape[t]
            dh = dh + dout[t]
            dz = dh * (h - c) * z * (1 - z)
            dc = dh * (1 - z) * (1 - c ** 2)
            drh = dc @ p['Uc'].T
            dr = drh * h * r * (1 - r)
            g['Wz'] += x.T @ dz
            g['Uz'] += h.T @ dz
            g['bz'] += dz.sum(0)
            g['Wr'] += x.T @ dr
            g['Ur'] += h.T @ dr
            g['br'] += dr.sum(0)
            g['Wc'] += x.T @ dc
            g['Uc'] += (r * h).T @ dc
            g['bc'] += dc.sum(0)
            dxs[t] = dz @ p['Wz'].T + dr @ p['Wr'].T + dc @ p['Wc'].T
            dh = dh * z + dz @ p['Uz'].T + dr @ p['Ur'].T + drh * r
        return dxs, dh


if __name__ == '__main__':
    # memorise the first number of a sequence
    net = GRU(1, 20)
    readout = np.random.randn(20) * .1
    for step in range(3000):
        xs = np.random.randn(12, 32, 1)
        hs = net.forward(xs, np.zeros((32, 20)))
        guess = hs[-1] @ readout
        miss = guess - xs[0, :, 0]
        dout = np.zeros_like(hs)
        dout[-1] = miss[:, None] * readout / 32
        net.backward(dout)
        readout -= .05 * hs[-1].T @ miss / 32
        for k in net.params:
            net.params[k] -= .05 * net.grads[k]
        if step % 300 == 0:
            print(step, (miss ** 2).mean())
