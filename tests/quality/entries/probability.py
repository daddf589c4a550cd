"""Likelihoods and divergences: exponentials, logarithms, normalisation, factorisation."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from tests.quality.entries.entry import Entry

RANDOM = np.random.default_rng(103)


def cross_entropy(p: Any, x: Any, labels: Any) -> Any:
    logits = x @ p["W"].T + p["b"]
    return -jnp.sum(jax.nn.log_softmax(logits)[jnp.arange(len(labels)), labels])


def cross_entropy_by_hand(p: Any, x: Any, labels: Any) -> Any:
    logits = x @ p["W"].T + p["b"]
    shifted = logits - logits.max(axis=1, keepdims=True)
    e = np.exp(shifted)
    total = e.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = (np.log(total[:, 0]) - shifted[rows, labels]).sum()
    d = e / total
    d[rows, labels] -= 1
    return loss, {"W": d.T @ x, "b": d.sum(axis=0)}


def log_sum_exp(x: Any) -> Any:
    return jax.nn.logsumexp(x, axis=1).sum()


def log_sum_exp_by_hand(x: Any) -> Any:
    highest = x.max(axis=1, keepdims=True)
    e = np.exp(x - highest)
    total = e.sum(axis=1, keepdims=True)
    return (highest + np.log(total)).sum(), e / total


def logistic_regression(p: Any, x: Any, y: Any) -> Any:
    z = x @ p["w"] + p["b"]
    return jnp.sum(jax.nn.softplus(z) - y * z)


def logistic_regression_by_hand(p: Any, x: Any, y: Any) -> Any:
    z = x @ p["w"] + p["b"]
    e = np.exp(-np.abs(z))
    loss = (np.maximum(z, 0) + np.log1p(e) - y * z).sum()
    # σ(z) − 1 = −σ(−z), without the cancellation where z is large
    of_minus = np.where(z >= 0, e, 1) / (1 + e)
    of_plus = np.where(z >= 0, 1, e) / (1 + e)
    d = np.where(y == 1, -of_minus, of_plus)
    return loss, {"w": x.T @ d, "b": d.sum()}


def gaussian_divergence(p: Any, q: Any) -> Any:
    """Sum KL(N(mean, e^(2 s)) ‖ N(mean_q, e^(2 s_q))) over independent components."""
    spread = jnp.exp(2 * (p["s"] - q["s"]))
    return jnp.sum(q["s"] - p["s"] + 0.5 * (spread + ((p["mean"] - q["mean"]) * jnp.exp(-q["s"])) ** 2 - 1))


def gaussian_divergence_by_hand(p: Any, q: Any) -> Any:
    spread = np.exp(2 * (p["s"] - q["s"]))
    scaled = (p["mean"] - q["mean"]) * np.exp(-q["s"])
    loss = (q["s"] - p["s"] + (spread + scaled**2 - 1) / 2).sum()
    return loss, {"mean": scaled * np.exp(-q["s"]), "s": spread - 1}


def gaussian_likelihood(p: Any, x: Any) -> Any:
    """Return the negative log-likelihood of rows of x under N(mean, A Aᵀ + I), without its constant."""
    covariance = p["A"] @ p["A"].T + jnp.eye(p["mean"].size)
    factor = jnp.linalg.cholesky(covariance)
    white = jax.scipy.linalg.solve_triangular(factor, (x - p["mean"]).T, lower=True)
    return 0.5 * jnp.sum(white**2) + len(x) * jnp.sum(jnp.log(jnp.diag(factor)))


def gaussian_likelihood_by_hand(p: Any, x: Any) -> Any:
    A, centred = p["A"], x - p["mean"]
    covariance = A @ A.T + np.eye(len(A), dtype=A.dtype)
    inverse = np.linalg.inv(covariance)
    solved = centred @ inverse
    loss = 0.5 * (solved * centred).sum() + 0.5 * len(x) * np.linalg.slogdet(covariance)[1]
    # dΣ = ½ (n Σ⁻¹ − Σ⁻¹ S Σ⁻¹), and Σ depends on A twice
    dcovariance = 0.5 * (len(x) * inverse - solved.T @ solved)
    return loss, {"A": (dcovariance + dcovariance.T) @ A, "mean": -solved.sum(axis=0)}


def log_determinant(A: Any) -> Any:
    return jnp.linalg.slogdet(A @ A.T + 2 * jnp.eye(len(A)))[1]


def log_determinant_by_hand(A: Any) -> Any:
    M = A @ A.T + 2 * np.eye(len(A), dtype=A.dtype)
    return np.linalg.slogdet(M)[1], 2 * np.linalg.solve(M, A)


def poisson(p: Any, x: Any, counts: Any) -> Any:
    z = x @ p["w"]
    return jnp.sum(jnp.exp(z) - counts * z)


def poisson_by_hand(p: Any, x: Any, counts: Any) -> Any:
    z = x @ p["w"]
    rate = np.exp(z)
    return (rate - counts * z).sum(), {"w": x.T @ (rate - counts)}


def mixture(p: Any, x: Any) -> Any:
    """Return the negative log-likelihood of a mixture of unit Gaussians in one dimension."""
    logits = jax.nn.log_softmax(p["weights"]) - 0.5 * (x[:, None] - p["means"]) ** 2
    return -jnp.sum(jax.nn.logsumexp(logits, axis=1))


def mixture_by_hand(p: Any, x: Any) -> Any:
    shifted = p["weights"] - p["weights"].max()
    weights = np.exp(shifted) / np.exp(shifted).sum()
    difference = x[:, None] - p["means"]
    logits = shifted - np.log(np.exp(shifted).sum()) - 0.5 * difference**2
    highest = logits.max(axis=1, keepdims=True)
    e = np.exp(logits - highest)
    total = e.sum(axis=1, keepdims=True)
    share = e / total
    loss = -(highest + np.log(total)).sum()
    return loss, {"means": -(share * difference).sum(axis=0), "weights": (weights - share).sum(axis=0)}


def normal(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape)


ENTRIES = (
    Entry(
        "softmax cross-entropy",
        cross_entropy,
        cross_entropy_by_hand,
        ({"W": normal(3, 5), "b": normal(3)}, normal(7, 5), np.array([0, 2, 1, 1, 0, 2, 2])),
    ),
    Entry("log-sum-exp", log_sum_exp, log_sum_exp_by_hand, (normal(5, 7),)),
    Entry(
        "logistic regression",
        logistic_regression,
        logistic_regression_by_hand,
        ({"w": normal(5), "b": normal()}, normal(11, 5), (RANDOM.random(11) < 0.5).astype(float)),
    ),
    Entry(
        "divergence of Gaussians",
        gaussian_divergence,
        gaussian_divergence_by_hand,
        ({"mean": normal(7), "s": normal(7)}, {"mean": normal(7), "s": normal(7)}),
    ),
    Entry(
        "Gaussian likelihood, Cholesky",
        gaussian_likelihood,
        gaussian_likelihood_by_hand,
        ({"A": normal(3, 3), "mean": normal(3)}, normal(7, 3)),
    ),
    Entry("log-determinant", log_determinant, log_determinant_by_hand, (normal(5, 3),)),
    Entry("Poisson regression", poisson, poisson_by_hand, ({"w": normal(3)}, normal(7, 3), RANDOM.poisson(2.0, 7))),
    Entry("mixture of Gaussians", mixture, mixture_by_hand, ({"means": normal(3), "weights": normal(3)}, normal(11))),
)
