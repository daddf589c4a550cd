"""One custom rule of someone's file, whichever library it is for, and what is found about it."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from crosscheck.contract.failure import quoted
from crosscheck.custom_rules.cases import filled
from crosscheck.custom_rules.slots import Form
from crosscheck.errors import CrosscheckError
from crosscheck.verdicts import Finding


@dataclass
class Rule:
    """A function with a derivative written by hand."""

    name: str
    model: str
    """ "jax.custom_vjp", "jax.custom_jvp" or "torch.autograd.Function" """
    target: Any
    """The object or class"""
    line: int
    """Where the backward pass is written"""
    forward_line: int
    functions: tuple[ast.AST, ...] = ()
    """The parts of the source that belong to it"""
    node: ast.AST | None = None
    """The forward function"""
    calls: list[Form] = field(default_factory=list)
    """How the file calls it"""
    count: int = 0
    constants: Mapping[str, Any] = field(default_factory=dict)
    """Arguments that are plain numbers, of which no gradient is asked for, with a value for each"""

    refuses: bool = False
    """Whether all that its backward does is to raise, so that there is nothing to judge"""

    @property
    def span(self) -> tuple[int, int]:
        """First and last line of what belongs to it."""
        lines = [(node.lineno, node.end_lineno or node.lineno) for node in self.functions]  # pyright: ignore
        return min((a for a, _ in lines), default=self.line), max((b for _, b in lines), default=self.line)


class Trial(NamedTuple):
    """Why a rule did not work on a form."""

    form: Form
    message: str
    is_malformed: bool
    """Whether what it returns is of the wrong number, structure or shape"""

    @property
    def tells_of_bug(self) -> bool:
        """Whether it is the rule that fails, and not what was guessed for its arguments."""
        return self.form.is_known or self.is_malformed or not FITTING.match(self.message)


FITTING = re.compile(r"(?:Index|Value|Runtime|Type|Key|Assertion)Error\b")
"""What code raises where arguments do not fit one another, and for other reasons"""
MOST_TRIALS = 12


class Forms:
    """Collects the forms that a rule works with, and the trials where only its forward does."""

    def __init__(self, settle: Callable[[Form], Form | None], work: Any, malformed: re.Pattern[str]) -> None:
        self.settle, self.work, self.malformed = settle, work, malformed
        self.trials: list[Trial] = []

    def refuse_none(self, found: Sequence[Form], remedy: str) -> None:
        """Raise CrosscheckError where a rule works with no form, and none of them is sure to be what it is for."""
        if found or any(trial.tells_of_bug for trial in self.trials):
            return
        tried = f"; with {self.trials[0].form} its backward raises {self.trials[0].message}" if self.trials else ""
        raise CrosscheckError(f"no arguments were found with which it runs{tried}: {remedy}", code="rule-not-run")

    def __call__(self, form: Form) -> Form | None:
        """Return the form as it is to be used, or None; the work's list of forms grows with what is found."""
        known = self.settle(form) if len(self.trials) < MOST_TRIALS else None
        if known is None:
            return None
        self.work.forms.append(known)
        number = len(self.work.forms) - 1
        floats, whole = filled(known, "ordinary", 1)
        try:
            self.work.first(floats, self.work.upstream(number, floats, whole), number, whole)
        except Exception as error:  # noqa: BLE001 - theirs
            self.work.forms.pop()
            text = f"{type(error).__name__}: {quoted(error)}"
            self.trials.append(Trial(known, text, bool(self.malformed.search(f"{text} {error}"))))
            return None
        return known


class Prepared(NamedTuple):
    """A rule, ready to be judged."""

    subject: Any
    oracle: Any
    cases: Any
    forms: Sequence[Form]
    trials: Sequence[Trial] = ()
    findings: Sequence[Finding] = ()
    left_out: Sequence[str] = ()
    """Arguments for which the rule says that there is no gradient"""
    in_single: bool = True
    """Whether the file works in single precision, so that finer differences do not show"""
    eager: Any = None
    """The subject without compilation, for rules whose code is edited; None where nothing is compiled anyway"""
    iterates: bool = False
    """Whether the forward goes on until it is exact enough, so that its own error is not that of rounding alone"""


class Library(Protocol):
    """What is done differently for JAX and torch."""

    def prepare(self, rule: Rule, most: int = 4) -> Prepared:
        """Find out how a rule is called, in at most so many ways. Raises CrosscheckError where that fails."""
        ...
