"""Run a command while busy processes take its turns: `python scripts/under_load.py 20 make test`.

What passes on a quiet machine and fails under load waits for a time where it should wait for a
state.
"""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from multiprocessing import get_context, parent_process


def spin() -> None:
    """Be busy for as long as the parent lives."""
    parent = parent_process()
    while parent and parent.is_alive():
        sum(range(1_000_000))


def under_load(processes: int, command: list[str]) -> int:
    """Run the command beside so many busy processes; its exit code."""
    with ExitStack() as stack:
        for _ in range(processes):
            busy = get_context("spawn").Process(target=spin, daemon=True)
            busy.start()
            stack.callback(busy.join)
            stack.callback(busy.kill)
        return subprocess.run(command).returncode


def main() -> int:
    """Command line."""
    if len(sys.argv) < 3 or not sys.argv[1].isdigit():
        print("usage: python scripts/under_load.py PROCESSES COMMAND...", file=sys.stderr)
        return 2
    return under_load(int(sys.argv[1]), sys.argv[2:])


if __name__ == "__main__":
    raise SystemExit(main())
