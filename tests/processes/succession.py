#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The office moves, with the real programs: from a backup, after the officer's machine is gone, killed while it
comes back; and to a successor."""
import signal
import sys

from laws import case, circle, of_type, try_all
from lost import ends_with

from demo.load import wait_for  # noqa: E402


def sync_all(homes, rounds=2):
    for _ in range(rounds):
        for home in homes:
            home.must("sync")


def officer_seen_by(home):
    return of_type(home.run("status")[1], "status")[0]["officer"] or {}


def play(place):
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key)
    serving = officer.start("officer", "serve")
    alice, bertrand, chloe = (circle.Home(place, name) for name in ("alice", "bertrand", "chloe"))
    alice.join(officer, "alice")
    bertrand.join(officer, "bertrand")
    case("nobody has moved the office", officer_seen_by(alice) == {})

    word = place / "backup.pass"
    word.write_text("a passphrase of its own\n")
    other = place / "other.pass"
    other.write_text("another one\n")
    file = place / "office.backup"
    made = ("officer", "backup", file, "--backup-pass-file", word)
    code, objects = officer.run(*made)
    backup = of_type(objects, "backup")
    case("a backup says where the journal stands", code == 0 and len(backup) == 1
         and backup[0]["size"] == file.stat().st_size, (code, objects))
    case("the file is for nobody else", file.stat().st_mode & 0o077 == 0)
    case("there is none without a passphrase",
         *ends_with(officer, ("officer", "backup", place / "none"), 2, "usage"))
    case("nor does a member make one",
         *ends_with(alice, ("officer", "backup", place / "none", "--backup-pass-file", word), 1,
                    "not-an-officer"))

    # After it: somebody comes, a phone is lost, and then the machine.
    chloe.join(officer, "chloe")
    officer.must("officer", "lost", "bertrand")
    sync_all((alice, chloe))
    noted = of_type(officer.run("officer", "journal", "--verify")[1], "journal_head")[0]["head"]
    serving.send_signal(signal.SIGKILL)
    serving.wait()

    second = circle.Home(place, "second")
    restore = ("--timeout", "3", "officer", "restore", file, "--backup-pass-file")
    case("another passphrase opens nothing", *ends_with(second, (*restore, other), 4, "backup-locked"))
    changed = place / "changed.backup"
    changed.write_bytes(file.read_bytes()[:-1] + bytes([file.read_bytes()[-1] ^ 1]))
    case("nor does a file that was changed",
         *ends_with(second, ("officer", "restore", changed, "--backup-pass-file", word), 4,
                    "backup-locked"))
    case("a home in which somebody lives is left alone",
         *ends_with(alice, (*restore, word), 1, "home-taken"))
    case("the restored machine waits to be told",
         *ends_with(second, (*restore, word), 7, "office-gathering"))
    case("and says nothing before",
         *ends_with(second, ("officer", "invite", "eve"), 7, "office-gathering"))
    serving = second.start("officer", "serve")
    sync_all((alice,))
    serving.send_signal(signal.SIGKILL)
    serving.wait()
    serving = second.start("officer", "serve")
    sync_all((alice, chloe, alice, chloe))
    code, objects = second.run("--timeout", "120", "officer", "resume")
    stands = of_type(objects, "office")
    case("it opens, killed or not", code == 0 and stands[-1]["state"] == "open", (code, objects))
    sync_all((alice, chloe))
    for home in (alice, chloe):
        seen = officer_seen_by(home)
        case(f"{home.name} is shown that the officer is on another machine",
             seen.get("how") == "restored" and seen.get("name") == "Officer", seen)
        case(f"{home.name} has no cause for alarm", home.must("alarms") == [], home.run("alarms"))
    devices = of_type(second.run("officer", "devices")[1], "device")
    case("nothing was forgotten: who came since is there, and who was lost is out",
         len(devices) == 5 and sum(one["revoked"] is not None for one in devices) == 2, devices)
    case("the journal holds", second.run("officer", "journal", "--verify")[0] == 0)
    case("and does not lead to what was noted later",
         second.run("officer", "journal", "--head", noted)[0] == 1)
    case("the lost phone is out as before", *ends_with(bertrand, ("sync",), 4, "revoked"))
    denise = circle.Home(place, "denise")
    denise.join(second, "denise")
    alice.must("--timeout", "30", "send", "denise", "bienvenue")
    denise.must("sync")
    case("the office goes on", denise.texts("alice") == ["bienvenue"], denise.texts("alice"))

    handed = place / "office.handed"
    code, objects = second.run("officer", "hand-over", "alice", handed, "--backup-pass-file", word)
    case("the office is handed over", code == 0
         and of_type(objects, "office")[0]["state"] == "handed-over", (code, objects))
    case("whoever served, ends", serving.wait(timeout=60) == 1)
    case("the machine before refuses",
         *ends_with(second, ("officer", "invite", "eve"), 1, "handed-over"))
    third = circle.Home(place, "third")
    code, objects = third.run("--timeout", "120", "officer", "restore", handed,
                              "--backup-pass-file", word)
    case("the successor takes it up", code == 0, (code, objects))
    sync_all((alice, chloe, denise, second))
    for home in (alice, chloe, denise, second):
        seen = officer_seen_by(home)
        case(f"{home.name} is shown who the officer is",
             seen.get("how") == "handed-over" and seen.get("name") == "alice", seen)
    case("the machine before is a member's, and has no root any more",
         *ends_with(second, ("officer", "members"), 1, "handed-over"))
    serving = third.start("officer", "serve")
    emile = circle.Home(place, "emile")
    emile.join(third, "emile")

    def knows_emile():
        second.must("sync")
        return "emile" in {one["name"] for one in of_type(second.must("contacts"), "contact")}

    # He is in the directory a moment after he was let in.
    wait_for(knows_emile, "who comes later is shown to the machine before")
    second.must("--timeout", "30", "send", "emile", "bonjour")
    emile.must("sync")
    case("and talks with who comes later", emile.texts("Officer") == ["bonjour"], emile.run("read"))
    relay.process.terminate()
    relay.process.wait()
    case("the relay's store verifies", relay.verified()[0], relay.verified()[1])


if __name__ == "__main__":
    sys.exit(try_all(play))
