"""Runs a command that ends when the process that started it ends, for whatever reason.

    python die_with_parent.py PARENT_PID SIGNAL COMMAND...

The kernel sends SIGNAL to the command when its parent has ended. PR_SET_PDEATHSIG survives exec but is cleared by a
change of user, so a command that changes the user comes before this one. Needs only the standard library.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def arm(parent: int, number: int) -> None:
    """Makes the kernel send signal `number` to this process when its parent ends. Exits if it has ended already.

    Does nothing on systems other than Linux.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        sys.exit("the parent has ended")


if __name__ == "__main__":
    arm(int(sys.argv[1]), int(sys.argv[2]))
    os.execvp(sys.argv[3], sys.argv[3:])
