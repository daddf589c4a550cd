import numpy as np


class BatchNormalization(object):
    def __init__(self, dim, momentum=0.9, eps=1e-5):
        self.gamma = np.ones(dim)
        self.beta = np.zeros(dim)
        self.momentum, self.eps = momentum, eps
        self.running_mean = np.zeros(dim)
        self.running_var = np.ones(dim)

    def forward(self, x, train=False):
        if not train:
            return self.gamma * (x - self.running_mean) / np.sqrt(self.running_var + self.eps) + self.beta
        N = x.shape[0]
        # step 1: mean
        mu = 1. / N * np.sum(x, axis=0)
        # step 2: centre
        xc = x - mu
        # step 3: variance
        var = 1. / N * np.sum(xc ** 2, axis=0)
        sqrtvar = np.sqrt(var + self.eps)
        ivar = 1. / sqrtvar
        xhat = xc * ivar
        self.cache = (xhat, xc, ivar, sqrtvar)
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * var
        return self.gamma * xhat + self.beta

    def backward(self, dy):
        xhat, xc, ivar, sqrtvar = self.cache
        N, D = dy.shape
        self.dbeta = np.sum(dy, axis=0)
        self.dgamma = np.sum(dy * xhat, axis=0)
        dxhat = dy * self.gamma
        # two ways into xhat: the centred x and the deviation
        divar = np.sum(dxhat * xc, axis=0)
        dxc1 = dxhat * ivar
        dsqrtvar = -1. / (sqrtvar ** 2) * divar
        dvar = 0.5 * 1. / sqrtvar * dsqrtvar
        dsq = 1. / N * np.ones((N, D)) * dvar
        dxc2 = xc * dsq
        dx1 = dxc1 + dxc2
        dmu = -1 * np.sum(dxc1 + dxc2, axis=0)
        dx2 = 1. / N * np.ones((N, D)) * dmu
        return dx1 + dx2


if __name__ == '__main__':
    bn = BatchNormalization(4)
    for _ in range(100):
        x = np.random.randn(32, 4) * 3 + 1
        bn.forward(x, train=True)
        bn.backward(np.random.randn(32, 4))
    print(bn.running_mean, bn.running_var)
