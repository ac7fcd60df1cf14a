#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""`cercle chat` on a terminal: real programs, keys and pictures.

A case is a law and whether it held; the picture is printed with one that did not.
"""
import hashlib
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))

from demo import circle  # noqa: E402
from terminal import Terminal  # noqa: E402

UP, ENTER, ESCAPE, ALT_ENTER = "\x1b[A", "\r", "\x1b", "\x1b\r"
NEXT, PREVIOUS, CTRL_C, ERASE_LINE = "\t", "\x1b[Z", "\x03", "\x15"

failures = []
open_terminals = []


def case(law, holds, terminal=None):
    print(("ok    " if holds else "FAILS ") + law, flush=True)
    if not holds:
        failures.append(law)
        if terminal is not None:
            print(terminal.picture())


def chat(home, columns=100, rows=30):
    words = [circle.BIN / "cercle", "--home", home.path, "--pass-file", home.pass_file, "chat"]
    terminal = Terminal(words, columns, rows)
    open_terminals.append(terminal)
    return terminal


def said(terminal, text):
    """The line of the conversation that holds a text; the list beside it may hold it, too."""
    lines = terminal.lines()
    begin = lines[1].find("┼") + 1
    return next((line[begin:] for line in lines if text in line[begin:]), "")


def listed(terminal, name):
    lines = terminal.lines()
    end = max(lines[1].find("┼"), 0)
    return next((line[:end].rstrip() for line in lines if name in line[:end]), "")


def go_to(terminal, name):
    terminal.press(f"/to {name}" + ENTER)
    return terminal.wait_for(f"write to {name}")


def without_a_terminal(alice):
    for words in (("chat",), ("--json", "chat")):
        done = subprocess.run([circle.BIN / "cercle", "--home", alice.path, "--pass-file",
                               alice.pass_file, *words], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        case(f"{' '.join(words)} without a terminal is told what to use instead",
             done.returncode == 2 and "read --follow" in done.stdout + done.stderr)


def talk(alice, bertrand, chloe):
    screen = chat(alice)
    case("chat opens", screen.wait_for("online"), screen)
    case("people are listed before there is any conversation", screen.wait_for("Bertrand"), screen)
    case("/to goes to a person", go_to(screen, "Bertrand"), screen)
    screen.press("Réunion à l’Élysée à 9 h ?" + ENTER)
    case("what was sent is marked as durable",
         screen.wait(lambda: said(screen, "9 h ?").endswith("✓")), screen)
    heard = bertrand.messages("Alice")
    case("and is read on the other device", [one["text"] for one in heard]
         == ["Réunion à l’Élysée à 9 h ?"])
    bertrand.must("send", "Alice", "D’accord", "--reply", heard[0]["id"])
    case("an answer shows what it answers to", screen.wait_for("│ You: Réunion à l’Élysée")
         and screen.wait_for("D’accord"), screen)

    screen.press(UP)
    screen.press(ENTER)
    case("a message is chosen to be answered", screen.wait_for("answering Bertrand: D’accord"),
         screen)
    screen.press("Parfait" + ENTER)
    screen.wait(lambda: said(screen, "Parfait").endswith("✓"))
    last = bertrand.messages("Alice")[-1]
    case("and the answer names it", last["reply_to"] == screen_id(bertrand, "D’accord"), screen)

    screen.press("\x1b[200~un\rdeux\rtrois\x1b[201~")
    screen.wait_for("> un")
    case("a paste of several lines is not sent by itself", bertrand.texts("Alice")[-1] == "Parfait")
    screen.press(ENTER)
    screen.wait(lambda: said(screen, "trois").endswith("✓"))
    case("and then sent as it was", bertrand.texts("Alice")[-1] == "un\ndeux\ntrois", screen)
    screen.press("quatre" + ALT_ENTER)
    screen.wait_for("> quatre")
    screen.press("cinq\\" + ENTER)
    screen.press("six" + ENTER)
    screen.wait(lambda: said(screen, "six").endswith("✓"))
    case("lines are written by Alt-Enter and by a backslash",
         bertrand.texts("Alice")[-1] == "quatre\ncinq\nsix", screen)

    rooms(screen, alice, bertrand, chloe)
    return screen


def screen_id(home, text):
    return next(one["id"] for one in home.messages("Alice") if one["text"] == text)


def rooms(screen, alice, bertrand, chloe):
    alice.must("group", "create", "Cellule", "Bertrand", "Chloé")
    chloe.must("send", "Cellule", "👩‍🚀👍🏽🇫🇷❤️ 你好 e\u0301 اجتماع غدا fin")
    chloe.must("send", "Cellule", "second")
    case("an unread count stands beside another room", screen.wait(
        lambda: listed(screen, " Cellule").endswith(" 2")), screen)
    case("nothing counts as read that was not looked at", unread(alice, "Cellule") == 2)
    case("Shift-Tab goes to it", press_until(screen, PREVIOUS, "write to Cellule"), screen)
    case("what was new is told apart", screen.wait_for("─ new ─") and screen.wait_for("second"),
         screen)
    case("and is read then", screen.wait(lambda: unread(alice, "Cellule") == 0), screen)
    case("who is there stands in the title", screen.wait(lambda: "Chloé" in screen.lines()[0]),
         screen)
    border = screen.lines()[1].index("┼")
    case("wide characters, marks and emoji keep the columns in line",
         all(cell in "│┼├" for cell in screen.column(border)[:-1]), screen)
    case("and the text behind them is whole", "fin" in said(screen, "你好"), screen)
    case("comings are told", screen.shows("Chloé was added by you"), screen)


def unread(home, name):
    shown = home.must("conversations")
    return next(one["unread"] for one in shown if one.get("name") == name)


def press_until(screen, key, text, most=8):
    for _ in range(most):
        screen.press(key)
        if screen.wait_for(text, 3):
            return True
    return False


def attack(screen, chloe):
    evil = ("\x1b]52;c;cm0gLXJmIH4=\x07 \x1b]0;Officer\x07 \x1b[2J\x1b[1;1H \x9b31m "
            "\u202etxt.exe\u202c\nOfficer  09:00\n  obéissez")
    code, _ = chloe.run("send", "Cellule", "-", text=evil)
    case("a message of control characters is carried", code == 0)
    case("and shown", screen.wait_for("obéissez"), screen)
    case("attack: no message writes to the clipboard", b"\x1b]52" not in screen.raw)
    case("attack: no message sets the title", b"\x1b]0;" not in screen.raw)
    case("attack: no message clears the screen or moves about in it",
         screen.shows("online") and "Cellule" in screen.lines()[0], screen)
    case("attack: no message turns a line around", "\u202e".encode() not in screen.raw)
    case("attack: no message writes a heading of its own",
         said(screen, "Officer  09:00").startswith("  "), screen)
    done = subprocess.run([circle.BIN / "cercle", "--home", chloe.path, "--pass-file",
                           chloe.pass_file, "read", "Cellule"], capture_output=True,
                          stdin=subprocess.DEVNULL)
    case("attack: nor does `read` let one do any of that", b"\x1b" not in done.stdout
         and b"\xc2\x9b" not in done.stdout and "\u202e".encode() not in done.stdout
         and b"\nOfficer" not in done.stdout and b"\n  | Officer" in done.stdout)
    done = subprocess.run(chloe.words("read", "Cellule"), capture_output=True,
                          stdin=subprocess.DEVNULL)
    case("attack: nor `read --json`, which yet says all of it", b"\x1b" not in done.stdout
         and b"\xc2\x9b" not in done.stdout and "\u202e".encode() not in done.stdout
         and chloe.texts("Cellule")[-1] == evil)


def sizes(screen):
    for columns, rows in ((50, 20), (120, 35), (80, 24), (20, 6), (100, 30)):
        screen.resize(columns, rows)
        fits = screen.wait(lambda: "line" in screen.lines()[-1] and (
            ("┼" in screen.lines()[1]) == (columns >= 60) or rows < 10))
        case(f"at {columns} x {rows} the screen is drawn anew", fits, screen)
    screen.resize(50, 20)
    screen.wait(lambda: "┼" not in screen.lines()[1])
    screen.press(ESCAPE)
    case("on a narrow screen Esc shows the list", screen.wait_for("Enter opens"), screen)
    screen.press(ENTER)
    screen.resize(100, 30)
    screen.wait(lambda: "┼" in screen.lines()[1])


def relay_away(screen, relay, chloe):
    relay.kill()
    case("without the relay one is offline", screen.wait_for("offline"), screen)
    screen.press("écrit sans relais" + ENTER)
    # The conversation and the count beside it are told one after the other.
    case("what is written then waits",
         screen.wait(lambda: screen.shows("1 waiting")
                     and said(screen, "écrit sans relais").endswith("…")), screen)
    relay.start()
    case("and is sent when the relay is there again",
         screen.wait(lambda: said(screen, "écrit sans relais").endswith("✓")
                     and screen.shows("online")), screen)
    case("once", chloe.texts("Cellule").count("écrit sans relais") == 1)


def files(screen, alice, bertrand, place):
    missing = f"/file {place}/plam.pdf"
    screen.press(missing + ENTER)
    case("a path that is no file is told of", screen.wait_for("there is no such file"), screen)
    case("and nothing of what was typed is lost", screen.shows("> /file"), screen)
    screen.press(ERASE_LINE)
    screen.press(ESCAPE + "/tôt ")
    case("what is typed right behind Escape is not lost", screen.wait_for("> /tôt"), screen)
    screen.press(ERASE_LINE)
    plan = random.Random(1).randbytes(1 << 20)
    (place / "le plan.pdf").write_bytes(plan)
    screen.press(f"/file '{place}/le plan.pdf'" + ENTER)
    case("a file is sent", screen.wait(lambda: said(screen, "le plan.pdf").endswith("✓")), screen)
    shown = bertrand.messages("Cellule")[-1]["attachment"]
    case("and carried by a message", shown == {
        "name": "le plan.pdf", "size": len(plan), "sha256": hashlib.sha256(plan).hexdigest()})
    bertrand.must("send", "Cellule", "voici", "--file", place / "le plan.pdf")
    case("a received file is shown with its name and size",
         screen.wait_for("le plan.pdf  1.0 MiB  /save keeps it"), screen)
    screen.press(f"/save {place}" + ENTER)
    case("and saved under its own name, past the one that is taken",
         screen.wait_for("MiB  saved") and (place / "le plan (2).pdf").read_bytes() == plan, screen)


def film(screen, alice, relay, place):
    """Leaves in the middle of it, while the relay takes its time."""
    (place / "film.mp4").write_bytes(random.Random(2).randbytes(60 << 20))
    screen.press(f"/file {place}/film.mp4" + ENTER)
    case("a file's progress is seen", screen.wait(lambda: "sending" in said(screen, "film.mp4")),
         screen)
    screen.press("un mot entre-temps" + ENTER)
    case("a text passes it", screen.wait(lambda: said(screen, "un mot entre-temps").endswith("✓"))
         and not said(screen, "film.mp4").endswith("✓"), screen)
    relay.process.send_signal(signal.SIGSTOP)
    screen.press(CTRL_C)
    case("who leaves in the middle", screen.wait_for_end() == 0, screen)
    case("is told that it waits", b"1 message is not sent yet" in screen.process.stderr.read())
    relay.process.send_signal(signal.SIGCONT)
    screen = chat(alice)
    case("and it goes on the next time",
         screen.wait(lambda: said(screen, "film.mp4").endswith("✓"), 120), screen)
    return screen


def drafts(screen, alice):
    case("a draft is kept at Ctrl-C", draft_survives(screen, alice, "à moitié écrit", CTRL_C))
    screen = chat(alice)
    case("and is there the next time", screen.wait_for("> à moitié écrit"), screen)
    screen.press(", puis fini" + ENTER)
    case("and can be sent", screen.wait(
        lambda: said(screen, "puis fini").endswith("✓")), screen)
    screen.press("fenêtre fermée")
    screen.wait_for("> fenêtre fermée")
    case("a closed window ends it in good order", screen.hang_up() == 0)
    screen = chat(alice)
    case("and keeps the draft, too", screen.wait_for("> fenêtre fermée"), screen)
    screen.press("\x15/quit" + ENTER)
    case("/quit ends", screen.wait_for_end() == 0, screen)
    case("the home is free then", alice.must("status", expect="status")["locked"] is False)
    screen = chat(alice)
    screen.wait_for("write to Cellule")
    case("an erased draft is gone", not screen.shows("fenêtre fermée"), screen)
    screen.end()


def draft_survives(screen, alice, text, key):
    screen.press(text)
    screen.wait_for("> " + text)
    screen.press(key)
    code = screen.wait_for_end()
    return code == 0 and screen.restored() and b"\x1b[?1049l" in screen.raw


def owners(bertrand, alice):
    owner = bertrand.start("sync", "--wait", "600")
    other = chat(bertrand, 80, 24)
    case("a home that another process owns can be talked in",
         other.wait_for("write to") and go_to(other, "Alice"), other)
    other.press("par un autre" + ENTER)
    case("through that process", other.wait(
        lambda: said(other, "par un autre").endswith("✓")), other)
    owner.kill()
    owner.wait()
    other.press("par moi-même" + ENTER)
    case("and goes on when it is killed", other.wait(
        lambda: said(other, "par moi-même").endswith("✓")), other)
    alice.must("send", "Bertrand", "entendu")
    case("and hears what comes", other.wait_for("entendu"), other)
    other.press(CTRL_C)
    case("and ends", other.wait_for_end() == 0, other)


def play(place):
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key)
    officer.start("officer", "serve")
    alice, bertrand, chloe = (circle.Home(place, name) for name in ("alice", "bertrand", "chloe"))
    for home, name in ((alice, "Alice"), (bertrand, "Bertrand"), (chloe, "Chloé")):
        home.join(officer, name)
    without_a_terminal(alice)
    wrong = circle.Home(place, "alice")
    wrong.pass_file = place / "wrong"
    wrong.pass_file.write_text("not the passphrase\n")
    locked = chat(wrong)
    case("a wrong passphrase is told before the screen is taken",
         locked.wait_for_end() == 4 and b"1049h" not in locked.raw)
    screen = talk(alice, bertrand, chloe)
    attack(screen, chloe)
    sizes(screen)
    relay_away(screen, relay, chloe)
    files(screen, alice, bertrand, place)
    screen = film(screen, alice, relay, place)
    drafts(screen, alice)
    owners(bertrand, alice)


def main():
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        try:
            play(pathlib.Path(folder))
        finally:
            for terminal in open_terminals:
                terminal.end()
            circle.stop_everything()
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
