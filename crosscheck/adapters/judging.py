"""Judging by an adapter, in the child."""

import ast
import runpy
from collections.abc import Callable
from typing import Any

from crosscheck.adapters.cases import AdapterCases
from crosscheck.errors import CrosscheckError
from crosscheck.files.options import Options
from crosscheck.source import Document

FUNCTIONS = {"parameters": 2, "data": 2, "call": 2}


def is_adapter(document: Document) -> bool:
    """Say whether a document defines the three functions of an adapter, with two arguments each."""
    found = {node.name: len(node.args.args) for node in document.tree.body if isinstance(node, ast.FunctionDef)}
    return FUNCTIONS.items() <= found.items()


def examine_adapter(document: Document, options: Options, emit: Callable[[dict[str, Any]], None]) -> None:
    """Judge what the adapter calls, by the loss that it returns."""
    from crosscheck.door import check

    name = "call"
    emit({"event": "unit", "function": name})
    try:
        names = runpy.run_path(str(document.path))
    except CrosscheckError:
        raise
    except Exception as error:
        raise CrosscheckError(f"The adapter raised {type(error).__name__}: {error}.", code="bad-adapter") from error
    cases = AdapterCases(names["parameters"], names["data"])
    try:
        report = check(
            names["call"], cases=cases, name=name, seed=options.seed, examples=options.examples,
            pictures=options.pictures,
        )  # fmt: skip
    except CrosscheckError:
        raise
    except Exception as error:  # drawing is theirs as well
        raise CrosscheckError(f"The adapter raised {type(error).__name__}: {error}.", code="bad-adapter") from error
    emit({"event": "judged", "subject": {"function": name, "model": None, **report.as_dict()}})
