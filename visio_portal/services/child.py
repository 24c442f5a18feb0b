"""Become one supervised program: take on an account, ask to end with the supervisor, and execute.

Runs as a file, before any package can be imported: python child.py [--account NAME] COMMAND...
"""

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)


def main(arguments: list[str]) -> None:
    """Execute the command; this process becomes it."""
    if arguments[0] == "--account":
        account = pwd.getpwnam(arguments[1])
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        arguments = arguments[2:]
    if sys.platform == "linux":  # after the change of account, which clears it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)
    os.execvp(arguments[0], arguments)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
