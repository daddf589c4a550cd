"""Whole lines and variables."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "overwritten-in-loop": Explanation(
        "Each step overwrites the one before",
        "line {line}: {about} is set (=) in the loop where it should be added to (+=), so one step's term is all that "
        "stays",
        "A parameter that is used at every step receives a contribution from each.",
        "dW = Σ_t dz[t] x[t]ᵀ. With = only the last term that was computed is left, which is the first step's.",
        "Right for a single step.",
        "Write +=, and start at zero before the loop.",
    ),
    "overwritten": Explanation(
        "A gradient is overwritten",
        "line {line}: {about} is set (=) where it should be added to (+=)",
        "A value that is used in two places receives a gradient from each; the second assignment discards the first.",
        "dL/dx is the sum over all uses of x.",
        "Only the last use counts.",
        "Write += for all but the first.",
    ),
    "never-added-to": Explanation(
        "A gradient is never added to",
        "line {line}: nothing is ever added to {about}, so it stays zero",
        "The accumulator is made and returned, and no line of the loop adds to it.",
        "For a bias: db = Σ_t dz[t].",
        "It is zero, always, and the parameter is never trained.",
        "Add the missing line, next to its neighbours: db += dz.",
    ),
    "clip-inside-loop": Explanation(
        "A clip inside the time loop",
        "line {line}: {about} is clipped inside the loop back through time, so the result is not a clipped gradient",
        "Clipping in the loop changes what earlier steps receive. Clipping after it limits the gradient, which is "
        "usual.",
        "clip(a + b) is not clip(a) + clip(b).",
        "Right as long as nothing reaches the bound; wrong for large weights or long sequences.",
        "Clip the accumulated gradients after the loop.",
    ),
    "clip-without-effect": Explanation(
        "A clip that has no effect",
        "line {line}: {about} is rebound, and the gradient itself stays unclipped",
        "`for d in (dW, db): d = np.clip(d, -5, 5)` gives the name d another value, and leaves the arrays alone.",
        "The gradient is right, the update is that of the unclipped one.",
        "Only where an entry exceeds the bound, and only in the update.",
        "Write np.clip(d, -5, 5, out=d).",
    ),
    "extra-line": Explanation(
        "A line too many",
        "line {line}: the line that changes {about} does not belong there",
        "Without this line the gradient is right.",
        "Every line of the backward pass is the derivative of one of the forward.",
        "What it changes is wrong.",
        "Leave it out.",
    ),
    "wrong-order-of-lines": Explanation(
        "Two lines are in the wrong order",
        "line {line}: {about} is computed too early or too late",
        "A value is read before it was set for this step, or after it was set for the next one.",
        "The backward pass runs through the forward's lines from the last to the first.",
        "Often right for a single step.",
        "Move the line.",
    ),
    "line-in-loop": Explanation(
        "A line belongs outside of the loop",
        "line {line}: {about} is computed in every round of the loop where once is right",
        "A line that concerns the whole sequence stands inside of the loop over its steps.",
        "The gradient of a many-to-one output enters once, at the last step.",
        "Right for a single step.",
        "Move it before or behind the loop.",
    ),
    "line-outside-loop": Explanation(
        "A line belongs into the loop",
        "line {line}: {about} is computed once, after the loop, where every step counts",
        "A line lost its indentation, and runs once, with the values of the last round.",
        "dW = Σ_t dz[t] x[t]ᵀ: one term for each step.",
        "Right for a single step.",
        "Indent it.",
    ),
    "wrong-variable": Explanation(
        "One variable stands for another",
        "line {line}: {about} is computed from the wrong variable",
        "A name of the same kind was taken for the right one, as happens when lines are copied.",
        "Each line of the backward pass reads what stands beside its variable in the forward.",
        "What is computed from this line is wrong.",
        "Use the variable of the forward line that this one is the derivative of.",
    ),
    "wrong-gradient-returned": Explanation(
        "Another gradient is returned than the one that is asked for",
        "line {line}: what is returned is not the gradient that the caller takes it for",
        "The right gradient exists at the end of the backward pass, and another variable is returned: mostly the "
        "gradient of the state after the first step in place of that of the initial state.",
        "dL/dh[−1] = Whhᵀ dz[0] is what the carry holds after the loop; dL/dh[0] is one step short.",
        "Only this gradient is wrong. It matters where the initial state is trained, or comes from another network.",
        "Return the carry as it is after the last round of the loop.",
    ),
    "wrong-target": Explanation(
        "A result is written to the wrong variable",
        "line {line}: what is added to {about} belongs to another gradient",
        "A line was copied, and its target was not changed.",
        "Each parameter's gradient receives its own terms.",
        "Two gradients are wrong: one has too much, another too little.",
        "Change the target.",
    ),
    "gradients-exchanged": Explanation(
        "Two gradients are exchanged",
        "line {line}: two gradients are handed over in the wrong order",
        "What is returned, stacked or zipped is in another order than its reader expects.",
        "The gradients themselves are right.",
        "Two gradients are wrong, and each equals the other one's derivative.",
        "Put them into the order of the parameters.",
    ),
}
