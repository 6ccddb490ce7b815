"""Names generic tests as dbt does, so that what knows a test by dbt's id finds it under ours."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def data_test_hash(name: str, kind: str, tested: str, column: str, arguments: Mapping[str, Any]) -> str:
    """The end of a generic test's id: dbt's hash of its name, its kind and everything that it is given.

    `kind` is the macro's name without `test_`, with its package if one was named; `tested` is a unique id.

    >>> data_test_hash("unique_raw_orders_id", "unique", "seed.rich.raw_orders", "id", {})
    'f386da26c2'
    """
    namespace, _, macro = kind.rpartition(".")
    said = _hashable(
        {"kwargs": given_to_test(tested, column, arguments), "name": macro, "namespace": namespace or None}
    )
    return hashlib.md5(f"{name}{said!r}".encode(), usedforsecurity=False).hexdigest()[-10:]


def given_to_test(tested: str, column: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What dbt gives to the macro of a generic test: the column, the arguments as written, and the table.

    >>> given_to_test("model.shop.orders.v2", "id", {})["model"]
    "{{ get_where_subquery(ref('orders', version='2')) }}"
    """
    model = f"{{{{ get_where_subquery({_reference(tested)}) }}}}"
    return {**({"column_name": column} if column else {}), **arguments, "model": model}


def _reference(unique_id: str) -> str:
    kind, _, name, *rest = unique_id.split(".", 3)
    if kind == "source":
        return f"source('{name}', '{rest[0]}')"
    return f"ref('{name}', version='{rest[0].removeprefix('v')}')" if rest else f"ref('{name}')"


def _hashable(value: Any) -> Any:
    """Keys in a fixed order, and every other thing as text."""
    if isinstance(value, Mapping):
        return {str(key): _hashable(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_hashable(each) for each in value]
    return str(value)
