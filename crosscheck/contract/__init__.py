"""What every subject owes before its gradient is judged: to behave like a mathematical function of its arguments.

`call` calls it once and hands back NumPy arrays; `breaches` calls it a few times to see whether it keeps the contract;
`CODES` says what each finding means.
"""

from crosscheck.contract.calling import call
from crosscheck.contract.clauses import breaches, second_call_fails
from crosscheck.contract.codes import CODES, CRASHES
from crosscheck.contract.failure import SubjectError
from crosscheck.contract.outcome import Outcome

__all__ = ["CODES", "CRASHES", "Outcome", "SubjectError", "breaches", "call", "second_call_fails"]
