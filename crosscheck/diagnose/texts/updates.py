"""Steps that are made of a right gradient in a wrong way."""

from crosscheck.diagnose.explanation import Explanation

CODES = {
    "update-climbs": Explanation(
        "The update climbs",
        "line {line}: the gradient is added where it must be subtracted",
        "Each step goes up the loss.",
        "p' = p − η g. With a velocity, v' = μ v − η g and p' = p + v'.",
        "The gradient is right, and the loss grows from the first step on.",
        "Subtract; or let the velocity take the gradient with a minus.",
    ),
    "update-memory-grows": Explanation(
        "The optimiser's memory grows without end",
        "line {line}: more is kept of the memory than there was",
        "A running mean keeps a share of what it was and adds a share of what is new. Here it is added to itself: "
        "a `+=` stands where `=` is meant, or the shares are exchanged.",
        "m = β m + (1 − β) g forgets at the rate β. m += β m + (1 − β) g is m = (1 + β) m + (1 − β) g: it grows by the "
        "factor 1 + β at every step, whatever the gradient is.",
        "The first step from an empty memory is right. Some ten steps later they have nothing to do with the gradient.",
        "Write `=`; where the array itself must change, `m[...] =` or `np.copyto`.",
    ),
    "update-memory-overwritten": Explanation(
        "The optimiser's memory is overwritten",
        "line {line}: the memory holds the last square alone, where it must hold the sum of all",
        "Adagrad divides by the root of all squares that there ever were; an = where += belongs forgets them.",
        "G' = G + g². With G' = g² the step is η g / |g|: its sign is all that is left of the gradient.",
        "The first step is right, the second is too large. All steps are of the same size.",
        "Add to the memory (+=), or let it decay as RMSprop does: G' = ρ G + (1 − ρ) g².",
    ),
    "update-memory-late": Explanation(
        "The optimiser's memory comes late",
        "line {line}: the step is divided by the memory from before this gradient",
        "The memory is brought up to date after the step for which it is needed.",
        "Adagrad: G' = G + g², then p' = p − η g / √(G' + ε).",
        "The first step is divided by √ε and is enormous; later ones are a little too large.",
        "Add the square to the memory first.",
    ),
    "update-decays-bias": Explanation(
        "A bias decays, and no weight does",
        "line {line}: the step takes a share of the bias itself away",
        "Weight decay belongs to the weights: in their gradients, or in their steps. Here a bias alone shrinks.",
        "p' = p − η (g + λ p) is a step of the loss with ½ λ p² added. The loss has no such term of the bias.",
        "The biases are drawn to zero; where the weights' decay is in their gradients, it was meant for these.",
        "Move the bias by its gradient alone.",
    ),
    "update-memory-not-squared": Explanation(
        "The optimiser's memory lacks the square",
        "line {line}: the memory takes in the gradient, where it must take in its square",
        "RMSprop and Adagrad divide by the root of a mean or sum of squares. Here the gradient itself goes into it.",
        "G' = ρ G + (1 − ρ) g². With g in place of g² terms of both signs cancel, and the root is that of any number.",
        "Steps are far too large where gradients change their sign; some are NaN.",
        "Square the gradient on its way into the memory: g ** 2, or g * g.",
    ),
    "update-memory-not-kept": Explanation(
        "The optimiser's memory is not kept",
        "line {line}: the memory begins anew with every call",
        "The sum of squares is made of zeros inside of the call, so that it never holds more than one square.",
        "g / √(g² + ε) is the sign of g.",
        "All entries move by the same amount in every step.",
        "Keep the memory where it outlives the call: in an attribute, an argument, a global.",
    ),
    "update-corrections-confused": Explanation(
        "The corrections of Adam's moments are mixed up",
        "line {line}: a moment is corrected with the decay of the other one",
        "Each moment starts at zero and is divided by what its own average lacks at first.",
        "m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ).",
        "The first steps are of a wrong size; after some thousands of steps nothing shows.",
        "Divide the first moment by 1 − β₁ᵗ and the second one by 1 − β₂ᵗ.",
    ),
    "update-of-another": Explanation(
        "A parameter is moved by another gradient than its own",
        "line {line}: the step is made of the gradient of something else, or of its own turned on its side",
        "The gradients are right, and one of them is handed to the wrong parameter. Where both have one shape, nothing "
        "complains.",
        "p' = p − η ∂L/∂p. A step along ∂L/∂q has nothing to do with p.",
        "Each gradient by itself passes any check; the loss falls more slowly than it should, or not at all.",
        "Keep parameters and gradients under one key each, and move them in one loop over these keys.",
    ),
    "update-missing": Explanation(
        "A parameter is never moved",
        "line {line}: a gradient is computed, and the parameter stays where it is",
        "The update leaves a parameter out: its name is missing in a list, or a loop ends one layer too soon.",
        "p' = p − η ∂L/∂p for every p.",
        "The loss falls all the same, for the other parameters make up for it; the one that is left out keeps what it "
        "was drawn as.",
        "Move all parameters in one loop over their names. One that is meant to stay needs no gradient.",
    ),
    "update-distorted": Explanation(
        "A parameter is moved by something else than its gradient, entry by entry",
        "line {line}: the step is the sum, the mean, the square or another order of the gradient, or has no part in it",
        "The gradient is right, and on its way into the step it is summed once more, reversed, multiplied by itself or "
        "by the parameter. What comes out is broadcast over the parameter, so that nothing complains.",
        "p' = p − η ∂L/∂p, for each entry by itself.",
        "The loss falls at first, where most entries of the gradient have one sign, and then stays where it is.",
        "Take the gradient as it is: `p -= rate * dp`.",
    ),
    "update-replaces": Explanation(
        "The step takes the place of the parameter",
        "line {line}: what was there before has no part in what is there afterwards",
        "`p = -rate * dp` stands in place of `p = p - rate * dp`, or of `p -= rate * dp`; also `p =- rate * dp`.",
        "p' = p − η ∂L/∂p holds all of p.",
        "The parameter is small and jumps about; nothing that was learned is kept.",
        "Write `p -= rate * dp`.",
    ),
    "update-grows": Explanation(
        "A parameter grows by a share of itself",
        "line {line}: the step adds a share of the parameter, where decay takes one away",
        "The gradient of a penalty λ/2 ‖p‖² is λ p, and is subtracted with the rest of the gradient.",
        "p' = p − η (∂L/∂p + λ p) = (1 − η λ) p − η ∂L/∂p.",
        "Weights grow without end, the more so the less the data say of them.",
        "Turn the sign of the share, or add it to the gradient before the step.",
    ),
    "update-twice": Explanation(
        "One step is taken twice",
        "line {line}: the statement stands there a second time, and nothing has changed between",
        "A line was copied, often in place of the one for another parameter.",
        "Twice −η ∂L/∂p is the step of twice the rate.",
        "One parameter learns at twice the rate of the others, and another perhaps not at all.",
        "Take one of the two away, or let it move what it was meant for.",
    ),
    "update-not-reset": Explanation(
        "Gradients are never set to zero",
        "line {line}: every turn adds its gradient to those of all turns before, and moves the parameters by the sum",
        "Sums that begin at zero before the training begin there only once.",
        "After n turns the step is −η (g₁ + … + gₙ), where −η gₙ is meant.",
        "The first turn is right. Later ones overshoot as a heavy ball without friction does, and the loss goes up and "
        "down.",
        "Set the sums to zero where a turn begins, or assign in place of adding where there is one gradient a turn.",
    ),
}
