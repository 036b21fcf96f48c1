"""Runs one command that ends with the process that started it, however that one ends.

    python leash.py PARENT_PID SIGNAL COMMAND...

The kernel sends SIGNAL to the command when its parent is gone (PR_SET_PDEATHSIG survives this exec, and is cleared by
a change of user: so what changes the user comes before). Needs only the standard library, and no Django.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def arm(parent: int, number: int) -> None:
    """From now on this process gets the signal when its parent ends; it ends at once if that has happened already."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:
        sys.exit("the parent has ended")


if __name__ == "__main__":
    arm(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
