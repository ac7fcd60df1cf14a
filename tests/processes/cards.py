#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/guide/cards.md, executed: every fenced command in its order, in one shell that stops at the first
one that fails, with the real relay and a circle around it. What the page promises is looked at
afterwards."""
import json
import subprocess
import sys

import guide
from laws import TREE, case, circle, objects, try_all

GUIDE = TREE / "docs" / "guide" / "cards.md"


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
    status, said = guide.execute(GUIDE, place, {})
    case("every command of the guide works, in its order", status == 0, said[-3000:])
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


if __name__ == "__main__":
    sys.exit(try_all(play))
