"""The root mean square norm, with a rule of one's own."""

import torch


class RMSNorm(torch.autograd.Function):
    """Divides each row by its root mean square, and stretches the columns."""

    @staticmethod
    def forward(ctx, x, gain, epsilon):
        """Return y (B, D), given x (B, D), gain (D,) and a small number; keep what the way back needs."""
        raise NotImplementedError("TODO: return y, and keep what backward needs")

    @staticmethod
    def backward(ctx, dy):
        """Return dx (B, D), dgain (D,) and None for epsilon, given dy (B, D)."""
        raise NotImplementedError("TODO: return dx, dgain, None")
