"""Processes that die with the one that started them.

A killed run worker would leave its dbt process behind, which would go on holding the warehouse.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def bind_to_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel to send this process a signal when its parent dies (Linux; else nothing).

    It survives `exec`. A parent that died before the call is not noticed: call it first of all.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, death_signal)


def dbt() -> None:
    """Run dbt's command line, bound to its parent: the program `shoptrack-dbt`."""
    bind_to_parent(signal.SIGKILL)
    from dbt.cli.main import cli  # noqa: PLC0415  (binding must not wait for imports)

    cli()


def main() -> None:
    """Become the program named by the arguments, bound to its parent."""
    bind_to_parent(signal.SIGTERM)
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
