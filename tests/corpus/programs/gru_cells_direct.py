import numpy as np


def sigmoid(a):
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

    def forward(self, xs, h_prev):
        p = self.params
        self.cache = []
        out = []
        for x in xs:
            z = sigmoid(x @ p['Wz'] + h_prev @ p['Uz'] + p['bz'])
            r = sigmoid(x @ p['Wr'] + h_prev @ p['Ur'] + p['br'])
            h_hat = np.tanh(x @ p['Wc'] + (r * h_prev) @ p['Uc'] + p['bc'])
            h_new = z * h_prev + (1 - z) * h_hat
            self.cache.append((x, h_prev, z, r, h_hat))
            out.append(h_new)
            h_prev = h_new
        return np.stack(out)

    def backward(self, dout):
        p = self.params
        g = self.grads = {k: np.zeros_like(v) for k, v in p.items()}
        dxs = np.zeros((len(dout),) + self.cache[0][0].shape)
        dh_next = np.zeros_like(dout[0])
        for t in reversed(range(len(dout))):
            x, h_prev, z, r, h_hat = self.cache[t]
            dh_next = dh_next + dout[t]
            dz = dh_next * (h_prev - h_hat) * z * (1 - z)
            dh_hat = dh_next * (1 - z) * (1 - h_hat ** 2)
            drh = dh_hat @ p['Uc'].T
            dr = drh * h_prev * r * (1 - r)
            g['Wz'] += x.T @ dz
            g['Uz'] += h_prev.T @ dz
            g['bz'] += dz.sum(0)
            g['Wr'] += x.T @ dr
            g['Ur'] += h_prev.T @ dr
            g['br'] += dr.sum(0)
            g['Wc'] += x.T @ dh_hat
            g['Uc'] += (r * h_prev).T @ dh_hat
            g['bc'] += dh_hat.sum(0)
            dxs[t] = dz @ p['Wz'].T + dr @ p['Wr'].T + dh_hat @ p['Wc'].T
            dh_next = dz @ p['Uz'].T + dr @ p['Ur'].T + drh * r
        return dxs, dh_next


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
