"""Runs Python code in a process that the kernel kills if it opens an internet socket, in any language.

Typst is compiled code, which no patch of Python's socket module would see. Linux's seccomp does.
"""

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOCKET = {"x86_64": 41, "aarch64": 198}  # numbers of the system call; source: Linux's syscall tables

GUARD = """
import ctypes, struct
def step(code, yes, no, value):
    return struct.pack("HBBI", code, yes, no, value)
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06
program = b"".join([
    step(LOAD, 0, 0, 0),               # the system call's number
    step(EQUAL, 0, 4, {number}),       # not socket(): allow
    step(LOAD, 0, 0, 16),              # its first argument: the family
    step(EQUAL, 1, 0, 2),              # AF_INET: kill
    step(EQUAL, 0, 1, 10),             # not AF_INET6: allow
    step(RETURN, 0, 0, 0x80000000),    # kill the process
    step(RETURN, 0, 0, 0x7FFF0000),    # allow
])
kept = ctypes.create_string_buffer(program)
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0   # no new privileges
asked = Filter(len(program) // 8, ctypes.addressof(kept))
assert libc.prctl(22, 2, ctypes.byref(asked), 0, 0) == 0  # seccomp, with a filter
"""


def run(code: str, before: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """The finished process of `code`; its return code is negative when the kernel killed it.

    `before` runs unguarded: urllib3 tries a socket when it is imported, to learn whether there is IPv6.
    """
    guard = GUARD.format(number=SOCKET[platform.machine()])
    return subprocess.run(
        [sys.executable, "-c", before + guard + code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "DJANGO_SETTINGS_MODULE": "portal.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
