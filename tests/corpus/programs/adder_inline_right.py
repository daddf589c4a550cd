from __future__ import print_function, division
import numpy as np
np.random.seed(12)

def sigm(z):
    return 1 / (1 + np.exp(-z))

nbits, nhid, lr = 8, 12, .3
W_in = np.random.randn(nhid, 2)
W_rec = np.random.randn(nhid, nhid)
W_out = np.random.randn(1, nhid)

epoch = 0
while epoch < 10000:
    u, v = np.random.randint(0, 2 ** (nbits - 1), 2)
    # column k: bit k, low bits first
    x_bits = np.array([[u >> k & 1, v >> k & 1] for k in range(nbits)])
    t_bits = np.array([(u + v) >> k & 1 for k in range(nbits)])

    # forward through the bits
    H_ = [np.zeros((nhid, 1))]
    Y_ = []
    for k in range(nbits):
        H_.append(sigm(W_in.dot(x_bits[k][:, None]) + W_rec.dot(H_[-1])))
        Y_.append(sigm(W_out.dot(H_[-1])))

    # and back again (ascent on minus the error, hence +=)
    dW_in, dW_rec, dW_out = 0 * W_in, 0 * W_rec, 0 * W_out
    back = np.zeros((nhid, 1))
    for k in range(nbits)[::-1]:
        e = (t_bits[k] - Y_[k]) * Y_[k] * (1 - Y_[k])
        dW_out += e.dot(H_[k + 1].T)
        d = (W_out.T.dot(e) + W_rec.T.dot(back)) * H_[k + 1] * (1 - H_[k + 1])
        dW_rec += d.dot(H_[k].T)
        dW_in += d.dot(x_bits[k][None, :])
        back = d
    W_in += lr * dW_in
    W_rec += lr * dW_rec
    W_out += lr * dW_out

    if epoch % 1000 == 0:
        got = sum(int(Y_[k][0, 0] > .5) << k for k in range(nbits))
        print(epoch, u, '+', v, '=', got, 'ok' if got == u + v else 'wrong')
    epoch += 1
