import torch
from torch.autograd import Function


class Affine(Function):
    """y = x W' + b, with only those gradients that somebody asks for"""

    @staticmethod
    def forward(ctx, x, weight, bias):
        ctx.save_for_backward(x, weight)
        return x.mm(weight.t()) + bias

    @staticmethod
    def backward(ctx, dy):
        x, weight = ctx.saved_tensors
        dx = dw = db = None
        if ctx.needs_input_grad[0]:
            dx = dy.mm(weight)
        if ctx.needs_input_grad[1]:
            dw = dy.t().mm(x)
        if ctx.needs_input_grad[2]:
            db = dy.sum(0)
        return dx, dw, db


affine = Affine.apply
out = affine(torch.randn(20, 12), torch.randn(30, 12), torch.zeros(30))
print(out.shape)
