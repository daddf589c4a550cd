"""Two-layer autoencoder on a flat vector, as optimisers of SciPy want it. Columns of `patches` are examples."""

import numpy as np


def unpack(vector, wide, narrow):
    cut = wide * narrow
    encoder = vector[:cut].reshape(narrow, wide)
    decoder = vector[cut : 2 * cut].reshape(wide, narrow)
    return encoder, decoder, vector[2 * cut : 2 * cut + narrow], vector[2 * cut + narrow :]


def cost_and_gradient(vector, wide, narrow, patches, ridge):
    encoder, decoder, inner, outer = unpack(vector, wide, narrow)
    many = patches.shape[1]
    codes = np.tanh(encoder.dot(patches) + inner[:, None])
    off = decoder.dot(codes) + outer[:, None] - patches
    cost = 0.5 * np.sum(off**2) / many + 0.5 * ridge * (np.sum(encoder**2) + np.sum(decoder**2))

    off = off / many
    back = decoder.T.dot(off) * (1 - codes**2)
    grad_encoder = back.dot(patches.T) + ridge * encoder
    grad_decoder = off.dot(codes.T) + ridge * decoder
    grad_inner = back.sum(axis=1)
    grad_outer = off.sum(axis=1)
    gradient = np.concatenate([grad_encoder.ravel(), grad_decoder.ravel(), grad_inner, grad_outer])
    return cost, gradient
