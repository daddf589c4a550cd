import ast

from crosscheck.repair.building import edited
from crosscheck.repair.text import Text, bracketed

CODE = "größe = 1  # µ\nif größe:\n    weiß = größe * (2 + größe)\n    rest = 3; mehr = 4\n"


def nodes() -> list[ast.stmt]:
    return list(ast.walk(ast.parse(CODE)))  # pyright: ignore[reportReturnType]


def product() -> ast.BinOp:
    return next(n for n in nodes() if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Mult))  # pyright: ignore


def assignment(name: str) -> ast.Assign:
    return next(n for n in nodes() if isinstance(n, ast.Assign) and n.targets[0].id == name)  # pyright: ignore


def test_places_are_counted_in_characters() -> None:
    text = Text(CODE)
    assert text.of(product()) == "größe * (2 + größe)"
    assert text.start(product()) == (3, 11)


def test_a_replacement_goes_where_the_node_stands() -> None:
    edit = Text(CODE).replace(product().right, "(weiß)")
    assert "weiß = größe * (weiß)" in edited(CODE, [edit])  # the parentheses that are there are enough
    edit = Text(CODE).replace(product().right, "(weiß) * (größe)")
    assert "weiß = größe * ((weiß) * (größe))" in edited(CODE, [edit])
    edit = Text(CODE).replace(product(), "(weiß)")
    assert "weiß = (weiß)\n" in edited(CODE, [edit])


def test_an_edit_is_cut_down_to_what_it_changes() -> None:
    text = Text(CODE)
    edit = text.trimmed(text.replace(product(), "größe * (2 - größe)"))
    assert (edit.start, edit.end, edit.text) == ((3, 22), (3, 23), "-")


def test_a_line_is_added_with_the_indentation_of_its_neighbour() -> None:
    text = Text(CODE)
    assert "\n    neu = 5\n    rest" in edited(CODE, [text.line_after(assignment("weiß"), "neu = 5")])
    assert "\n    neu = 5\n    weiß" in edited(CODE, [text.line_before(assignment("weiß"), "neu = 5")])


def test_a_statement_is_dropped_with_its_line_unless_it_shares_it() -> None:
    text = Text(CODE)
    assert "weiß" not in edited(CODE, [text.without(assignment("weiß"))])
    assert "rest = 3; pass" in edited(CODE, [text.without(assignment("mehr"))])


def test_sums_get_brackets_and_names_do_not() -> None:
    assert bracketed(product().right, "2 + größe") == "(2 + größe)"
    assert bracketed(product().left, "größe") == "größe"
