#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/guide/cards.md, executed: every fenced command in its order, in one shell that stops at the first
one that fails, with the real relay and a circle around it. What the page promises is looked at
afterwards."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))

from demo import circle  # noqa: E402

GUIDE = TREE / "docs" / "guide" / "cards.md"
failures = []


def case(law, holds, seen=""):
    print(("ok    " if holds else "FAILS ") + law + ("" if holds else f"   {seen}"))
    if not holds:
        failures.append(law)


def commands():
    return re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.M | re.S)


def objects(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def texts(home):
    done = subprocess.run([circle.BIN / "cercle", "--home", home, "--json", "--pass-file",
                           f"{home}.passphrase", "read"], capture_output=True, text=True)
    return [json.loads(line)["text"] for line in done.stdout.splitlines()
            if '"type":"message"' in line]


def play(place):
    work = place / "work"
    work.mkdir(mode=0o700)
    relay = circle.Relay(work / "relay")
    relay.start()
    officer, alice = circle.Home(work, "officer"), circle.Home(work, "alice")
    officer.must("officer", "found", "Council", "--relay", relay.address, "--relay-key", relay.key)
    officer.start("officer", "serve")
    alice.join(officer, "alice")
    for name in ("zoe", "thief"):
        circle.Home(work, name)
    for name in ("alice", "zoe", "thief"):
        case(f"{name} has a passphrase", (work / f"{name}.passphrase").exists(), list(work.iterdir()))
    blocks = commands()
    case("the guide has commands", len(blocks) >= 6, len(blocks))
    script = place / "guide.sh"
    script.write_text("set -eu -o pipefail\n" + "\n".join(blocks))
    environment = dict(os.environ, WORK=str(work), PATH=f"{circle.BIN}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-x", script], env=environment, text=True, timeout=400,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          stdin=subprocess.DEVNULL)
    case("every command of the guide works, in its order", done.returncode == 0,
         done.stdout[-3000:])
    case("both ends have all that was said",
         (texts(work / "zoe"), texts(work / "alice"))
         == (["May I ask you something?", "Ask."],
             ["Bonjour, this is Zoe.", "May I ask you something?", "Ask."]),
         (texts(work / "zoe"), texts(work / "alice")))
    cards = {card["label"]: card for card in objects(work / "cards")}
    zoe = cards.get("Zoe, Le Monde", {})
    case("the leak is counted at her card, which is still bound",
         zoe.get("state") == "bound" and zoe.get("leaked", 0) > 0, cards)
    case("whoever was too late read nothing but that", "Zoe" not in (work / "thief.out").read_text(),
         (work / "thief.out").read_text())
    relay.kill()
    stored = b"".join(path.read_bytes() for path in (work / "relay").iterdir() if path.is_file())
    leaked = [word for word in ("Zoe", "Le Monde", "Reuters", "ask you") if word.encode() in stored]
    case("the relay's disk holds no label, name or word", not leaked, leaked)


def main():
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        try:
            play(pathlib.Path(folder))
        finally:
            circle.stop_everything()
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
