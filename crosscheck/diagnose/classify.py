"""What a repair amounts to: the kind of its edit, corrected by what the line was and what it became."""

import re
from itertools import takewhile

_ELEMENTWISE = re.compile(r"(?<!\*)\*(?!\*)")
_NUMBER = re.compile(r"\s*[-+*/]\s*[\d.]+(e-?\d+)?\s*")
_DIFFERENCE = re.compile(r"= \(?[A-Za-z_][\w.]*(\[.*?\])? - [A-Za-z_][\w.]*(\[.*?\])?\)?$")
_PRODUCT = re.compile(r"\bdot\(|\bmatmul\(|@")


def refined(code: str, before: str, after: str) -> str:
    """Return a code that says more than the kind of edit does, where the line tells it.

    >>> refined("wrong-carry", "dh = np.clip(W.T @ dz, -1, 1)", "dh = np.dot(W.T, dz)")
    'clip-inside-loop'
    >>> refined("wrong-variable", "dh = e @ B * (1 - h * h)", "dh = e @ W2.T * (1 - h * h)")
    'feedback-alignment'
    """
    if "clip" in before and "clip" not in after:
        return "clip-inside-loop"
    if before.startswith("return") and code in ("wrong-variable", "raw-and-activated-confused"):
        return "wrong-gradient-returned"
    if code in ("extra-line", "line-in-loop") and re.search(r"[*/]= ", before):
        return "constant-factor"
    if code in ("wrong-target", "wrong-variable") and re.search(r"next|prev|later", f"{before} {after}"):
        return "carry-not-renewed" if before.partition("=")[2] == after.partition("=")[2] else code
    if code in ("wrong-carry", "extra-factor", "wrong-variable"):
        if _same_but_transposed(before, after):
            return "carry-not-transposed" if code == "wrong-carry" else "transpose"
        if _PRODUCT.search(after) and not _PRODUCT.search(before) and _ELEMENTWISE.search(before):
            return "product-element-by-element"
    if _goes_another_way(before, after):
        return "feedback-alignment"
    if code == "extra-term" and _was_added_to_itself(before, after):
        return "carry-accumulated"
    if code in ("extra-call", "extra-factor") and before.count("tanh") > after.count("tanh"):
        return "derivative-of-activated-value"
    if "sum(" in after and "sum(" not in before and re.search(r"(\w+)(\[.*?\])? \* \(1 - \1", before):
        return "softmax-jacobian-diagonal"
    if (
        code in ("extra-factor", "missing-factor", "extra-term")
        and _is_slope(before)
        and not _same_slope(before, after)
        and not _is_plainly_too_much(before, after)
    ):
        return "wrong-activation-derivative"
    return code


def _was_added_to_itself(before: str, after: str) -> bool:
    """Tell whether `x = x + y` became `x = y`."""
    target, _, value = (part.strip() for part in before.partition("="))
    rest = after.partition("=")[2].strip().removeprefix("(").removesuffix(")")
    return bool(rest) and value in (f"{target} + {rest}", f"{rest} + {target}")


def _is_plainly_too_much(before: str, after: str) -> bool:
    """Tell whether what went is a number, or all of the slope that a difference of output and target was given."""
    start = _in_common(before, after)
    end = _in_common(before[start:][::-1], after[start:][::-1])
    gone = before[start : len(before) - end]
    return bool(_NUMBER.fullmatch(gone)) or (bool(_DIFFERENCE.search(after)) and not _is_slope(after))


def _in_common(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _goes_another_way(before: str, after: str) -> bool:
    """Tell whether a product had a matrix that is called otherwise than the one whose transpose is meant."""
    start = _in_common(before, after)
    end = _in_common(before[start:][::-1], after[start:][::-1])
    gone, came = before[start : len(before) - end], after[start : len(after) - end]
    names = re.fullmatch(r"([A-Za-z_]+)\d*", gone), re.fullmatch(r"([A-Za-z_]+)\d*\.T", came)
    return names[0] is not None and names[1] is not None and names[0][1] != names[1][1]


def _same_but_transposed(before: str, after: str) -> bool:
    return before != after and before.replace(".T", "") == after.replace(".T", "")


def _is_slope(line: str) -> bool:
    return bool(re.search(r"1(\.0*)? - ", line))


def _same_slope(before: str, after: str) -> bool:
    def slopes(line: str) -> list[str]:
        return re.findall(r"\(1(?:\.0*)? - [^()]*\)", line)

    return slopes(before) == slopes(after)
