#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type wrong, and bytes that nobody typed: each ends in a clear refusal.

Real programs on a circle of two. A case is a line: what is done, the exit code, the rule.
"""
import json
import os
import random
import re
import socket
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree
import zlib

from laws import case, circle, try_all


def refused(law, home, command, code, rule):
    got, objects = home.run(*command)
    last = objects[-1] if objects else {}
    holds = got == code and last.get("type") == "error" and last.get("rule") == rule
    holds = holds and len(last.get("sentence", "")) > 15
    case(law, holds, (got, objects))


def invitations(place, officer, alice):
    made = officer.must("officer", "invite", "Zoé", "--unattended", expect="invite")
    text, code = made["text"], ("--code", made["code"])
    stranger = circle.Home(place, "stranger")
    refused("an invitation cut off is told from a spent one", stranger,
            ("join", text[:-3]), 1, "invitation-checksum")
    changed = text[:40] + ("A" if text[40] != "A" else "B") + text[41:]
    refused("an invitation mistyped likewise", stranger, ("join", changed), 1,
            "invitation-checksum")
    refused("something else is no invitation", stranger, ("join", "bonjour"), 1, "malformed")
    refused("an endless invitation is refused", stranger, ("join", "CERCLE:" + "A" * 100_000), 1,
            "malformed")
    short = officer.must("officer", "invite", "Zoé", "--expires", "1s", expect="invite")["text"]
    late = time.time() + 2
    while time.time() < late:
        alice.must("status")
    refused("an invitation expires", stranger, ("join", short), 1, "invitation-expired")
    second = officer.must("officer", "invite", "Zoé", "--unattended", expect="invite")
    refused("an unattended invitation asks for its code", stranger, ("join", second["text"]), 1,
            "code-needed")
    alice_again = officer.must("officer", "invite", "Alice", expect="invite")["text"]
    refused("a home holds one device", alice, ("join", alice_again), 1, "home-taken")
    spaced = "\n".join(text[at:at + 30].lower() for at in range(0, len(text), 30))
    ended, objects = stranger.run("--timeout", "60", "join", "-", *code, text=spaced + "\n")
    case("an invitation read from a mail, broken into lines, joins", ended == 0, (ended, objects))
    late = circle.Home(place, "late")
    refused("a used invitation is used", late, ("join", text, *code), 1, "invitation-spent")


def pictures(place, officer):
    """Read by Python's own zlib, which knows nothing of ours."""
    files = [place / "one.svg", place / "one.png"]
    rows = []
    for file in files:
        made = officer.must("officer", "invite", "Walid", "--qr", file, expect="invite")
        case(f"{file.name} is its owner's alone", file.stat().st_mode & 0o777 == 0o600)
        rows.append(made["text"])
    svg = files[0].read_text()
    side = int(re.search(r'viewBox="0 0 (\d+) ', svg)[1])
    case("an SVG is well formed, and dark in its three corners",
         xml.etree.ElementTree.fromstring(svg) is not None
         and all(f"M{x} {y}h1" in svg for x, y in ((4, 4), (4, side - 5), (side - 5, 4))), svg[:300])
    png = files[1].read_bytes()
    chunks, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at:at + 8])
        content = png[at + 8:at + 8 + length]
        holds = struct.unpack(">I", png[at + 8 + length:at + 12 + length])[0] == zlib.crc32(kind + content)
        chunks.append((kind, content, holds))
        at += 12 + length
    case("a PNG is three chunks whose sums hold",
         [kind for kind, _, _ in chunks] == [b"IHDR", b"IDAT", b"IEND"] and all(one[2] for one in chunks))
    width, height, depth = struct.unpack(">IIB", chunks[0][1][:9])
    lines = zlib.decompress(chunks[1][1])
    case("with the lines that its head promises, square and dark in the corner",
         depth == 1 and width == height == side * 8 and len(lines) == height * (1 + width // 8)
         and lines[4 * 8 * (1 + width // 8) + 1 + 4] == 0, (width, height, depth, len(lines)))
    before = len(officer.must("officer", "journal"))
    refused("a picture does not overwrite", officer,
            ("officer", "invite", "Walid", "--qr", files[0]), 1, "already-exists")
    refused("nor is an invitation made whose picture has no place", officer,
            ("officer", "invite", "Walid", "--qr", place / "missing" / "x.png"), 1, "unreadable")
    refused("nor one of another kind", officer, ("officer", "invite", "Walid", "--qr", "x.gif"), 2,
            "usage")
    case("nothing came of those", len(officer.must("officer", "journal")) == before)


def approvals(place, officer):
    made = officer.must("officer", "invite", "Yann", expect="invite")
    case("an attended invitation has no code", made["code"] is None, made)
    yann = circle.Home(place, "yann")
    refused("a newcomer whom nobody has approved yet is told to go on later", yann,
            ("--timeout", "3", "join", made["text"]), 7, "deadline-passed")
    joining, shown = yann.knock(made["text"])
    waiting = officer.must("officer", "requests", expect="request")
    case("both sides name the same request, with the same words",
         (waiting["request"], waiting["words"]) == (shown["request"], shown["words"]), (waiting, shown))
    refused("nobody waits under that", officer, ("officer", "approve", "Nobody", "--words", "x"), 1,
            "unknown")
    refused("a sentence is not six words", officer,
            ("officer", "approve", "Yann", "--words", "let him in please"), 1, "words-invalid")
    wrong = " ".join(reversed(shown["words"].split()))
    refused("the right words the wrong way round are wrong", officer,
            ("officer", "approve", "Yann", "--words", wrong), 1, "words-wrong")
    said = subprocess.run([circle.BIN / "cercle", "--home", officer.path, "--pass-file",
                           officer.pass_file, "officer", "requests"], capture_output=True, text=True)
    case("the officer's screen names who waits, and not the words",
         "Yann" in said.stdout and shown["words"].split()[0] not in said.stdout, said.stdout)
    typed = "-".join(shown["words"].upper().split())
    ended, objects = officer.run("officer", "approve", shown["request"], "--words", typed)
    case("words in capitals, with hyphens, admit", ended == 0, (ended, objects))
    rest, _ = joining.communicate(timeout=60)
    case("and the newcomer has joined", joining.returncode == 0 and '"type":"join"' in rest, rest)
    made = officer.must("officer", "invite", "Xenia", expect="invite")
    joining, shown = circle.Home(place, "xenia").knock(made["text"])
    case("who waits can be refused", officer.run("officer", "refuse", shown["request"])[0] == 0)
    rest, _ = joining.communicate(timeout=60)
    case("and is told so", joining.returncode == 1 and "invitation-spent" in rest, rest)
    head = officer.must("officer", "journal", "--verify", expect="journal_head")
    case("the journal holds", head["verified"] and head["head"].startswith(f"{head['number']}:"),
         head)
    ended, objects = officer.run("officer", "journal", "--head", head["head"])
    case("and leads to its head", ended == 0, objects)
    other = f"{head['number']}:{'0' * 64}"
    refused("a head that the journal never had is found", officer,
            ("officer", "journal", "--head", other), 1, "journal-changed")
    refused("and so is one that it no longer reaches", officer,
            ("officer", "journal", "--head", f"{head['number'] + 1}:{'0' * 64}"), 1, "journal-cut")
    refused("what is no head is refused", officer, ("officer", "journal", "--head", "x"), 1,
            "invalid-argument")
    listed = [one for one in officer.must("officer", "devices") if one["type"] == "device"]
    case("every device is listed with the end of its certificate",
         len(listed) >= 6 and all(one["until"] > one["added"] for one in listed), listed)


def bound_functions():
    """Before anything secret is there (base/slab.h, harden_process)."""
    for name in ("cercle", "cercle-relay"):
        environment = {key: value for key, value in os.environ.items() if key != "LD_BIND_NOW"}
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        traced = subprocess.run(("strace", "-f", "-v", "-s", "4096", "-e", "trace=execve",
                                 circle.BIN / name, "--help"),
                                env=environment, capture_output=True, text=True)
        lives = [line for line in traced.stderr.splitlines() if "execve(" in line]
        case(f"{name} starts anew with all functions bound",
             traced.returncode == 0 and len(lives) == 2 and "LD_BIND_NOW=1" in lives[1], lives)
        case(f"{name} keeps its name", f'/{name}", ' in lives[-1], lives[-1:])


def names_and_words(alice, bertrand):
    refused("nobody is called that", alice, ("send", "Nobody", "x"), 1, "unknown")
    refused("no group is called that", alice, ("group", "add", "Nothing", "Bertrand"), 1, "unknown")
    refused("two are called Jean", alice, ("send", "Jean", "x"), 1, "ambiguous")
    refused("an empty text says nothing", alice, ("send", "Bertrand", ""), 1, "invalid-text")
    refused("a text of a million letters is too long", alice,
            ("send", "Bertrand", "x" * 70_000), 1, "too-large")
    refused("an id is hexadecimal", alice, ("send", "Bertrand", "x", "--id", "zz"), 1,
            "invalid-argument")
    refused("a group's name plays no tricks", alice,
            ("group", "create", "a\u202eb", "Bertrand"), 1, "invalid-text")
    refused("a group needs somebody", alice, ("group", "create", "Seul", "Alice"), 1,
            "invalid-argument")
    refused("a member is no officer", alice, ("officer", "invite", "X"), 1, "not-an-officer")
    code, objects = alice.run("send", "Bertrand", "-", text="lu dans un tube\n")
    case("a text can be read from a pipe", code == 0 and "lu dans un tube" in
         bertrand.texts("Alice"), (code, objects))


def homes(place, alice):
    empty = circle.Home(place, "empty")
    refused("an empty home is told what to do", empty, ("contacts",), 1, "home-missing")
    wrong = circle.Home(place, "alice")
    wrong.pass_file = place / "wrong"
    wrong.pass_file.write_text("not the passphrase\n")
    refused("a wrong passphrase opens nothing", wrong, ("contacts",), 4, "vault-locked")
    wrong.pass_file = place / "missing"
    refused("nor does a missing one", wrong, ("contacts",), 4, "vault-locked")
    slot = alice.path / "vault.slot"
    whole = slot.read_bytes()
    chance = random.Random(1)
    for _ in range(20):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        slot.write_bytes(damaged)
        code, objects = alice.run("contacts")
        if code not in (1, 4, 5) or not objects:
            case("a damaged slot file is refused", False, (code, objects))
    slot.write_bytes(whole)
    case("a damaged slot file loses nothing", alice.run("contacts")[0] == 0)
    database = alice.path / "vault.db"
    whole = database.read_bytes()
    database.write_bytes(b"\xff" * 64 + whole[64:])
    code, objects = alice.run("contacts")
    case("a damaged vault is refused with a sentence", code in (4, 5) and objects[-1]["sentence"],
         (code, objects))
    database.write_bytes(whole)
    case("and opens again when it is mended", alice.run("contacts")[0] == 0)


def usage(alice):
    for words in ((), ("nonsense",), ("send",), ("read", "--limit", "many"), ("group",),
                  ("sync", "--wait", "-1"), ("officer", "invite", "X", "--expires", "soon")):
        done = subprocess.run([circle.BIN / "cercle", "--home", alice.path, "--json", *words],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
        last = json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}
        case(f"usage: {' '.join(words) or 'nothing at all'}",
             done.returncode == 2 and last.get("rule") == "usage", (done.returncode, done.stdout))
    done = subprocess.run([circle.BIN / "cercle", "--help"], capture_output=True, text=True)
    case("--help helps", done.returncode == 0 and "join" in done.stdout)


def strangers(relay, alice):
    """Bytes at the relay's port, before and instead of TLS."""
    host, port = relay.address.rsplit(":", 1)
    chance = random.Random(2)
    held = []
    for size in (0, 1, 5, 100, 5000):
        peer = socket.create_connection((host, int(port)), 10)
        peer.settimeout(1)
        try:
            peer.sendall(chance.randbytes(size))
        except OSError:
            pass
        held.append(peer)
    code, objects = alice.run("send", "Bertrand", "malgré tout")
    case("members are served beside strangers' garbage and silence", code == 0, (code, objects))
    for peer in held:
        peer.close()
    case("the relay is still there", relay.running())
    for option in ("-tls1_2", "-groups=X25519", "-groups=P-256"):
        words = option.split("=")
        done = subprocess.run(["openssl", "s_client", "-connect", relay.address, *words],
                              input="", capture_output=True, text=True, timeout=30)
        case(f"TLS with {option[1:]} is refused", "Cipher is (NONE)" in done.stdout
             or done.returncode != 0, done.stdout[-300:])


def play(place):
    bound_functions()
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key)
    second = circle.Home(place, "second-officer")
    refused("a relay serves one circle", second,
            ("officer", "found", "Autre", "--relay", relay.address, "--relay-key", relay.key), 1,
            "relay-claimed")
    refused("a relay with another key is not ours", second,
            ("--timeout", "5", "officer", "found", "Autre", "--relay", relay.address,
             "--relay-key", "0" * 64), 1, "relay-key-mismatch")
    officer.start("officer", "serve")
    alice, bertrand = circle.Home(place, "alice"), circle.Home(place, "bertrand")
    alice.join(officer, "Alice")
    bertrand.join(officer, "Bertrand")
    for home in ("jean1", "jean2"):
        circle.Home(place, home).join(officer, "Jean")
    invitations(place, officer, alice)
    approvals(place, officer)
    pictures(place, officer)
    names_and_words(alice, bertrand)
    homes(place, alice)
    usage(alice)
    strangers(relay, alice)


if __name__ == "__main__":
    sys.exit(try_all(play))
