"""What the numbers alone tell, where no edit proves more."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "zero-gradient": Explanation(
        "A gradient is zero",
        "the gradient of {about} is zero in every case, and the derivative is not",
        "Nothing reaches the gradient of this parameter, or it is not the array that was filled.",
        "A parameter that the loss depends on has a derivative.",
        "The parameter never changes in training.",
        "Look for a missing line, for a name that was rebound, and for a copy that was returned in its place.",
    ),
    "equals-transpose": Explanation(
        "A gradient equals the transpose of the derivative",
        "the gradient of {about} equals the transpose of the derivative in every case",
        "The outer product was taken the wrong way round.",
        "y = W x gives dW = dy xᵀ; x dyᵀ is its transpose.",
        "Only where the matrix is square: otherwise the shape tells.",
        "Exchange the operands of the product.",
    ),
    "equals-other-gradient": Explanation(
        "A gradient is another parameter's",
        "the gradient that was given for {about}",
        "Two gradients of one shape are exchanged, or one was handed over twice.",
        "Each parameter has its own derivative.",
        "Its values are right, in the wrong place.",
        "Compare the order of the parameters with that of the gradients.",
    ),
    "blocks-permuted": Explanation(
        "The gradient's blocks are in another order",
        "the gradient of {about} equals the derivative with its blocks permuted",
        "A stacked matrix holds the gates in one order in the forward and in another in the backward pass.",
        "Row block k of W belongs to the gate that the forward reads from block k of z.",
        "Every block is right, and stands in another gate's place.",
        "Stack the gradients in the order of the forward.",
    ),
    "wrong-beyond-some-steps": Explanation(
        "Right for short sequences only",
        "the gradient of {about} is right up to some number of steps and wrong beyond",
        "What goes from step to step is wrong, or stops.",
        "With one step there is no carry; with two it is used once; an accumulated carry shows at three.",
        "Tests with short sequences pass.",
        "Look at the variable that is handed from step to step.",
    ),
    "wrong-for-repeated-symbols": Explanation(
        "Wrong where a symbol occurs twice",
        "the gradient of {about} is right where all symbols differ and wrong where one occurs twice",
        "Contributions to one row overwrite each other.",
        "The gradient of row k is the sum over all positions where k occurs.",
        "Right for distinct symbols.",
        "Use np.add.at, or += in a loop over positions.",
    ),
    "wrong-unless-symmetric": Explanation(
        "Right for a symmetric matrix only",
        "the gradients are right where {about} is symmetric and wrong elsewhere",
        "A matrix stands where its transpose belongs.",
        "y = W x gives dx = Wᵀ dy.",
        "Hidden by a symmetric initialisation.",
        "Transpose it in the backward pass.",
    ),
    "gradient-clipped": Explanation(
        "The gradient is clipped",
        "the gradient of {about} equals the derivative, cut off at a bound",
        "A clip stands in the function itself.",
        "clip(g) is not the derivative of the loss.",
        "Right as long as no entry exceeds the bound.",
        "Clip where the update is made.",
    ),
    "not-finite": Explanation(
        "A gradient is not a number, or infinite",
        "the gradient of {about} is not finite where the derivative is",
        "An exponential overflows, or 0 is divided by 0.",
        "softmax(y) = softmax(y − max y): without the shift, exp overflows beyond 709 (88 in float32).",
        "Only for large weights or logits.",
        "Subtract the maximum before the exponential, in the forward and wherever it is computed again.",
    ),
    "first-wrong": Explanation(
        "The first statement that computes no derivative",
        "line {line}: {about} is the first value in the backward pass that is not the derivative that it should be",
        "Every value that goes back through a network is the derivative of the loss with respect to some value of the "
        "forward. Up to this statement all are; what it computes is none.",
        "Put the true derivative, found by moving the value in the forward, in the place of what the statement "
        "computes: then every gradient is right.",
        "All gradients that depend on this line are wrong, the others right.",
        "Derive this one line again: what it is handed is right.",
    ),
    "unexplained": Explanation(
        "Wrong, and no explanation was found",
        "no explanation was found: {about}",
        "Neither a small edit of the backward pass nor a known signature explains the discrepancy.",
        "The gradient is not the derivative of the loss that the forward computes; that much was measured.",
        "The report lists which gradients are right and which are wrong, and the fewest steps at which they are.",
        "Begin with the wrong gradient that is nearest to the loss: all that is right lies above it.",
    ),
}
