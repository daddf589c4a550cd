"""The root mean square norm, with a rule of one's own."""

import torch


class RMSNorm(torch.autograd.Function):
    """Divides each row by its root mean square, and stretches the columns."""

    @staticmethod
    def forward(ctx, x, gain, epsilon):
        """Return y (B, D), given x (B, D), gain (D,) and a small number; keep what the way back needs."""
        inverse = torch.rsqrt((x * x).mean(dim=1, keepdim=True) + epsilon)
        ctx.save_for_backward(x, gain, inverse)
        return x * inverse * gain

    @staticmethod
    def backward(ctx, dy):
        """Return dx (B, D), dgain (D,) and None for epsilon, given dy (B, D)."""
        x, gain, inverse = ctx.saved_tensors
        n = x * inverse
        dn = dy * gain
        dgain = (dy * n).sum(dim=0)
        dx = inverse * (dn - n * (dn * n).mean(dim=1, keepdim=True))
        return dx, dgain, None
