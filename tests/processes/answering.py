#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A card that another member answers, with the real programs: the President's, which her Cabinet answers."""
import sys

from laws import case, circle, of_type, try_all


def card_of(home, label):
    cards = of_type(home.run("card", "list")[1], "card")
    open_ones = [card for card in cards if card["label"] == label and card["state"] != "closed"]
    return (open_ones or cards or [{}])[0]


def request_of(home):
    return (of_type(home.run("requests")[1], "request") or [{}])[0]


def settle(*homes):
    for home in homes:
        home.must("sync")


def play(place):
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Council", "--relay", relay.address, "--relay-key", relay.key)
    officer.start("officer", "serve")
    president, cabinet = circle.Home(place, "President"), circle.Home(place, "Cabinet")
    president.join(officer, "President")
    cabinet.join(officer, "Cabinet")

    code, shown = president.run("card", "create", "Zoe, Le Monde", "--tier", "ring",
                                "--answered-by", "Cabinet")
    card = of_type(shown, "card")[0]
    case("who is asked has not agreed yet", code == 0 and card["state"] == "asked"
         and card["answered_by"] == "Cabinet" and card["answers_for"] is None
         and card["text"] is None, (code, shown))
    request = request_of(cabinet)
    case("the request says who asks, and for which card", request.get("kind") == "answering"
         and request["member"] == "President" and request["text"] == "Zoe, Le Monde", request)
    cabinet.must("confirm", request["request"])
    settle(president, cabinet)
    card = card_of(president, "Zoe, Le Monde")
    case("then the owner has its code", card.get("state") == "open"
         and (card.get("text") or "").startswith("CERCLE:"), card)
    theirs = card_of(cabinet, "Zoe, Le Monde")
    case("who answers sees for whom", theirs.get("answers_for") == "President"
         and theirs["answered_by"] is None and theirs["card"] == card["card"], theirs)

    zoe = circle.Home(place, "zoe")
    joined = zoe.must("join", card["text"], "--introduction", "Bonjour, this is Zoe.")
    claim = request_of(cabinet)
    case("her claim waits where the card is answered, with her words", claim.get("kind") == "claim"
         and claim["words"] == of_type(joined, "request")[0]["words"], (claim, joined))
    cabinet.must("confirm", claim["request"])
    zoe.must("sync")
    contact = of_type(zoe.run("contacts")[1], "contact")
    case("she sees who answers, and for whom", len(contact) == 1 and contact[0]["name"] == "Cabinet"
         and contact[0]["role"] == "answers for President", contact)
    zoe.must("send", "Cabinet", "May I ask you something?")
    cabinet.must("send", "Zoe, Le Monde", "Ask.")
    case("the two talk", zoe.texts("Cabinet") == ["May I ask you something?", "Ask."],
         zoe.texts("Cabinet"))
    code, shown = president.run("send", "Zoe, Le Monde", "It is me")
    case("the owner does not write by it", code == 1
         and shown[-1]["rule"] == "answered-elsewhere", (code, shown))
    case("and sees that it is bound", card_of(president, "Zoe, Le Monde")["state"] == "bound")

    president.must("card", "close", "Zoe, Le Monde")
    case("it is closed when its answerer has heard", card_of(president, "Zoe, Le Monde")["state"]
         == "closing")
    settle(cabinet, president)
    states = [one["state"] for one in of_type(president.run("card", "list")[1], "card")]
    case("and then it is", states == ["closed"], states)
    case("for her as well", zoe.run("send", "Cabinet", "Still there?")[0] != 0)

    relay.kill()
    stored = b"".join(path.read_bytes() for path in (place / "relay").iterdir() if path.is_file())
    leaked = [word for word in ("Zoe", "Le Monde", "President", "Cabinet") if word.encode() in stored]
    case("the relay's disk holds no label, name or word", not leaked, leaked)


if __name__ == "__main__":
    sys.exit(try_all(play))
