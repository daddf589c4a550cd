import numpy as np
import os, sys

# Teaches itself to cook: a recurrent net that guesses the next letter of a cook book.
FILE = 'winemag.txt'
data = open(FILE, 'r').read()
letters = sorted(set(data))
vocab_size = len(letters)
print('%s: %d letters, %d kinds of them' % (FILE, len(data), vocab_size))
code_of = {ch: k for k, ch in enumerate(letters)}
char_of = dict(enumerate(letters))

# knobs
hidden_size = 50     # units
seq_length = 25       # letters per chunk
learning_rate = 1e-1

# weights and biases
Wxh = np.random.randn(hidden_size, vocab_size)*0.01
Whh = np.random.randn(hidden_size, hidden_size)*0.01
Why = np.random.randn(vocab_size, hidden_size)*0.01
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))

def lossFun(inputs, targets, hprev):
    """ one pass over a chunk: loss, five gradients, the last hidden state """
    n, loss = len(inputs), 0
    xs, ps, hs = {}, {}, {-1: hprev.copy()}

    ### FORWARD ###
    for t, k in enumerate(inputs):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][k] = 1
        hs[t] = np.tanh(Wxh.dot(xs[t]) + Whh.dot(hs[t-1]) + bh)
        score = Why.dot(hs[t]) + by
        odds = np.exp(score - score.max())
        ps[t] = odds / odds.sum()
        loss -= np.log(ps[t][targets[t], 0])

    ### BACKWARD ###
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dfuture = np.zeros_like(hs[0])
    for t in reversed(range(n)):
        dy = ps[t].copy()
        dy[targets[t]] -= 1             # softmax + cross entropy
        dWhy += dy.dot(hs[t].T)
        dby += dy
        dh = Why.T.dot(dy) + dfuture # from above and from the future
        dpre = (1 - hs[t] * hs[t]) * dh
        dbh = dpre
        dWxh += dpre.dot(xs[t].T)
        dWhh += dpre.dot(hs[t-1].T)
        dfuture = Whh.T.dot(dpre)

    # against exploding gradients
    for grad in [dWxh, dWhh, dWhy, dbh, dby]:
        np.clip(grad, -5, 5, out=grad)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[n-1]

def write(state, k, count):
    """ prints `count` letters that the net makes up, the first one given """
    said = char_of[k]
    for _ in range(count):
        x = np.eye(vocab_size)[:, [k]]
        state = np.tanh(Wxh.dot(x) + Whh.dot(state) + bh)
        score = Why.dot(state) + by
        odds = np.exp(score - score.max())
        k = np.random.choice(vocab_size, p=(odds / odds.sum()).ravel())
        said += char_of[k]
    print('"%s"' % said)

# slope of the loss in a handful of random directions, against what lossFun says
def spot_check(inputs, targets, hprev, tries=10, eps=1e-5):
    slopes = lossFun(inputs, targets, hprev)[1:6]
    for weight, slope in zip([Wxh, Whh, Why, bh, by], slopes):
        for where in np.random.randint(0, weight.size, tries):
            kept = weight.flat[where]
            weight.flat[where] = kept + eps
            up = lossFun(inputs, targets, hprev)[0]
            weight.flat[where] = kept - eps
            down = lossFun(inputs, targets, hprev)[0]
            weight.flat[where] = kept
            print(where, (up - down) / (2 * eps), slope.flat[where])

hprev = np.zeros((hidden_size, 1))
write(hprev, 0, 200)

squares = [np.zeros_like(w) for w in (Wxh, Whh, Why, bh, by)]   # for adagrad
smooth_loss = np.log(vocab_size) * seq_length
place, rounds = 0, 0
while rounds <= 100000:
    if place + seq_length >= len(data):
        place, hprev = 0, np.zeros((hidden_size, 1))
    chunk = [code_of[ch] for ch in data[place:place + seq_length + 1]]
    inputs, targets = chunk[:-1], chunk[1:]
    loss, dWxh, dWhh, dWhy, dbh, dby, hprev = lossFun(inputs, targets, hprev)
    smooth_loss += (loss - smooth_loss) / 1000
    if rounds % 1000 == 0:
        print('round', rounds, 'smoothed loss', smooth_loss)
        write(hprev, inputs[0], 200)
    for weight, slope, square in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby], squares):
        square += slope ** 2
        weight -= learning_rate * slope / np.sqrt(square + 1e-8)
    place += seq_length
    rounds += 1
