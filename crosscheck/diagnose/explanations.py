"""Every diagnosis that there is, by its stable code."""

from crosscheck.diagnose.explanation import Explanation
from crosscheck.diagnose.texts import activations, carries, evidence, lines, products, steps, terms, updates

CODES: dict[str, Explanation] = {
    **carries.CODES,
    **steps.CODES,
    **activations.CODES,
    **products.CODES,
    **terms.CODES,
    **lines.CODES,
    **updates.CODES,
    **evidence.CODES,
}

__all__ = ["CODES", "Explanation"]
