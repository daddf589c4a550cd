"""Adam: decaying means of the gradients and of their squares."""

import numpy as np

MEAN_DECAY = 0.9
SQUARE_DECAY = 0.999
EPSILON = 1e-8


def adam_step(parameter, gradient, count, mean, square, rate):
    """Return the new parameter, count, mean and square; the arrays that come in stay as they are.

    parameter, gradient, mean and square have the same shape, (M, N). count is the number of steps taken before this
    one. mean and square are m and v as they were left by the step before; rate is η.
    """
    count = count + 1
    mean = MEAN_DECAY * mean + (1 - MEAN_DECAY) * gradient
    square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * gradient**2
    unbiased_mean = mean / (1 - MEAN_DECAY**count)
    unbiased_square = square / (1 - SQUARE_DECAY**count)
    parameter = parameter - rate * unbiased_mean / (np.sqrt(unbiased_square) + EPSILON)
    return parameter, count, mean, square
