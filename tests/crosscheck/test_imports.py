"""Who may import whom, read from the source and seen in a fresh interpreter."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTY = {
    "beartype",
    "click",
    "hypothesis",
    "jax",
    "jaxtyping",
    "jinja2",
    "matplotlib",
    "numpy",
    "optax",
    "rich",
    "safetensors",
}
PACKAGES = {"manual", "autodiff", "crosscheck"}


@cache
def imports(path):
    """Return (module, whether it happens on import of the file) for every import in a source file."""
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(alias.name, node not in inside) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            found += [(f"{node.module}.{alias.name}", node not in inside) for alias in node.names]
    return found


def sources(package, without=()):
    folder = ROOT / package
    return [path for path in sorted(folder.rglob("*.py")) if path.relative_to(folder).parts[0] not in without]


def imported(paths):
    """Map every foreign top-level name (of our own packages the module) to the files that import it."""
    found = {}
    for path in paths:
        for module, _ in imports(path):
            top = module.split(".")[0]
            if top in PACKAGES or top not in sys.stdlib_module_names:
                found.setdefault(module if top in PACKAGES else top, set()).add(path.relative_to(ROOT))
    return found


def is_within(module, allowed):
    return any(module == one or module.startswith(f"{one}.") for one in allowed)


def forbidden(paths, allowed):
    return {module: files for module, files in imported(paths).items() if not is_within(module, allowed)}


def test_manual_imports_numpy_and_itself():
    assert forbidden(sources("manual"), {"manual", "numpy", "jaxtyping", "safetensors"}) == {}
    assert imported(sources("manual"))["safetensors"] == {Path("manual/checkpoints.py")}


def test_autodiff_imports_jax_and_two_modules_of_manual():
    allowed = {"autodiff", "jax", "jaxtyping", "numpy", "optax", "manual.parameters", "manual.errors"}
    assert forbidden(sources("autodiff"), allowed) == {}


@pytest.mark.thorough
def test_the_judge_knows_no_model():
    judge = sources("crosscheck", without={"builtin", "learn"})
    assert len(judge) > 20
    assert {m: files for m, files in imported(judge).items() if is_within(m, {"manual", "autodiff"})} == {}


def test_the_judge_knows_neither_the_built_in_pairs_nor_the_command_line():
    judge = sources("crosscheck", without={"builtin", "cli", "learn", "__main__.py"})
    doors = {"crosscheck.builtin", "crosscheck.cli"}
    assert {m: files for m, files in imported(judge).items() if is_within(m, doors)} == {}


def test_the_programs_do_not_know_the_command_line():
    found = imported(sources("crosscheck/builtin"))
    assert {m: files for m, files in found.items() if is_within(m, {"crosscheck.cli", "click"})} == {}


def test_commands_import_at_once_nothing_but_click_and_what_is_light():
    for path in sources("crosscheck/cli"):
        for module, at_once in imports(path):
            if at_once and module.split(".")[0] not in sys.stdlib_module_names:
                assert is_within(module, {"click", "crosscheck.cli", "crosscheck.errors", "crosscheck.verdicts"}), path


@pytest.mark.parametrize(
    ("statement", "heavy"),
    [
        ("import crosscheck", THIRD_PARTY),
        ("import crosscheck.cli.entry", THIRD_PARTY - {"click"}),
        ("import crosscheck.builtin.train, crosscheck.builtin.runs", {"jax", "hypothesis", "matplotlib", "optax"}),
        ("import manual.training, manual.checkpoints", {"jax", "hypothesis", "matplotlib", "rich"}),
        ("import autodiff.rnn, autodiff.optimisers", {"crosscheck", "hypothesis", "matplotlib", "rich"}),
    ],
)
def test_a_fresh_interpreter_loads_nothing_heavy(statement, heavy):
    program = f"{statement}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert heavy & set(done.stdout.split()) == set()
