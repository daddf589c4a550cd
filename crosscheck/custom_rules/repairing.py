"""Why a custom rule is wrong, and its repair: the same edits as for any backward pass, in the source of the rule."""

import ast
import inspect
import types
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from crosscheck.contract import Outcome
from crosscheck.custom_rules.judging import Judgement, judged
from crosscheck.custom_rules.rule import Prepared, Rule
from crosscheck.diagnose import Diagnosis, diagnose_rule
from crosscheck.errors import CrosscheckError
from crosscheck.files.options import Options
from crosscheck.recognise.slices import split
from crosscheck.recognise.subject import Patches, patched
from crosscheck.recognise.unit import codes_by_name
from crosscheck.recognise.world import FILENAME
from crosscheck.repair.finding import SCREENING, Repairing
from crosscheck.repair.repair import Repair
from crosscheck.repair.screen import Screen
from crosscheck.source import Document, compiled, executable
from crosscheck.source.slips import slips
from crosscheck.verdicts import Verdict

EXAMPLES = 40
"""Fresh cases for an edit that passed the trial"""


class PatchedRule:
    """Calls a rule with other code in its functions, nothing of which is compiled or remembered."""

    def __init__(self, subject: Any, patches: Patches = ()) -> None:
        self.subject, self.changes = subject, patches
        self.__name__ = getattr(subject, "__name__", "rule")

    def __call__(self, *arguments: Any) -> Outcome:
        """Call it once."""
        with patched(self.changes):
            return self.subject(*arguments)


@dataclass(frozen=True)
class RuleUnit:
    """A rule as the search for a repair wants it. See crosscheck.recognise.Unit for what the attributes mean."""

    name: str
    document: Document
    subject: Any
    cases: Any
    editable: frozenset[int]
    upstream: frozenset[str]
    """The arguments that hold upstream gradients, or tangents"""
    callables: tuple[types.FunctionType, ...]
    """The rule's functions, whose code the edited source replaces"""
    names: dict[str, str]

    def rebuilt(self, edited: Document) -> "RuleUnit":
        """Return the same rule with the code of an edited source. Raises CrosscheckError if that does not compile."""
        try:
            codes = codes_by_name(compiled(executable(edited), FILENAME))
        except (SyntaxError, ValueError, RecursionError) as error:
            raise CrosscheckError(f"The edited source does not compile: {error}.", code="syntax-error") from None
        patches = [
            (function, new)
            for function in self.callables
            if (new := codes.get(function.__code__.co_qualname)) is not None
            and new != function.__code__
            and new.co_freevars == function.__code__.co_freevars
        ]
        return replace(self, document=edited, subject=PatchedRule(self.subject.subject, patches))


class RuleRepairing(Repairing):
    """The search for the repair of a rule."""

    def __init__(self, unit: RuleUnit, rule: Rule, ready: Prepared, options: Options, seconds: float) -> None:
        self.rule, self.ready, self.options = rule, ready, options
        hints = {slip.line for slip in slips(unit.document) if slip.line}
        super().__init__(unit, seconds=seconds, seed=options.seed, hints=hints)

    def _screen(self) -> Screen:
        return Screen(self.unit, self.ready.oracle, seed=self.seed + 1, seconds=SCREENING * self.seconds)

    def _agreeing(self, edited: Any) -> int:
        ready = self.ready._replace(subject=edited.subject)
        options = replace(self.options, seed=self.seed + 2, examples=EXAMPLES)
        judgement = judged(self.rule, ready, edited.document, options)
        return judgement.judged if judgement.verdict is Verdict.AGREE else 0


def explained(
    rule: Rule, ready: Prepared, judgement: Judgement, document: Document, options: Options, seconds: float
) -> tuple[list[Diagnosis], list[Repair]]:
    """Return why a rule is wrong, and the edits under which it agrees."""
    node = derivative_of(rule, document)
    wrong = [t.name for t in judgement.report.tallies if t.verdict is Verdict.DISAGREE]
    if node is None or not ready.forms or not wrong:
        return [], []
    unit = RuleUnit(
        name=rule.name,
        document=document,
        subject=PatchedRule(ready.eager or ready.subject),
        cases=ready.cases,
        editable=frozenset(_editable(rule, node)),
        upstream=frozenset(_upstream(rule, node)),
        callables=tuple(_callables(rule)),
        names={},
    )
    repairs = RuleRepairing(unit, rule, ready, options, seconds).repairs() if options.repair and unit.callables else []
    return diagnose_rule(document, wrong, repairs), repairs


def derivative_of(rule: Rule, document: Document) -> ast.FunctionDef | None:
    """Return the function that computes the derivative."""
    found = [n for n in ast.walk(document.tree) if isinstance(n, ast.FunctionDef) and n.lineno == rule.line]
    return found[0] if found else None


def shown(document: Document, diagnoses: Sequence[Diagnosis]) -> list[dict[str, Any]]:
    """Return diagnoses as reports have them."""
    found = []
    for one in diagnoses:
        place = None if one.line is None else document.place(one.line)
        found.append({**asdict(one), "line": place and place.line, "cell": place and place.cell})
    return found


def _editable(rule: Rule, node: ast.FunctionDef) -> Iterator[int]:
    """Yield the lines of the derivative, without those that compute the function's value for it to return as well."""
    statements = [s for s in ast.walk(node) if isinstance(s, ast.stmt) and s is not node]
    if rule.model == "jax.custom_jvp":
        returned = [s.value for s in statements if isinstance(s, ast.Return) and isinstance(s.value, ast.Tuple)]
        values = {n.id for value in returned for n in ast.walk(value.elts[0]) if isinstance(n, ast.Name)}
        forward, _ = split(node, values)
        statements = [s for s in statements if s not in forward]
    for statement in statements:
        yield from range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _upstream(rule: Rule, node: ast.FunctionDef) -> Collection[str]:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    starred = [node.args.vararg.arg] if node.args.vararg else []
    if rule.model == "torch.autograd.Function":
        return [*names[1:], *starred]
    last = names[-1:]
    unpacked = [
        inner.id
        for statement in node.body
        if isinstance(statement, ast.Assign) and [ast.unparse(statement.value)] == last
        for target in statement.targets
        for inner in ast.walk(target)
        if isinstance(inner, ast.Name)
    ]
    return [*last, *starred, *unpacked]


def _callables(rule: Rule) -> Iterator[types.FunctionType]:
    """Yield the function that the derivative stands in."""
    target = rule.target
    parts = [getattr(target, name, None) for name in ("bwd", "jvp", "backward", "vjp")]
    for part in parts:
        function = inspect.unwrap(getattr(part, "func", part)) if callable(part) else None
        function = getattr(function, "__func__", function)
        code = getattr(function, "__code__", None)
        if isinstance(function, types.FunctionType) and code is not None and code.co_filename == FILENAME:
            yield function
