"""The author's side: proof that every exercise can be failed, solved, and failed in each of the ways that it lists."""

from crosscheck.learn.verify.answers import answers
from crosscheck.learn.verify.carried import carried
from crosscheck.learn.verify.files import files
from crosscheck.learn.verify.manifest import manifest
from crosscheck.learn.verify.symbols import symbols

__all__ = ["answers", "carried", "files", "manifest", "symbols"]
