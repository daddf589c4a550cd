"""Put mutants before the judge: which finding kills each, in which regimes, and in how small a case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice, product
from typing import Any

from crosscheck.builtin.mutants.mutant import Mutant
from crosscheck.builtin.mutants.remembering import Remembering
from crosscheck.cases import Key
from crosscheck.contract import call
from crosscheck.door import check
from crosscheck.errors import CrosscheckError
from crosscheck.judge import Judge, JudgedCase
from crosscheck.minimise import minimise
from crosscheck.reference import oracle_for
from crosscheck.report import Report
from crosscheck.run import CasesJudged
from crosscheck.verdicts import Severity, Verdict

ALL = 100
"""Cases that a mutant must die in: twice the sum of the regimes' weights, so two of the rarest."""

# Sizes (V, H, T, B) to look for a mutant's smallest case in, before a larger one is made smaller.
TINY = sorted(product((1, 2, 3), (1, 2), range(1, 7), (0, 2, 3)), key=lambda sizes: (sum(sizes), sizes[3]))
MOST_TINY, AT_ONCE = 64, 16


@dataclass(frozen=True)
class Trial:
    """What the judge said about one mutant."""

    mutant: Mutant
    report: Report
    cases: tuple[JudgedCase, ...]
    """Those that were judged, up to the first error."""

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the error and of the findings that are errors."""
        error = [self.report.error["code"]] if self.report.error else []
        errors = [finding.code for finding in self.report.findings if finding.severity is Severity.ERROR]
        return tuple(dict.fromkeys([*error, *errors]))

    @property
    def killed(self) -> bool:
        """Whether it was told from the original, by the finding that it must be told by."""
        return self.report.verdict in (Verdict.DISAGREE, Verdict.ERROR) and self.mutant.code in self.codes

    @property
    def wrong(self) -> tuple[JudgedCase, ...]:
        """The cases in which an array is wrong."""
        return tuple(case for case in self.cases if is_wrong(case))


class Bench:
    """Where mutants are tried: one compiled twin for all of them, and one for those of the clips and optimisers."""

    def __init__(self) -> None:
        self._oracles: dict[bool, Remembering] = {}
        self._tiny_cases: dict[str, list[Key]] = {}

    def kill(self, mutant: Mutant) -> Trial:
        """Try a mutant in one case of each regime and, if it survives, in more."""
        each = len(mutant.pair().cases.regimes)
        trial = self.try_in(mutant, examples=each)  # the first cases of a run are one of each regime
        return trial if trial.killed else self.try_in(mutant, examples=ALL)

    def try_in(self, mutant: Mutant, **cases: Any) -> Trial:
        """Judge one mutant, in so many `examples` or `only` in one case."""
        judged: list[JudgedCase] = []

        def gather(event: CasesJudged) -> None:
            judged.extend(event.cases)

        report = check(pair=mutant.pair(), oracle=self.oracle(mutant), handlers=[gather], **cases)
        return Trial(mutant, report, tuple(judged))

    def smallest(self, trial: Trial) -> Key:
        """Return the smallest case found in which the mutant dies by its finding, of the first regime that kills it."""
        mutant, cases = trial.mutant, trial.mutant.pair().cases
        if not mutant.code.endswith("-differs") or mutant.code == "loss-differs":  # then no array need be wrong
            drawn = (cases.draw(0, index) for index in range(ALL))
            key = next(key for key in drawn if self._dies_in(mutant, key))
            tiny = self._tiny(cases, key.regime)
            while simpler := next((k for k in (*tiny, *cases.smaller(key)) if self._dies_in(mutant, k)), None):
                if simpler in tiny:
                    return simpler
                key = simpler
            return key
        judge, tiny = Judge(mutant.pair(), self.oracle(mutant)), self._tiny(cases, trial.wrong[0].key.regime)
        for start in range(0, len(tiny), AT_ONCE):
            if wrong := [case for case in judge.judge(tiny[start : start + AT_ONCE]) if is_wrong(case)]:
                return wrong[0].key
        first = trial.wrong[0]
        name = next(name for name, comparison in first.comparisons.items() if comparison.wrong.any())
        return minimise(judge, [first.key], name).key

    def oracle(self, mutant: Mutant) -> Remembering:
        """Return the oracle that this mutant shares with others."""
        with_rules = mutant.rule is not None
        if with_rules not in self._oracles:
            original = Mutant("original", 0, "", {}, rule=mutant.rule).pair()
            case = original.cases.build(original.cases.draw(0, 0))
            outcome = call(original.subject, case.arguments, names=original.inputs)
            self._oracles[with_rules] = Remembering(oracle_for(original, outcome))
        return self._oracles[with_rules]

    def _tiny(self, cases: Any, regime: str) -> list[Key]:
        """Return the smallest cases of a regime, which all its mutants share, so that they need not all be shrunk."""
        if regime not in self._tiny_cases:
            keys = (Key(regime, sizes, seed) for sizes in TINY for seed in (0, 1))
            self._tiny_cases[regime] = list(islice(filter(partial(_exists, cases), keys), MOST_TINY))
        return self._tiny_cases[regime]

    def _dies_in(self, mutant: Mutant, key: Key) -> bool:
        return self.try_in(mutant, only=str(key)).killed


def is_wrong(case: JudgedCase) -> bool:
    """Tell whether an array of a judged case is wrong."""
    return any(comparison.wrong.any() for comparison in case.comparisons.values())


def _exists(cases: Any, key: Key) -> bool:
    try:
        cases.build(key)
    except CrosscheckError:
        return False
    return True


def kill_all(bench: Bench, mutants: Sequence[Mutant]) -> Iterator[tuple[Trial, Key | None]]:
    """Try all mutants; yield what was said about each, and the smallest case for those that died."""
    for mutant in mutants:
        trial = bench.kill(mutant)
        yield trial, bench.smallest(trial) if trial.killed else None
