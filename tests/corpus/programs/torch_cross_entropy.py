"""Softmax and cross entropy in one node, so that the probabilities are kept once."""
import torch
import torch.nn.functional as F


class SoftmaxCrossEntropy(torch.autograd.Function):
    @staticmethod
    def forward(logits, target):
        p = torch.softmax(logits, dim=1)
        picked = p[torch.arange(target.shape[0]), target]
        return -picked.log().mean(), p

    @staticmethod
    def setup_context(ctx, inputs, output):
        _, target = inputs
        _, p = output
        ctx.mark_non_differentiable(p)
        ctx.save_for_backward(p, target)

    @staticmethod
    def backward(ctx, g, _):
        p, target = ctx.saved_tensors
        onehot = F.one_hot(target, p.shape[1]).to(p.dtype)
        return g * (p - onehot) / target.shape[0], None


def demo():
    logits = torch.randn(16, 10, requires_grad=True)
    loss, _ = SoftmaxCrossEntropy.apply(logits, torch.randint(0, 10, (16,)))
    loss.backward()
    print(loss.item())


if __name__ == "__main__":
    demo()
