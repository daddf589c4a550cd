"""Proves the labels of the corpus by central differences: `python -m tests.corpus.labels [NAME...]`.

Nothing here comes from `crosscheck`. A proof in the manifest is a few statements by someone who has read the program:

- `setup` makes random parameters and data, and gives values to the names that the program would get from its files;
- `loss` leaves a number in `loss`, `run` leaves the gradients where `pairs` finds them (`"parameter -> gradient"`; for
  an update `"parameter -> value == expected"`, where `expected` is written with `g`, the true gradient);
- `body` names the first and last line of statements outside any function; they run where a part says `BODY()`;
- `extra` holds assertions for what is not a gradient: they fail on a wrong program and hold on the mended one.

Only imports of the standard library and NumPy, functions and classes of the program are executed, never its training.
"""

import ast
import contextlib
import importlib.util
import io
import json
import re
import sys
import textwrap
import tomllib
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent
STEP = 1e-5
SAME = 1e-6  # the right programs stay below 1e-8, the smallest slip, 0.001 added to a derivative, is above 1e-3
DIFFERENT = 1e-4
IMPORTED = {
    "__future__",
    "collections",
    "copy",
    "dataclasses",
    "functools",
    "jax",
    "math",
    "numpy",
    "random",
    "torch",
    "typing",
}

SHAPES: dict[str, dict[str, Any]] = {}  # setups shared by programs of one shape; `shape` in a proof names one
SHAPES["gist"] = {
    "setup": """
        vocab_size, hidden_size, seq_length = V, H, T
        Wxh, Whh, Why, bh, by = randn(H, V), randn(H, H), randn(V, H), randn(H, 1), randn(V, 1)
        inputs, targets, hprev = symbols(T), symbols(T), randn(H, 1)
    """,
    "loss": "loss = lossFun(inputs, targets, hprev)[0]",
    "run": "_, dWxh, dWhh, dWhy, dbh, dby, _ = lossFun(inputs, targets, hprev)",
    "pairs": ["Wxh -> dWxh", "Whh -> dWhh", "Why -> dWhy", "bh -> dbh", "by -> dby"],
}


@dataclass(frozen=True)
class Proof:
    """What central differences say about one version of a program."""

    worst: dict[str, float]
    """Per parameter the largest difference, relative to the parameter's largest entry."""
    failure: str | None
    """Why it could not be run, or the assertion of `extra` that failed."""

    @property
    def right(self) -> bool:
        return self.failure is None and all(error < SAME for error in self.worst.values())

    @property
    def wrong(self) -> bool:
        return self.failure is not None or any(not error < DIFFERENT for error in self.worst.values())


def programs() -> list[dict[str, Any]]:
    """Return the manifest's entries."""
    return tomllib.loads((HERE / "manifest.toml").read_text(encoding="utf-8"))["program"]


def lacks_torch(program: dict[str, Any]) -> bool:
    """Tell whether a program cannot be run here because torch, an optional library, is missing."""
    return program.get("shape") == "torch.autograd.Function" and importlib.util.find_spec("torch") is None


def source(program: dict[str, Any], *, mended: bool, only: str | None = None) -> str:
    """Return a program as Python 3, its edits applied if it is to be mended (`only` those of one kind)."""
    edits = [edit for edit in program.get("edits", []) if only is None or edit["kind"] == only] if mended else []
    return python3(contents(program), program["file"], edits)


def contents(program: dict[str, Any]) -> bytes:
    """Return the file of a program."""
    return (HERE / "programs" / program["file"]).read_bytes()


def python3(data: bytes, name: str, edits: Sequence[dict[str, Any]] = ()) -> str:
    """Return a script or a notebook as Python 3, with edits of the manifest applied."""
    text = data.decode("latin-1" if b"coding: latin-1" in data else "utf-8-sig")
    notebook = name.endswith(".ipynb")
    cells = [text.splitlines()]
    if notebook:
        cells = [
            "".join(cell["source"]).split("\n") if cell["cell_type"] == "code" else []
            for cell in json.loads(text)["cells"]
        ]
    for edit in sorted(edits, key=lambda edit: -edit["line"]):
        lines = cells[edit.get("cell", 0)]
        at = edit["line"] - 1
        if lines[at].strip() != edit["wrong"]:
            raise ValueError(f"{name}, line {edit['line']}: the manifest has {edit['wrong']!r}, the file {lines[at]!r}")
        kept = [lines[at]] if edit["op"] == "insert" else []
        lines[at : at + 1] = kept + (edit["right"].split("\n") if edit["op"] != "delete" else [])
    joined = "\n".join(line for lines in cells for line in lines if not (notebook and line.startswith(("%", "!"))))
    return _python3(joined)


def _python3(code: str) -> str:
    """Take out what only Python 2 reads: print statements, xrange, except with a comma."""
    code = re.sub(r"\bxrange\b", "range", code)
    code = re.sub(r"(?m)(^\s*|: )print(?! *\()[ >].*", r"\1pass", code)
    code = re.sub(r"(len\(\w+\)) / 2\b", r"\1 // 2", code)
    code = re.sub(r"(?m)(^\s*|: )print$", r"\1pass", code)
    code = re.sub(r"\braw_input\b", "input", code)
    return re.sub(r"except (\w+), (\w+):", r"except \1 as \2:", code).expandtabs(8)


