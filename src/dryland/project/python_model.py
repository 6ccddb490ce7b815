"""Reads a Python model without running it: what it refers to, how it is configured, what it means."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dryland.errors import ConfigError, TemplateError


@dataclass
class PythonScan:
    """What the text says."""

    config: dict[str, Any] = field(default_factory=dict)
    refs: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (name, package, version) -> line
    sources: dict[tuple[str, str], int] = field(default_factory=dict)


def scan_python_model(text: str, path: str) -> PythonScan:
    """Find `dbt.ref`, `dbt.source` and `dbt.config` with literal arguments.

    Raises:
        TemplateError: it is not Python, or has no `def model(dbt, session)`.
        ConfigError: an argument is not a literal.
    """
    try:
        tree = ast.parse(text, path)
    except SyntaxError as error:
        raise TemplateError(
            f"the Python does not parse: {error.msg}.", path=path, line=error.lineno, column=error.offset,
            hint="the Python that runs Dryland must be able to read it.",
        ) from error  # fmt: skip
    if not any(isinstance(node, ast.FunctionDef) and node.name == "model" for node in tree.body):
        raise TemplateError(
            "a Python model needs a function `model`.", path=path, line=1, hint="def model(dbt, session): ..."
        )
    scan = PythonScan()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "dbt":
                _note(node, node.func.attr, scan, path)
    return scan


def code_hash(text: str, config: Mapping[str, Any]) -> str:
    """Hash of the program and of the configuration that it asks for: what else is configured is not in it.

    Nor are comments, formatting and docstrings.
    """
    tree = ast.parse(text)
    asked = _asked_of_config(tree)
    meta = config.get("meta") or {}
    told = sorted((key, repr(config.get(key, meta.get(key)))) for key in (config if asked is None else asked))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and body and _is_docstring(body[0]):
            node.body = body[1:] or [ast.Pass()]
    return hashlib.blake2b(f"{ast.dump(tree)}{told}".encode(), digest_size=8).hexdigest()


def _asked_of_config(tree: ast.Module) -> frozenset[str] | None:
    """The keys that `dbt.config.get("key")` asks for; None when it cannot be told which."""
    used = sum(isinstance(node, ast.Attribute) and _is_config(node.value) for node in ast.walk(tree))
    keys = [
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_config(node.func.value)
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    return frozenset(str(key) for key in keys) if len(keys) == used else None


def _is_config(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "config"


def _note(call: ast.Call, method: str, scan: PythonScan, path: str) -> None:
    if method == "ref":
        names = [_literal(each, call, path) for each in call.args]
        named = {each.arg: _literal(each.value, call, path) for each in call.keywords}
        version = named.get("version", named.get("v"))
        key = (str(names[-1]), str(names[0]) if len(names) == 2 else "", "" if version is None else str(version))
        scan.refs.setdefault(key, call.lineno)
    elif method == "source":
        source, table = (str(_literal(each, call, path)) for each in call.args)
        scan.sources.setdefault((source, table), call.lineno)
    elif method == "config":
        scan.config.update({each.arg: _literal(each.value, call, path) for each in call.keywords if each.arg})


def _literal(node: ast.expr, call: ast.Call, path: str) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise ConfigError(
            f"`{ast.unparse(call)[:80]}` is not written with literals, so it cannot be planned.",
            path=path, line=call.lineno, hint="write the names out: dbt.ref('orders').",
        ) from None  # fmt: skip


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
