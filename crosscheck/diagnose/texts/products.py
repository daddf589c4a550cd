"""Matrix products."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "weight-gradient-transposed": Explanation(
        "A weight's gradient is transposed",
        "line {line}: {about} is the transpose of the gradient, or its product has a factor the wrong way round",
        "The outer product was taken the wrong way round.",
        "y = W x gives dW = dy xᵀ, in the shape of W; x dyᵀ is its transpose.",
        "Where W is square nothing fails, and the result is the transpose of the gradient.",
        "Put the output's gradient first, the transposed input second; for rows (y = x W) dW = xᵀ dy.",
    ),
    "transpose": Explanation(
        "A transpose too many or too few, or a product's operands exchanged",
        "line {line}: the product in {about} has an operand the wrong way round",
        "A matrix product of the backward pass does not mirror that of the forward.",
        "y = W x gives dx = Wᵀ dy; y = x W gives dx = dy Wᵀ.",
        "Square shapes hide it; otherwise NumPy complains, or broadcasts in silence.",
        "Compare shapes with pairwise different sizes.",
    ),
    "feedback-alignment": Explanation(
        "The gradient goes back through another matrix",
        "line {line}: {about} goes back through another matrix than the one that the forward goes through",
        "The transpose of the forward's matrix belongs there. Where another one is meant, fixed and random, this is "
        "feedback alignment: it may learn, and what it computes is not the gradient.",
        "y = h W gives dh = dy Wᵀ. With a fixed B in place of Wᵀ, dy B is some other direction.",
        "The gradient of the last layer is right, those below it are not.",
        "Use the transposed matrix; or say that it is feedback alignment, and test it by what it learns.",
    ),
    "product-element-by-element": Explanation(
        "A Jacobian-vector product is done element by element",
        "line {line}: {about} is formed element by element, where every entry depends on all the others",
        "A matrix product was replaced by one of single elements.",
        "(Wᵀ d)_j = Σ_i W_ij d_i: a sum over i. Element by element only i = j is left.",
        "Right where there is a single hidden unit, or one step.",
        "Use np.dot with the transposed matrix.",
    ),
    "product-for-elements": Explanation(
        "A matrix product where elements are to be multiplied",
        "line {line}: {about} contains a matrix product where the forward works element by element",
        "Gates and activations work on each element; their derivatives do so as well.",
        "h = o ∘ tanh(c) gives do = dh ∘ tanh(c).",
        "Shapes usually tell; with one unit nothing is seen.",
        "Use *.",
    ),
    "scatter-loses-repeats": Explanation(
        "Symbols that occur twice are counted once",
        "line {line}: {about}[indices] += ... keeps only the last contribution of a symbol that occurs several times",
        "With an array or list of indices, `dW[indices] += d` reads, adds and writes once for each position: of "
        "repeated indices the last one wins.",
        "The gradient of row k is the sum over all positions where k occurs.",
        "Right as long as no symbol repeats, so it passes tests on distinct symbols.",
        "Write np.add.at(dW, indices, d).",
    ),
    "sum-over-wrong-axis": Explanation(
        "A sum runs over the wrong axis",
        "line {line}: {about} sums over another axis than the forward has copied along",
        "What the forward copies along an axis, as a bias along the batch, the backward pass sums over that axis.",
        "y[n] = z[n] + b gives db = Σ_n dy[n].",
        "Wrong for batches; equal sizes hide it.",
        "Sum over the axis that the parameter does not have.",
    ),
    "sum-missing": Explanation(
        "A sum is missing",
        "line {line}: {about} is not summed over the axis that the forward has copied along",
        "A parameter that is used many times receives the sum of all its contributions.",
        "y[n] = z[n] + b gives db = Σ_n dy[n].",
        "The shape is wrong, or broadcasting hides it.",
        "Sum over the axis that the parameter does not have.",
    ),
    "extra-sum": Explanation(
        "A sum too many",
        "line {line}: {about} sums what should stay apart",
        "Entries were summed that belong to different entries of the gradient.",
        "The gradient has an entry for each entry of the parameter.",
        "Entries of the gradient are equal that should not be.",
        "Leave the sum out.",
    ),
    "axis-lost": Explanation(
        "An axis is lost in a sum",
        "line {line}: the sum in {about} drops an axis, and NumPy then broadcasts along another",
        "After np.sum without keepdims a column of n numbers is a vector, which NumPy takes for a row.",
        "(n, m) − (n,) is not defined for n ≠ m and means columns instead of rows for n = m.",
        "An error for most sizes, a wrong result in silence for equal ones.",
        "Pass keepdims=True.",
    ),
    "averaged-for-summed": Explanation(
        "A mean stands where a sum belongs",
        "line {line}: {about} averages where the loss sums",
        "A value that is used n times receives the sum of n contributions, not their mean.",
        "dL/dx = Σ_k ∂L/∂y_k · ∂y_k/∂x.",
        "One constant ratio of 1/n, where n is how often the value was used.",
        "Use the sum.",
    ),
    "summed-for-averaged": Explanation(
        "A sum stands where a mean belongs",
        "line {line}: {about} sums where the loss averages",
        "The loss is a mean, its gradient was taken of the sum.",
        "L = (1/n) Σ L_k gives dL = (1/n) Σ dL_k.",
        "One constant ratio of n.",
        "Divide by n, once, where the gradient of the output is formed.",
    ),
}
