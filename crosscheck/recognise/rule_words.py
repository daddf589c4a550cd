"""What can be wrong with an update, in words, and the diagnosis that it amounts to."""

CLIMBS = "it climbs: the gradient is added where it must be subtracted"
NOT_KEPT = (
    "it is divided by the root of this one gradient's square, which leaves little but its sign; keep the memory of the "
    "squares from one call to the next"
)
NOT_STORED = (
    "the memory is read and never changed: a sum of it and of the square is used once and dropped; write `mem += ...`, "
    "which changes the array itself"
)
FORGETS = "the memory is overwritten with the last square, and forgets all that were before"
FORGETFUL = "its memory holds the last gradient alone, and forgets all that were before, where another's keeps a share"
OVERWRITTEN = "its memory keeps a share of itself and is overwritten then, so that all that was before is forgotten"
REMEMBERED = "{} takes in each of its gradients and has no part in the step"
OF_WEIGHT = "{}, which moves it, keeps a share of the parameter itself, where it must keep one of what it was"
ONE_SIDED = "the bounds of its clip have one sign, so that gradients of the other one are lost"
TURNED_BOUNDS = "the bounds of its clip are exchanged, so that all of its entries become one number"
ENLARGES = "where {} exceeds its bound, gradients are made larger, in place of smaller"
GROWS = (
    "the memory is added to what is kept of it already, so that it grows without end; write `=` in place of `+=`, or "
    "keep less than all of it"
)
DECAYS = "it takes a share of the bias itself away, as weight decay does, and no step of a matrix does"
NOT_SQUARED = "it is divided by the root of a memory that takes in the gradient itself, and not its square"
UNREAD = "its memory of squares is kept and has no part in the step, where another's step is divided by its root"
LATE = "it is divided by the memory from before this gradient, which is added to it only afterwards"
SECOND = "the second moment is corrected with the first one's decay"
FIRST = "the first moment is corrected with the second one's decay"
EXCHANGED = "the two moments' corrections are exchanged"
FOREIGN = "it is moved by the gradient of"
TURNED = "it is moved by its own gradient turned on its side"
STILL = "its gradient is computed, and it is never moved, where others are moved by theirs"
BEGINS = "it begins at the value of"
UNIFORM = "all of its entries go by the sum or the mean of its gradient, instead of each by its own"
DISORDERED = "the entries of its gradient come in another order"
SIZED = "it is moved by the size or the square of its gradient"
CHANGED = "it is moved by a product of its gradient and itself"
ITSELF = "it is moved by a share of itself, and its gradient has no part in that"
REPLACED = "the step takes the place of what was there, which is lost"
GROWN = "a share of the parameter itself is added to it, so that it grows; decay takes it away"
NO_ROOT = "it is divided by the memory of squares itself, and not by its root"
ROOT_MULTIPLIED = "it is multiplied by the root of the memory of squares, where it must be divided by it"
MIXED = "a moment takes in its share by the decay of the other moment, so that it is no mean"
CROSSED = "a memory is made of another memory, and keeps nothing of its own"
SHRINKS = "the square is taken away from its memory, where it must be added"
DIRECTIONLESS = (
    "only the size of the gradient is in it, and not its sign: the memory of squares stands for the gradient"
)
MULTIPLIED = "a moment is multiplied by what it must be divided by to correct it"
NO_NUMBER = (
    "some of it is no number, in the first steps or soon, where the gradient is one: it has the root of what is below "
    "zero in it, or is divided by zero"
)
UNEVENLY = "its two moments are corrected as if one of them had been kept for more steps than the other"
ROOTED = (
    "the root is to be taken of what corrects the second moment, and of nothing else: it is taken of the first one's, "
    "of both or of none"
)
AGAINST = "what is remembered of earlier gradients pushes it uphill, against the last one"
ASTRAY = (
    "its gradient is taken where the velocity would lead by another share, or the other way, than the step takes of it"
)
STALE = "it goes by the gradients of all turns before as well"
EMPTIED = "it takes no step, for its gradient is emptied between the way back and it"
TWICE = "the same step is taken twice"
FOR_EACH = "it stands in a loop over the entries of another parameter, and is taken once for each of them"
COUNTED = "its moments are corrected by a count that grows with each parameter, where it must grow with each step"
STUCK = (
    "its moments are corrected as in the first step for ever: the powers of the decays that correct them stay what "
    "they began as, where each step must multiply them once more"
)
LAST_ALONE = (
    "only the last of the gradients that a turn computes is in it, or the first, where others go by the sum of theirs"
)
SHARED = "the sum of its gradients is not divided by their number, as that of the others is"
MISPLACED = "the step of the entries that its gradient is of is taken by others"
OUTGROWN = "its step does not have its shape"
NEVER_MADE = "it is never made"
UNKNOWN = ""
"""What is said of a step that nothing explains"""
FAULTS = {
    BEGINS: "update-of-another",
    LAST_ALONE: "update-forgets-examples",
    SHARED: "update-not-averaged",
    MISPLACED: "update-of-another",
    UNIFORM: "update-distorted",
    DISORDERED: "update-distorted",
    SIZED: "update-distorted",
    CHANGED: "update-distorted",
    ITSELF: "update-distorted",
    REPLACED: "update-replaces",
    GROWN: "update-grows",
    TWICE: "update-twice",
    FOR_EACH: "update-for-each",
    COUNTED: "update-miscounted",
    STUCK: "update-correction-stuck",
    STALE: "update-not-reset",
    EMPTIED: "update-missing",
    OUTGROWN: "update-broadcast",
    FOREIGN: "update-of-another",
    TURNED: "update-of-another",
    STILL: "update-missing",
    NEVER_MADE: "update-missing",
    CLIMBS: "update-climbs",
    NOT_KEPT: "update-memory-not-kept",
    NOT_STORED: "update-memory-not-kept",
    FORGETS: "update-memory-overwritten",
    OVERWRITTEN: "update-memory-forgets",
    REMEMBERED.partition("{}")[2]: "update-memory-unread",
    OF_WEIGHT.partition("{}")[2]: "update-memories-crossed",
    ONE_SIDED: "update-clip-one-sided",
    TURNED_BOUNDS: "update-clip-one-sided",
    ENLARGES.partition("{}")[2]: "update-clip-enlarges",
    FORGETFUL: "update-memory-forgets",
    GROWS: "update-memory-grows",
    LATE: "update-memory-late",
    UNREAD: "update-memory-unread",
    DECAYS: "update-decays-bias",
    NOT_SQUARED: "update-memory-not-squared",
    SECOND: "update-corrections-confused",
    FIRST: "update-corrections-confused",
    EXCHANGED: "update-corrections-confused",
    MULTIPLIED: "update-corrections-confused",
    ROOTED: "update-corrections-confused",
    UNEVENLY: "update-moments-uneven",
    NO_NUMBER: "update-not-finite",
    NO_ROOT: "update-root-missing",
    ROOT_MULTIPLIED: "update-root-missing",
    MIXED: "update-weights-mixed",
    CROSSED: "update-memories-crossed",
    SHRINKS: "update-memory-shrinks",
    DIRECTIONLESS: "update-distorted",
    AGAINST: "update-climbs",
    ASTRAY: "update-looks-astray",
}
"""What can be wrong with an update, and the diagnosis that it amounts to"""
