"""Files with rules, from the outside."""

import importlib.util

import pytest

from crosscheck.errors import CrosscheckError
from crosscheck.files.check import check_file
from tests.crosscheck.custom_rules.documents import JAX, TORCH, examined

MISSPELT = (
    JAX
    + """
@jax.custom_vjp
def cube(x):
    return x ** 3

cube.defvjp(lambda x: (x ** 3, x), lambda saved, g: (3 * savd ** 2 * g,))

def cube_bwd(x, g):
    return (3 * inuput ** 2 * g,)
"""
)


def test_a_missing_library_is_one_clear_sentence(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "torch" else found(name))
    code = TORCH + "class A(torch.autograd.Function):\n    pass\n"
    with pytest.raises(CrosscheckError, match=r"^line 2: A needs torch, .*--python\.$") as raised:
        examined(tmp_path, code)
    assert raised.value.code == "no-library"


@pytest.mark.thorough
def test_a_file_is_judged_in_its_own_process_and_a_misspelt_rule_is_an_error(tmp_path):
    path = tmp_path / "cube.py"
    path.write_text(MISSPELT.replace("inuput", "x"))
    report = check_file(path, examples=20, budget=3).as_dict()
    assert report["verdict"] == "error", report
    assert report["error"]["code"] == "undefined-name"
    assert report["subjects"][0]["function"] == "cube"
    assert report["repair"]["verdict"] == "agree"
