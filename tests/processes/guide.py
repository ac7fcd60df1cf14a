#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/guide/operator.md, executed: every fenced command in its order, in one shell that stops at the
first one that fails. What the page promises about the results is looked at afterwards."""
import os
import re
import signal
import socket
import subprocess
import sys

from laws import TREE, case, circle, try_all

GUIDE = TREE / "docs" / "guide" / "operator.md"


def commands(page):
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(), re.M | re.S)


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def execute(page, place, ports):
    """The page's commands in one shell, with ports by their names: how it ended, and all that was said."""
    blocks = commands(page)
    case("the guide has commands", len(blocks) >= 6, len(blocks))
    script = place / "guide.sh"
    script.write_text("set -eu -o pipefail\n" + "\n".join(blocks))
    environment = dict(os.environ, WORK=str(place / "work"),
                       PATH=f"{circle.BIN}:{os.environ['PATH']}")
    environment.update({name: str(port) for name, port in ports.items()})
    process = subprocess.Popen(["bash", "-x", script], env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        said, _ = process.communicate(timeout=560)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)  # what the shell has left behind, if anything
        except ProcessLookupError:
            pass
    return process.returncode, said


def texts(home):
    done = subprocess.run([circle.BIN / "cercle", "--home", home, "--json", "--pass-file",
                           f"{home}.pass", "read", "alice"], capture_output=True, text=True)
    return re.findall(r'"text":"([^"]*)"', done.stdout)


def play(place):
    port, metrics = free_ports(2)
    status, said = execute(GUIDE, place, {"PORT": port, "METRICS_PORT": metrics})
    case("every command of the guide works, in its order", status == 0, said[-3000:])
    case("no secret of it was printed", "PRIVATE KEY" not in said)
    work = place / "work"
    case("the metrics end as OpenMetrics wants", (work / "metrics").read_text().endswith("# EOF\n"))
    diary = (work / "diary").read_text()
    case("the diary names no address and no id", not re.search(r"127\.0\.0\.1|[0-9a-f]{16}", diary),
         diary)
    keys = re.findall(r'"type":"rotated","key":"([0-9a-f]{64})"', said)
    first = re.findall(r'"type":"relay","key":"([0-9a-f]{64})"', said)
    case("the key was replaced", len(keys) == 1 and len(first) == 1 and keys != first, (first, keys))

    # What Alice wrote is at a relay that was restored and whose key was replaced; Bertrand has been away.
    relay = circle.Relay(work / "relay", f"127.0.0.1:{port}")
    relay.start()
    case("it serves with its new key", relay.key == keys[0] if keys else False, (relay.key, keys))
    case("what was said before and after is all there",
         texts(work / "bertrand") == ["before the backup", "after the restore", "under the new key"],
         texts(work / "bertrand"))


if __name__ == "__main__":
    sys.exit(try_all(play))
