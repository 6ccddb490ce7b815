"""Says which names environments can have, and notices those that were misspelt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection

from dryland.errors import UsageError
from dryland.state.work import REFUSED

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def verify_exists(name: str, known: Collection[str]) -> None:
    """Complain about an environment that is not there.

    Raises:
        UsageError: there is none of this name; says which is near.
    """
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(known))}."
        raise UsageError(f"there is no environment `{name}`.", hint=hint)


def verify_releasable(name: str, known: Collection[str]) -> None:
    """Complain about a new environment that no release should make by the way.

    Raises:
        UsageError: the name fits no schema, or is a slip away from an environment that is there.
    """
    if name in known:
        return
    verify_name(name)
    meant = [each for each in sorted(known) if _is_slip(name, each)]
    if meant:
        raise UsageError(
            f"there is no environment `{name}`.",
            hint=f"did you mean `{meant[0]}`? `dryland env create {name}` makes a new one.",
        )


def verify_name(name: str) -> None:
    """Complain about a name that no environment can have.

    Raises:
        UsageError: it does not fit into the name of a schema, or belongs to what the gate refuses.
    """
    if not NAME.fullmatch(name):
        raise UsageError(
            f"`{name}` cannot name an environment.",
            hint="lower-case letters, digits, _ and -, at most 40: it becomes a part of schema names.",
        )
    if name.endswith(REFUSED):
        raise UsageError(f"`{name}` is where Dryland keeps what the gate refuses.", hint="choose another name.")


def _is_slip(name: str, meant: str) -> bool:
    """Two letters swapped, or one too many or missing; `pr_4` and `pr_42` are two names.

    >>> _is_slip("prdo", "prod"), _is_slip("prodd", "prod"), _is_slip("pr_4", "pr_42")
    (True, True, False)
    """
    longer, shorter = (name, meant) if len(name) > len(meant) else (meant, name)
    if len(longer) == len(shorter):
        return name.isalpha() and sorted(name) == sorted(meant)
    return any(longer[:at] + longer[at + 1 :] == shorter and longer[at].isalpha() for at in range(len(longer)))
