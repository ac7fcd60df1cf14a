#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The unit of deploy/ as systemd judges it, and what the process itself gives up and is told.

systemd-analyze scores exposure from 0 (none) to 10; 4-quality wants the relay at 2.0 or below.
"""
import os
import pathlib
import re
import socket
import subprocess
import sys

from laws import TREE, case, circle, try_all

UNIT = TREE / "deploy" / "cercle-relay.service"
MOST = 2.0


def score(unit):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
                          capture_output=True, text=True)
    found = re.search(r"Overall exposure level.*?:\s*([0-9.]+)", done.stdout)
    return float(found[1]) if found else None, done.stdout[-300:] + done.stderr


def judged(place):
    got, said = score(UNIT)
    print(f"      exposure: {got}")
    case(f"systemd-analyze finds an exposure of at most {MOST}", got is not None and got <= MOST, said)
    bare = place / "cercle-relay.service"
    bare.write_text("[Service]\nExecStart=/usr/bin/cercle-relay serve\n")
    worse, said = score(bare)
    case("and sees one that is not confined", worse is not None and worse > 5, said)
    # systemd-analyze verify would look for the program itself, which is not installed here.
    text = UNIT.read_text().replace("/usr/bin/cercle-relay", str(circle.BIN / "cercle-relay"))
    bare.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", bare],
                          capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines()
                  if "cercle-relay.service" in line and "not executable" not in line]
    case("every line of it is one that systemd knows", not complaints, complaints)


class Manager:
    """What systemd would be for the relay: a socket that hears, and an environment."""

    def __init__(self, place):
        self.path = place / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(30)

    def hears(self):
        return self.socket.recv(256).decode()


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def told_and_given_up(place):
    manager = Manager(place)
    os.environ["NOTIFY_SOCKET"] = str(manager.path)
    os.environ["WATCHDOG_USEC"] = "300000"
    relay = circle.Relay(place / "relay")
    relay.start()
    del os.environ["NOTIFY_SOCKET"], os.environ["WATCHDOG_USEC"]
    words = {manager.hears() for _ in range(4)}
    case("systemd hears that it serves, and that it lives", words == {"READY=1", "WATCHDOG=1"}, words)
    status = status_of(relay.pid)
    case("every thread has given up system calls, for good",
         all(pathlib.Path(task, "status").read_text().count("Seccomp:\t2") == 1 and
             pathlib.Path(task, "status").read_text().count("NoNewPrivs:\t1") == 1
             for task in pathlib.Path(f"/proc/{relay.pid}/task").iterdir()), status.get("Seccomp"))
    limits = pathlib.Path(f"/proc/{relay.pid}/limits").read_text()
    case("it leaves no core", re.search(r"Max core file size\s+0\s+0", limits), limits)
    # Of a process that is not dumpable, /proc belongs to root; which root itself cannot tell.
    # There confine_test.cpp asks the process.
    if os.getuid() != 0:
        case("and nobody of its own user reads its memory",
             os.stat(f"/proc/{relay.pid}/mem").st_uid == 0, os.stat(f"/proc/{relay.pid}/mem"))
    relay.process.terminate()
    case("it stops when it is told", relay.process.wait(30) == 0, relay.process.returncode)
    heard = manager.hears()
    while heard == "WATCHDOG=1":
        heard = manager.hears()
    case("and says so", heard == "STOPPING=1", heard)


def world_readable(place):
    relay = circle.Relay(place / "open")
    relay.start()
    relay.process.terminate()
    relay.process.wait(30)
    for path, mode in ((relay.data, 0o755), (relay.data / "relay.key", 0o644),
                       (relay.data / "relay.db", 0o640)):
        before = path.stat().st_mode & 0o777
        path.chmod(mode)
        done = subprocess.run([circle.BIN / "cercle-relay", "serve", "--data", relay.data],
                              capture_output=True, text=True)
        case(f"it does not serve from a {path.name} of mode {mode:o}",
             done.returncode == 1 and "(permissions)" in done.stderr, (done.returncode, done.stderr))
        path.chmod(before)


def play(place):
    judged(place)
    told_and_given_up(place)
    world_readable(place)


if __name__ == "__main__":
    sys.exit(try_all(play))
