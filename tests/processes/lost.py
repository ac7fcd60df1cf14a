#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A lost phone, with the real programs: the officer's one act, what others and the phone itself see, and
the owner's return with another one."""
import sys

from laws import case, circle, of_type, try_all


def ends_with(home, command, code, rule):
    got, objects = home.run(*command)
    last = objects[-1] if objects else {}
    return got == code and last.get("rule") == rule, (got, objects)


def play(place):
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key)
    officer.start("officer", "serve")
    homes = {name: circle.Home(place, name) for name in ("alice", "bertrand", "chloe")}
    for name, home in homes.items():
        home.join(officer, name)
    alice, bertrand, chloe = homes.values()
    alice.must("group", "create", "cellule", "bertrand", "chloe")
    alice.must("send", "cellule", "avant")
    bertrand.must("sync")
    chloe.must("sync")

    code, objects = officer.run("officer", "lost", "bertrand", "--rehearse")
    lost = of_type(objects, "lost")
    case("a rehearsal names the device and does nothing",
         code == 0 and len(lost) == 1 and lost[0]["state"] == "rehearsed"
         and lost[0]["revoked"] is None, (code, objects))
    case("after it the device is as it was", bertrand.run("sync")[0] == 0)

    code, objects = officer.run("officer", "lost", "bertrand")
    lost = of_type(objects, "lost")
    case("the act ends well, with the relay's word", code == 0 and lost[0]["state"] == "dropped"
         and lost[0]["revocation"] == 1 and lost[0]["revoked"] is not None, (code, objects))
    case("and with how far the others are", of_type(objects, "progress")[-1]["devices"] == 3, objects)

    case("the phone says what it is", *ends_with(bertrand, ("sync",), 4, "revoked"))
    case("and reads what it had", bertrand.texts("cellule") == ["avant"], bertrand.texts("cellule"))

    alice.must("send", "cellule", "sans lui")
    chloe.must("sync")
    case("the others go on", chloe.texts("cellule") == ["avant", "sans lui"], chloe.texts("cellule"))
    code, objects = officer.run("--timeout", "60", "officer", "lost", "bertrand")
    progress = of_type(objects, "progress")[-1]
    case("said again, it tells that all have done it", code == 0 and progress["done"] == 3
         and progress["pending"] == 0 and of_type(objects, "lost")[0]["revocation"] == 1,
         (code, objects))
    case("members see since when", of_type(chloe.run("devices", "bertrand")[1], "device")[0]["revoked"]
         is not None)
    listed = of_type(officer.run("officer", "devices")[1], "device")
    case("the officer sees all devices", len(listed) == 4
         and sum(one["revoked"] is not None for one in listed) == 1, listed)

    case("nobody of that name is a sentence", *ends_with(officer, ("officer", "lost", "zoe"), 1, "unknown"))
    case("nor does the officer lose his own",
         *ends_with(officer, ("officer", "lost", "Officer"), 1, "invalid-argument"))
    case("nor is one replaced who has a device",
         *ends_with(officer, ("officer", "invite", "--replaces", "alice"), 1, "invalid-argument"))
    case("who comes back keeps his name",
         officer.run("officer", "invite", "Bob", "--replaces", "bertrand")[0] == 2)

    code, objects = officer.run("officer", "invite", "--replaces", "bertrand", "--unattended")
    made = of_type(objects, "invite")[0]
    phone = circle.Home(place, "bertrand2")
    joined = phone.must("--timeout", "60", "join", made["text"], "--code", made["code"])
    case("the new phone is the same member", of_type(joined, "join")[0]["member"] == lost[0]["member"],
         joined)
    for _ in range(3):
        for home in (alice, chloe, phone):
            home.must("sync")
    case("and in the same conversations",
         any(one.get("action") == "replaced" for one in chloe.run("read", "cellule")[1]),
         chloe.run("read", "cellule"))
    case("nobody sends to it unasked",
         *ends_with(chloe, ("send", "cellule", "te revoilà"), 1, "held"))
    chloe.must("accept", "bertrand")
    case("and nobody has cause for alarm", chloe.must("alarms") == [] and alice.must("alarms") == [])
    chloe.must("sync")
    phone.must("sync")
    case("where he reads what is said now", phone.texts("cellule") == ["te revoilà"],
         phone.texts("cellule"))
    relay.process.terminate()
    relay.process.wait()
    case("the relay's store verifies", relay.verified()[0], relay.verified()[1])


if __name__ == "__main__":
    sys.exit(try_all(play))
