#!/usr/bin/env python
# predicts the second skip of each line from the first
import numpy as np

lines = open("proverbs.txt").read().split("\n")
alphabet = sorted(set("".join(lines)))
K = len(alphabet)
N = 40
A = np.random.randn(N, K) * 0.05
R = np.random.randn(N, N) * 0.05
O = np.random.randn(K, N) * 0.05
print "alphabet:", K

def lossfn(seq, nxt, s0):
	skip = len(seq) / 2
	s = {-1: s0}
	p = {}
	J = 0.0
	for t in xrange(len(seq)):
		x = np.zeros((K, 1)); x[seq[t]] = 1
		s[t] = np.tanh(np.dot(A, x) + np.dot(R, s[t-1]))
		if t >= skip:
			e = np.exp(np.dot(O, s[t]))
			p[t] = e / e.sum()
	for t in xrange(skip, len(seq)):
		J -= np.log(p[t][nxt[t], 0])
	gA, gR, gO = np.zeros_like(A), np.zeros_like(R), np.zeros_like(O)
	dh = np.zeros_like(s0)
	for t in xrange(len(seq) - 1, -1, -1):
		if t >= skip:
			e = p[t].copy()
			e[nxt[t]] -= 1
			gO += np.dot(e, s[t].T)
			dh = dh + np.dot(O.T, e)
		dhraw = dh * (1 - s[t]**2)
		gR += np.dot(dhraw, s[t-1].T)
		gA[:, seq[t]] += dhraw[:, 0]
		dh = np.dot(R.T, dhraw) * (t > skip)
	return J, gA, gR, gO

n = 0
while 1:
	line = lines[n % len(lines)]
	if len(line) < 4:
		n += 1
		continue
	ids = [alphabet.index(c) for c in line]
	J, gA, gR, gO = lossfn(ids[:-1], ids[1:], np.zeros((N, 1)))
	for W, g in ((A, gA), (R, gR), (O, gO)):
		W -= 0.01 * g.clip(-1, 1)
	if n % 1000 == 0:
		print n, J
	n += 1
