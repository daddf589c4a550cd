"""Why a gradient is wrong: `diagnose` explains a report, `CODES` explains the explanations."""

from crosscheck.diagnose.diagnosis import Diagnosis, diagnose, diagnose_rule
from crosscheck.diagnose.explanations import CODES, Explanation

__all__ = ["CODES", "Diagnosis", "Explanation", "diagnose", "diagnose_rule"]
