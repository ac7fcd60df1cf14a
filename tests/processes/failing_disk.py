# SPDX-License-Identifier: AGPL-3.0-or-later
"""A disk that fails on the n-th call, for real processes: strace answers in the kernel's place."""
import itertools
import subprocess

# What relay and devices ask of a disk when they write, and the opening of files.
CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "renameat2", "unlink",
         "openat")
ERRORS = ("EIO", "ENOSPC")
LASTING = ("", "+")  # that call only, or every one from it on


class Fault:
    """`when` is strace's: "3" is the third such call, "3+" each from the third on."""

    def __init__(self, call, error, when):
        self.call, self.error, self.when = call, error, when
        self.words = f"{call} {error} {when}"

    def under(self, log, files):
        """The command under which the calls that reach these files meet the fault."""
        paths = itertools.chain(*(("-P", file) for file in files))
        return ["strace", "-f", "-qq", "-o", log, *paths, "-e", f"trace={self.call}",
                "-e", f"inject={self.call}:error={self.error}:when={self.when}"]


def was_reached(log):
    return log.exists() and "(INJECTED)" in log.read_text(errors="replace")


def can_trace():
    """Whether this machine lets strace trace, and inject."""
    try:
        done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO",
                               "true"], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


def database(path):
    return [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")]


def home_files(home):
    return [home, home / "lock", home / "vault.slot", home / "vault.slot.new",
            *database(home / "vault.db")]


def relay_files(data):
    return [data, data / "lock", data / "relay.key", data / "relay.key.new",
            *database(data / "relay.db"), *database(data / "shares.db")]
