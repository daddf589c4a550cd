import torch

EPS = 1e-5


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta):
        mu = x.mean(-1, keepdim=True)
        inv = 1 / torch.sqrt(((x - mu) ** 2).mean(-1, keepdim=True) + 1e-5)
        xhat = (x - mu) * inv
        ctx.save_for_backward(xhat, inv, gamma)
        return gamma * xhat + beta

    @staticmethod
    def backward(ctx, g):
        xhat, inv, gamma = ctx.saved_tensors
        rows = tuple(range(g.dim() - 1))
        d = g * gamma
        dx = inv * (d - d.mean(-1, keepdim=True) - xhat * d.mean(-1, keepdim=True))
        return dx, (g * xhat).sum(rows), g.sum(rows)


def test_shapes():
    y = Norm.apply(torch.randn(6, 16), torch.ones(16), torch.zeros(16))
    assert y.shape == (6, 16)
