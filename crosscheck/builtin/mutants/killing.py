"""Put mutants before the judge: which finding kills each, in which regimes, and in how small a case."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from crosscheck.builtin.mutants.mutant import Mutant
from crosscheck.builtin.mutants.remembering import Remembering
from crosscheck.cases import Key
from crosscheck.check import CasesJudged, check, oracle_for
from crosscheck.contract import call
from crosscheck.judge import Judge, JudgedCase
from crosscheck.minimise import minimise
from crosscheck.report import Report
from crosscheck.verdicts import Severity, Verdict

ALL = 100
"""Cases that a mutant must die in: twice the sum of the regimes' weights, so two of the rarest."""


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
        return tuple(case for case in self.cases if any(c.wrong.any() for c in case.comparisons.values()))


class Bench:
    """Where mutants are tried: one compiled twin for all of them, and one for those of the clips and optimisers."""

    def __init__(self) -> None:
        self._oracles: dict[bool, Remembering] = {}

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
        """Return the smallest case found in which the mutant dies by its finding, of the regime in which it first did."""
        mutant = trial.mutant
        if mutant.code == "gradient-differs":
            first = trial.wrong[0]
            name = next(name for name, comparison in first.comparisons.items() if comparison.wrong.any())
            return minimise(Judge(mutant.pair(), self.oracle(mutant)), [first.key], name).key
        cases = mutant.pair().cases
        drawn = (cases.draw(0, index) for index in range(ALL))
        key = next(key for key in drawn if self._dies_in(mutant, key))
        while simpler := next((key for key in cases.smaller(key) if self._dies_in(mutant, key)), None):
            key = simpler
        return key

    def oracle(self, mutant: Mutant) -> Remembering:
        """Return the oracle that this mutant shares with others."""
        with_rules = mutant.rule is not None
        if with_rules not in self._oracles:
            original = Mutant("original", 0, "", {}, rule=mutant.rule).pair()
            case = original.cases.build(original.cases.draw(0, 0))
            outcome = call(original.subject, case.arguments, names=original.inputs)
            self._oracles[with_rules] = Remembering(oracle_for(original, outcome))
        return self._oracles[with_rules]

    def _dies_in(self, mutant: Mutant, key: Key) -> bool:
        return self.try_in(mutant, only=str(key)).killed


def kill_all(bench: Bench, mutants: Sequence[Mutant]) -> Iterator[tuple[Trial, Key | None]]:
    """Try all mutants; yield what was said about each, and the smallest case for those that died."""
    for mutant in mutants:
        trial = bench.kill(mutant)
        yield trial, bench.smallest(trial) if trial.killed else None
