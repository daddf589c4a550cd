"""Autoencoder on one long vector, for optimisers that know no others. Columns of `samples` are examples."""

import numpy as np


def unpack(theta, n_in, n_code):
    cut = n_in * n_code
    encoder = theta[:cut].reshape(n_code, n_in)
    decoder = theta[cut : 2 * cut].reshape(n_in, n_code)
    return encoder, decoder, theta[2 * cut : 2 * cut + n_code], theta[2 * cut + n_code :]


def objective(theta, n_in, n_code, samples, decay):
    encoder, decoder, inner, outer = unpack(theta, n_in, n_code)
    many = samples.shape[1]
    codes = np.tanh(encoder.dot(samples) + inner[:, None])
    miss = decoder.dot(codes) + outer[:, None] - samples
    cost = 0.5 * np.sum(miss**2) / many + 0.5 * decay * (np.sum(encoder**2) + np.sum(decoder**2))

    miss = miss / many
    back = decoder.T.dot(miss) * (1 - codes)
    grad_encoder = back.dot(samples.T) + decay * encoder
    grad_decoder = miss.dot(codes.T) + decay * decoder
    grad_inner = back.sum(axis=1)
    grad_outer = miss.sum(axis=1)
    grad = np.concatenate([grad_encoder.ravel(), grad_decoder.ravel(), grad_inner, grad_outer])
    return cost, grad
