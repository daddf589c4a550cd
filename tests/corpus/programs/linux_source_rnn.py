#!/usr/bin/env python2
# -*- coding: utf-8 -*-
"""
train on kernel sources, see what C it dreams up
"""
import numpy as np
import cPickle as pickle

# read the file
import glob
verbose = False
data = ''.join(open(f).read() for f in glob.glob('linux/kernel/*.c'))
glyphs = sorted(set(data))
vocab_size = len(glyphs)
print 'read %d characters, %d kinds' % (len(data), vocab_size)
rank = dict((g, k) for k, g in enumerate(glyphs))

hidden_size = 100
seq_length = 25
learning_rate = 0.1

def matrix(rows, cols):
  return 0.01 * np.random.randn(rows, cols)

Wxh, Whh, Why = matrix(hidden_size, vocab_size), matrix(hidden_size, hidden_size), matrix(vocab_size, hidden_size)
bh, by = np.zeros((hidden_size, 1)), np.zeros((vocab_size, 1))
weights = [Wxh, Whh, Why, bh, by]

def lossFun(inputs, targets, hprev):
  steps = len(inputs)
  xs, ps, loss = {}, {}, 0
  hs = {-1: np.copy(hprev)}
  # left to right
  for t in xrange(steps):
    xs[t] = np.zeros((vocab_size,1))
    xs[t][inputs[t]] = 1
    hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t-1]) + bh)
    e = np.exp(np.dot(Why, hs[t]) + by)
    ps[t] = e / e.sum()
    loss -= np.log(ps[t][targets[t],0])
  # right to left
  dWxh, dWhh, dWhy, dbh, dby = [0 * w for w in weights_of()]
  dhnext = 0 * hprev
  for t in xrange(steps-1, -1, -1):
    dy = np.copy(ps[t])
    dy[targets[t]] -= 1
    dWhy += np.dot(dy, hs[t].T)
    dby += dy
    dh = np.dot(Why.T, dy) + dhnext
    dhraw = dh * (1 - hs[t]**2)
    dbh += dhraw
    dWxh += np.dot(dhraw, xs[t].T)
    dWhh += np.dot(dhraw, hs[t-1].T)
    if t == 0 and verbose: print 'dh norm', np.sqrt((dh**2).sum())
    dhnext = np.dot(Whh.T, dhraw)
  for d in [dWxh, dWhh, dWhy, dbh, dby]:
    np.clip(d, -5, 5, out=d)
  return loss, dWxh, dWhh, dWhy, dbh, dby, hs[steps-1]

def weights_of():
  return [Wxh, Whh, Why, bh, by]

def speak(h, k, length):
  said = []
  for _ in xrange(length):
    x = np.zeros((vocab_size, 1))
    x[k] = 1
    h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
    e = np.exp(np.dot(Why, h) + by)
    k = np.random.choice(vocab_size, p=(e / e.sum())[:, 0])
    said.append(glyphs[k])
  return ''.join(said)

turn, at = 0, 0
memory = [0 * w for w in weights]
average = np.log(vocab_size) * seq_length
while True:
  try:
    if turn == 0 or at+seq_length+1 >= len(data):
      at, hprev = 0, np.zeros((hidden_size,1))
    inputs = [rank[g] for g in data[at:at+seq_length]]
    targets = [rank[g] for g in data[at+1:at+seq_length+1]]
    if turn % 100 == 0:
      print '=' * 60
      print speak(hprev, inputs[0], 200)
    result = lossFun(inputs, targets, hprev)
    loss, hprev = result[0], result[-1]
    average = 0.999 * average + 0.001 * loss
    if turn % 100 == 0: print 'turn', turn, 'average', `average`
    for w, d, m in zip(weights, result[1:6], memory):
      m += d * d
      w -= learning_rate * d / np.sqrt(m + 1e-8)
    at += seq_length
    turn += 1
  except KeyboardInterrupt, e:
    pickle.dump(weights, open('weights.pkl', 'wb'))
    break
