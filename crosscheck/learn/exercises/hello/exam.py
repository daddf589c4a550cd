"""The derivative of a square."""

from crosscheck.learn.exam import Case, Draw, Exam, Wrong, gradients


def case(draw: Draw) -> Case:
    """Draw a single number."""
    x = draw.normal()
    return Case((float(x),), lambda: gradients(lambda x: x * x, x))


EXAM = Exam(
    function="derivative",
    returns=("derivative",),
    case=case,
    wrong=(
        Wrong(
            "three",
            "It still returns three times x: which digit does the comment in the file ask for?",
            ("2 * x", "3 * x"),
        ),
        Wrong("square", "It returns x² itself, not how fast x² moves.", ("2 * x", "x * x")),
        Wrong("added", "It returns 2 + x: what is asked for is a product.", ("2 * x", "2 + x")),
        Wrong("constant", "It returns 2 whatever x is: the derivative of x² depends on x.", ("2 * x", "2")),
    ),
    also_right=((("2 * x", "x + x"),),),
)