def namespace(code: str, body: list[str] | None, seed: int = 0) -> dict[str, Any]:
    """Execute what a program defines, and nothing that it does; `BODY` runs the statements between two of its lines."""
    names: dict[str, Any] = {"np": np, "numpy": np, "__name__": "program"}
    for statement in ast.parse(code).body:
        if _imported(statement) or _defines(statement):
            exec(compile(ast.Module([statement], []), "<program>", "exec"), names)
    rng = np.random.default_rng(seed)
    names |= {"rng": rng, "V": 5, "H": 4, "D": 3, "B": 2, "T": 6}
    names["randn"] = lambda *shape: rng.normal(size=shape) * 0.6
    names["symbols"] = lambda *shape: rng.integers(0, 5, shape).tolist()
    if body:
        lines = code.split("\n")
        first = next(at for at, line in enumerate(lines) if body[0] in line)
        last = next(at for at, line in enumerate(lines) if at >= first and body[1] in line)
        compiled = compile(textwrap.dedent("\n".join(lines[first : last + 1])), "<body>", "exec")
        names["BODY"] = lambda: exec(compiled, names)
    return names


def _defines(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return ".defvjp(" in ast.unparse(statement)
    return isinstance(statement, ast.FunctionDef | ast.ClassDef)


def _imported(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (statement.module or "").split(".")[0] in IMPORTED
    return isinstance(statement, ast.Import) and all(alias.name.split(".")[0] in IMPORTED for alias in statement.names)


def prove(program: dict[str, Any], code: str) -> Proof:
    """Compare each gradient of a program with central differences of its loss."""
    recipe = {**SHAPES.get(program["proof"].get("shape", ""), {}), **program["proof"]}
    run = {
        part: compile(textwrap.dedent(recipe.get(part, "")).strip(), f"<{part}>", "exec")
        for part in ("setup", "loss", "run", "extra")
    }
    try:
        names = namespace(code, recipe.get("body"))
        exec(run["setup"], names)
        if recipe.get("more"):
            exec(textwrap.dedent(recipe["more"]).strip(), names)
        worst = dict(_errors(recipe["pairs"], run, names))
        exec(run["extra"], names)
    except AssertionError as assertion:
        return Proof({}, f"assertion: {assertion}")
    except Exception as exception:  # noqa: BLE001 (whatever stops a program is what there is to report)
        return Proof({}, f"{type(exception).__name__}: {exception}")
    return Proof(worst, None)


def _errors(pairs: list[str], run: dict[str, Any], names: dict[str, Any]) -> Iterator[tuple[str, float]]:
    parts = [re.match(r"(.+?) -> (.+?)(?: == (.+))?$", pair) for pair in pairs]
    if not all(parts):
        raise ValueError(f"not pairs: {pairs}")
    parameters = [eval(part[1], names) for part in parts if part]
    exact = [_differences(parameter, run["loss"], names) for parameter in parameters]
    before = [parameter.copy() for parameter in parameters]
    names["before"] = {part[1]: value for part, value in zip(parts, before, strict=True) if part}
    exec(run["run"], names)
    found = [np.array(eval(part[2], names), dtype=float) for part in parts if part]
    for part, parameter, value, gradient, old in zip(parts, parameters, found, exact, before, strict=True):
        assert part is not None
        expected = eval(part[3], {**names, "g": gradient}) if part[3] else gradient
        parameter[...] = old
        if value.shape != expected.shape:
            yield part[0], np.inf
            continue
        scale = np.abs(expected).max()
        yield part[0], float(np.abs(value - expected).max() / (scale if scale > 0 else 1.0))


def _differences(parameter: np.ndarray, loss: Any, names: dict[str, Any]) -> np.ndarray:
    gradient = np.zeros(parameter.shape)
    for index in np.ndindex(parameter.shape):
        old = parameter[index]
        values = []
        for step in (STEP, -STEP):
            parameter[index] = old + step
            exec(loss, names)
            values.append(float(np.squeeze(names["loss"])))
        parameter[index] = old
        gradient[index] = (values[0] - values[1]) / (2 * STEP)
    return gradient


def judge(program: dict[str, Any]) -> tuple[bool, str]:
    """Say whether a program's label holds, and what was seen."""
    with warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        given = prove(program, source(program, mended=False))
        if not program.get("edits"):
            return given.right and program["verdict"] == "agree", _seen(given)
        mended = prove(program, source(program, mended=True))
        holds = given.wrong and mended.right
        if program["verdict"] == "error":
            named = prove(program, source(program, mended=True, only="name"))
            holds &= (given.failure or "").startswith(("NameError", "UnboundLocalError", "AttributeError"))
            holds &= named.right if program["repaired"] == "agree" else named.wrong and named.failure is None
        return holds, f"{_seen(given)}; mended {_seen(mended)}"


def _seen(proof: Proof) -> str:
    if proof.failure:
        return proof.failure
    bad = [pair.split(" ->")[0] for pair, error in proof.worst.items() if not error < DIFFERENT]
    return f"{max(proof.worst.values()):.0e}" + (f" in {', '.join(bad)}" if bad else "")


def main(chosen: list[str]) -> int:
    """Print one line per program; 1 if a label does not hold."""
    failed = 0
    for program in programs():
        if chosen and not any(name in program["file"] for name in chosen):
            continue
        if lacks_torch(program):
            print(f"ok  {program['file']:<34} skipped: torch is not installed")
            continue
        holds, seen = judge(program)
        failed += not holds
        kinds = ",".join(map(str, program.get("kinds", program.get("warnings", []))))
        print(f"{'ok ' if holds else 'BAD'} {program['file']:<34} {program['verdict']:<9} {kinds:<8} {seen}")
    print(f"{failed} labels do not hold" if failed else "all labels hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
