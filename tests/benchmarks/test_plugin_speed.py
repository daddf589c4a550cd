"""What the pytest plugin costs those who do not use it, and how long those wait who do.

    python -m pytest tests/benchmarks/test_plugin_speed.py -s

Each run of pytest is a process of its own; what is compared is the processor time that it took, which other work on the
machine hardly changes.
"""

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
UNRELATED, RUNS = 1_000, 7
COLLECTING, COLD, WARM = 0.020, 30.0, 10.0

GRADIENTS = """
import jax.numpy as jnp
import numpy as np
import crosscheck

random = np.random.default_rng(0)
DERIVATIVES = {
    "tanh": (lambda m, z: m.tanh(z), lambda z: 1 - np.tanh(z) ** 2),
    "sine": (lambda m, z: m.sin(z), np.cos),
    "square": (lambda m, z: z * z, lambda z: 2 * z),
    "softplus": (lambda m, z: m.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
    "gauss": (lambda m, z: m.exp(-z * z), lambda z: -2 * z * np.exp(-z * z)),
    "cube": (lambda m, z: z**3, lambda z: 3 * z * z),
    "arctangent": (lambda m, z: m.arctan(z), lambda z: 1 / (1 + z * z)),
    "reciprocal": (lambda m, z: 1 / (1 + z * z), lambda z: -2 * z / (1 + z * z) ** 2),
    "root": (lambda m, z: m.sqrt(1 + z * z), lambda z: z / np.sqrt(1 + z * z)),
    "hyperbola": (lambda m, z: m.log(m.cosh(z)), np.tanh),
}
EXAMPLE = ({"W": random.normal(size=(3, 5)), "b": random.normal(size=3)}, random.normal(size=(7, 5)))


def pair(f, derivative):
    def by_hand(parameters, x):
        z = x @ parameters["W"].T + parameters["b"]
        dz = derivative(z)
        return f(np, z).sum(), {"W": dz.T @ x, "b": dz.sum(0)}

    def in_jax(parameters, x):
        return jnp.sum(f(jnp, x @ parameters["W"].T + parameters["b"]))

    return by_hand, in_jax


for name, functions in DERIVATIVES.items():
    by_hand, in_jax = pair(*functions)
    crosscheck.register(by_hand, twin=in_jax, cases=EXAMPLE, name=name)
"""


def seconds(folder, *arguments):
    """Run pytest; return the processor time of the process and its children, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environment = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", str(ROOT))}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def test_collecting_unrelated_tests(tmp_path, benchmark):
    for module in range(20):
        tests = "\n".join(f"def test_{n}():\n    pass\n" for n in range(UNRELATED // 20))
        (tmp_path / f"test_module_{module}.py").write_text(tests)

    def race():
        pairs = []
        for _ in range(RUNS):
            without, _ = seconds(tmp_path, "--collect-only", "-p", "no:crosscheck")
            with_it, out = seconds(tmp_path, "--collect-only")
            assert f"{UNRELATED} tests collected" in out
            pairs.append((with_it, without))
        return np.array(pairs)

    pairs = benchmark.pedantic(race, rounds=1)
    cost = float(np.median(pairs[:, 0] - pairs[:, 1]))
    benchmark.extra_info["milliseconds"] = 1e3 * cost
    print(f"\n{UNRELATED} tests: {1e3 * cost:+.1f} ms of {1e3 * float(np.median(pairs[:, 1])):.0f} ms")
    assert cost <= COLLECTING


def test_ten_gradients(tmp_path, benchmark):
    (tmp_path / "test_gradients.py").write_text(GRADIENTS)

    def race():
        cache = f"--crosscheck-cache={tmp_path / 'cache'}"
        cold, out = seconds(tmp_path, cache)
        assert "10 gradients: 10 agree" in out
        return cold, *(seconds(tmp_path, cache)[0] for _ in range(3))

    cold, *warm = benchmark.pedantic(race, rounds=1)
    benchmark.extra_info.update(cold=cold, warm=float(np.median(warm)))
    print(f"\nten gradients: {cold:.1f} s cold, {np.median(warm):.1f} s with what was compiled before")
    assert cold <= COLD
    assert np.median(warm) <= WARM
