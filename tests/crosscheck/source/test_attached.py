"""Methods that are written outside of their class are put into it, and nothing else is moved."""

import ast

import pytest

from crosscheck.source.attached import with_methods

NET = "class Net:\n    def step(self):\n        return 0\n"
FORWARD = "def forward(self, x=1):\n    return x\n"


def methods(code: str) -> dict[str, list[int]]:
    """Return the methods of all classes, with the lines that they begin on."""
    tree = with_methods(ast.parse(code))
    owners = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {owner.name: [f.lineno for f in owner.body if isinstance(f, ast.FunctionDef)] for owner in owners}


def functions(code: str) -> list[str]:
    return [node.name for node in with_methods(ast.parse(code)).body if isinstance(node, ast.FunctionDef)]


@pytest.mark.parametrize(
    "attached",
    [
        FORWARD + "Net.forward = forward\n",
        FORWARD + "setattr(Net, 'forward', forward)\n",
        "@add_to_class(Net)\n" + FORWARD,
        "@patch\n" + FORWARD.replace("self", "self: Net"),
        "class Net(Net):\n" + "".join(f"    {line}\n" for line in FORWARD.splitlines()),
    ],
)
def test_attached_functions_are_methods_on_their_own_lines(attached: str) -> None:
    code = NET + attached
    line = 1 + next(n for n, text in enumerate(code.split("\n")) if "def forward" in text)
    assert methods(code) == {"Net": [2, line]}
    assert functions(code) == []


def test_the_last_one_of_a_name_is_the_method() -> None:
    code = NET + "def one(self):\n    return 1\nNet.step = one\n"
    assert methods(code) == {"Net": [4]}


def test_a_function_that_is_called_by_its_own_name_stays_as_well() -> None:
    code = NET + FORWARD + "Net.forward = forward\nforward(None, 3)\n"
    assert methods(code) == {"Net": [2, 4]}
    assert functions(code) == ["forward"]


@pytest.mark.parametrize(
    "attached",
    [
        "def forward(self, x=later):\n    return x\nNet.forward = forward\n",  # a default that is not yet there
        "@cached\n" + FORWARD + "Net.forward = forward\n",
        FORWARD + "Other.forward = forward\n",
        FORWARD.replace("self", "net") + "Net.forward = forward\n",
        FORWARD + "Net.rate = 3\n",
        "class Net(Net):\n    def forward(self):\n        return super().step()\n",
        "@register_hook(3)\n" + FORWARD,
    ],
)
def test_all_else_stays_where_it_is(attached: str) -> None:
    code = NET + attached
    assert ast.unparse(with_methods(ast.parse(code))) == ast.unparse(ast.parse(code))
