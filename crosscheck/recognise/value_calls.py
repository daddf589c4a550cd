"""A function that calls another one and its gradient, with what both are handed: a world is given it."""

import ast

from crosscheck.recognise.instrument import instrumented
from crosscheck.recognise.value_pairs import Before, ValuePair
from crosscheck.recognise.world import World
from crosscheck.source.walking import walk


def both(pair: ValuePair) -> ast.FunctionDef:
    """Return the definition of a function that calls the two and returns what they return."""
    owner = pair.value.rpartition(".")[0]
    names = (["self"] if owner else []) + list(pair.arguments)
    calls = []
    for function, given in zip((pair.value, pair.gradient), pair.given, strict=True):
        word = function.rpartition(".")[2]
        called = ast.Attribute(ast.Name("self", ast.Load()), word, ast.Load()) if owner else ast.Name(word, ast.Load())
        handed = [
            ast.keyword(name, ast.parse(what, mode="eval").body if isinstance(what, str) else ast.Constant(what))
            for name, what in given.items()
        ]
        calls.append(ast.Call(called, [], handed))
    arguments = ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])
    body: list[ast.stmt] = [*map(_assigned, pair.before), ast.Return(ast.Tuple(calls, ast.Load()))]
    node = ast.FunctionDef(pair.name.rpartition(".")[2], arguments, body, [], None, None)
    return ast.fix_missing_locations(ast.copy_location(node, ast.Pass(lineno=1, col_offset=0)))


def _assigned(one: Before) -> ast.stmt:
    names: list[ast.expr] = [ast.Name(name, ast.Store()) for name in one.names]
    target = ast.Tuple(names, ast.Store()) if one.is_tuple else names[0]
    handed = [ast.keyword(name, ast.Name(what, ast.Load())) for name, what in one.given.items()]
    owner, _, word = one.function.rpartition(".")
    called = ast.Attribute(ast.Name("self", ast.Load()), word, ast.Load()) if owner else ast.Name(word, ast.Load())
    return ast.Assign([target], ast.Call(called, [], handed))


def define(world: World, pair: ValuePair) -> ast.FunctionDef:
    """Let a world have the function that calls both, and return its definition."""
    owner, _, word = pair.name.rpartition(".")
    node = both(pair)
    body: list[ast.stmt] = [both(pair)]
    inside: list[ast.stmt] = [ast.ClassDef(owner, [], [], body, [])] if owner else body
    made = instrumented(ast.fix_missing_locations(ast.Module(inside, [])))
    functions = [part for part in walk(made) if isinstance(part, ast.FunctionDef)]
    names: dict[str, object] = {}
    exec(compile(ast.Module([*functions], []), "<both>", "exec"), world.names, names)  # noqa: S102 - it is ours
    function = names[word]
    if owner:
        setattr(world.names[owner], word, function)
    else:
        world.names[word] = function
    return node
