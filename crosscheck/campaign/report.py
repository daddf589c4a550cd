"""What a campaign found: the report of a check, with counts."""

import itertools
from dataclasses import dataclass
from typing import Any

from crosscheck.campaign.counts import DISCREPANCIES, SCALES, Counts
from crosscheck.report import Report


@dataclass(frozen=True)
class CampaignReport(Report):
    """The outcome of a campaign: prints itself and turns into JSON as the report of a check does, and says more."""

    counts: Counts | None = None
    models_per_second: float = 0.0
    """After compilation: once every worker has done a task"""
    interrupted: bool = False
    asked: int = 0
    """Models that were to be judged; fewer were if something was wrong with many of them, or on Ctrl-C"""

    def as_dict(self) -> dict[str, Any]:
        """Return what `to_json` writes: the keys of every report, and those of a campaign."""
        counts = self.counts or Counts()
        return {
            **super().as_dict(),
            "models": counts.models,
            "models_asked": self.asked,
            "models_per_second": round(self.models_per_second, 1),
            "interrupted": self.interrupted,
            "counts": {
                "agree": counts.agree,
                "inconclusive": counts.inconclusive,
                "disagree": counts.disagree,
                "screened": counts.screened,
            },
            "discrepancies": {
                "up_to": [*DISCREPANCIES, "inf"],
                "screened": counts.by_screen.tolist(),
                "measured": counts.by_noise.tolist(),
            },
            "scales": [
                {"from": low, "to": high, "models": models, "inconclusive": inconclusive}
                for (low, high), models, inconclusive in zip(
                    itertools.pairwise(SCALES), counts.scales.tolist(), counts.inconclusive_scales.tolist(), strict=True
                )
                if models
            ],
        }

    def _lines(self) -> list[str]:
        counts = self.counts or Counts()
        head, *rest = super()._lines()
        state = "interrupted, " if self.interrupted else ""
        head = (
            f"{self.target}: {self.verdict.upper()}   {state}{counts.models:,} models in {self.seconds:.1f} s, "
            f"{self.models_per_second:,.0f} a second after compilation"
        )
        if 0 < counts.models < self.asked:
            rest.insert(0, f"  {self.asked - counts.models:,} of {self.asked:,} models were not begun or not needed")
        numbers = (
            f"  {counts.agree:,} agree ({counts.screened:,} whatever their noise), "
            f"{counts.inconclusive:,} inconclusive, {counts.disagree:,} disagree"
        )
        return [head, numbers, *rest, *_histogram(counts)] if counts.models else [head, *rest]


def _histogram(counts: Counts) -> list[str]:
    lines = ["  largest discrepancy of a model, in tolerances (of screened models an upper bound):"]
    edges = [f"up to {edge:g}" for edge in DISCREPANCIES] + [f"over {DISCREPANCIES[-1]:g}"]
    for edge, screened, measured in zip(edges, counts.by_screen.tolist(), counts.by_noise.tolist(), strict=True):
        lines.append(f"    {edge:10} {measured:>11,} measured {screened:>11,} screened")
    scales = zip(itertools.pairwise(SCALES), counts.scales.tolist(), counts.inconclusive_scales.tolist(), strict=True)
    shares = [f"{low:g} to {high:g}: {part / models:.2%}" for (low, high), models, part in scales if part]
    return [*lines, f"  inconclusive by scale: {', '.join(shares) or 'none'}"]
