#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files between real devices: killed with -9 in the middle, on disks that fill up, with names that
play tricks. Each must end in the same bytes or in a sentence.
"""
import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import time
import uuid

from laws import case, circle, try_all

MIB = 1 << 20


def refused(law, home, command, code, rule):
    got, objects = home.run(*command)
    last = objects[-1] if objects else {}
    holds = got == code and last.get("type") == "error" and last.get("rule") == rule
    case(law, holds and len(last.get("sentence", "")) > 15, (got, objects))


def make_file(path, size, seed=1):
    content = random.Random(seed).randbytes(size)
    path.write_bytes(content)
    return content


def the_file(home, of, message):
    found = [one for one in home.messages(of) if one["id"] == message.replace("-", "")]
    return found[0]["attachment"] if found else None


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise circle.Trouble(f"still not so after {seconds} s: {what}")
        time.sleep(0.002)


def send_under_kills(place, relay, alice, bertrand):
    """The device is killed in the middle, then the relay, then it comes to its end."""
    size = 24 * MIB
    content = make_file(place / "film.mp4", size)
    message = str(uuid.uuid4())
    words = ("send", "Bertrand", "le film", "--file", place / "film.mp4", "--id", message)
    before = relay.stored()
    sending = alice.start(*words)
    wait_until(lambda: relay.stored() > before + 3 * MIB or sending.poll() is not None,
               "the relay has some of it")
    case("the device was killed in the middle of an upload", sending.poll() is None)
    sending.kill()
    sending.wait()
    # What was taken in is what is sent, whatever becomes of the file.
    (place / "film.mp4").unlink()
    case("and its outbox says that the file waits", any(
        one["id"] == message.replace("-", "") and one["state"] == "queued"
        for one in alice.must("outbox")))
    before = relay.stored()
    going_on = alice.start("sync")
    wait_until(lambda: relay.stored() > before + 3 * MIB or going_on.poll() is not None,
               "the relay has more of it")
    case("the relay was killed in the middle of it", going_on.poll() is None)
    relay.kill()
    going_on.wait()
    relay.start()
    alice.must("--timeout", "120", "sync")
    shown = the_file(bertrand, "Alice", message)
    case("the message arrives once the file is there", shown == {
        "name": "film.mp4", "size": size, "sha256": hashlib.sha256(content).hexdigest()}, shown)
    case("once", len([one for one in bertrand.messages("Alice") if one["attachment"]]) == 1)
    case("the author's vault holds it no longer",
         (alice.path / "vault.db").stat().st_size < 4 * MIB,
         (alice.path / "vault.db").stat().st_size)
    return message, content


def fetch_under_kills(place, relay, bertrand, message, content):
    out = place / "received.mp4"
    part = place / "received.mp4.part"

    def grown(to):
        return part.exists() and part.stat().st_size > to

    for kill in ("device", "relay", "device"):
        fetching = bertrand.start("fetch", message, "--out", out)
        now = part.stat().st_size if part.exists() else 0
        wait_until(lambda: grown(now + 2 * MIB) or fetching.poll() is not None, "more of it is there")
        case(f"the {kill} was killed in the middle of a download", fetching.poll() is None)
        if kill == "device":
            fetching.kill()
            fetching.wait()
        else:
            relay.kill()
            fetching.wait()
            relay.start()
        case("nothing stands under the name yet", not out.exists())
    case("a part is nobody else's business", part.stat().st_mode & 0o777 == 0o600)
    had = part.stat().st_size
    case("what had come has stayed", had > 5 * MIB, had)
    fetched = bertrand.must("fetch", message, "--out", out, expect="fetched")
    case("the file is there, byte by byte", out.read_bytes() == content)
    case("and no part of it", not part.exists())
    case("as the message said", fetched["attachment"]["sha256"] ==
         hashlib.sha256(content).hexdigest())
    refused("what is there is not written over", bertrand, ("fetch", message, "--out", out), 1,
            "already-exists")
    case("and is still whole", out.read_bytes() == content)


def interrupt(place, alice, bertrand):
    make_file(place / "long.bin", 60 * MIB, 2)
    process = subprocess.Popen(
        [circle.BIN / "cercle", "--home", alice.path, "--pass-file", alice.pass_file, "send",
         "Bertrand", "--file", place / "long.bin"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    lines = []
    while not any(line.startswith("sending") for line in lines):
        line = process.stderr.readline()
        if not line:
            break
        lines.append(line)
    process.send_signal(signal.SIGINT)
    rest = process.communicate()[1]
    case("Ctrl-C says that the file goes on", process.returncode == 130 and "goes on" in rest,
         (process.returncode, lines[-2:], rest))
    alice.must("--timeout", "120", "sync")
    files = [one["attachment"]["name"] for one in bertrand.messages("Alice") if one["attachment"]]
    case("and so it does", files[-1:] == ["long.bin"], files)


def bad_files(place, alice):
    to = ("send", "Bertrand", "voici", "--file")
    refused("a directory is no file", alice, (*to, place), 1, "invalid-argument")
    refused("a missing file is missing", alice, (*to, place / "none"), 1, "not-found")
    pipe = place / "pipe"
    os.mkfifo(pipe)
    refused("a pipe is not waited for", alice, (*to, pipe), 1, "invalid-argument")
    refused("nor a device", alice, (*to, "/dev/zero"), 1, "invalid-argument")
    with open(place / "huge", "wb") as huge:
        huge.truncate(100 * MIB + 1)
    refused("a file of more than 100 MiB is too large", alice, (*to, place / "huge"), 1, "too-large")
    if os.geteuid() != 0:
        (place / "closed").write_text("x")
        (place / "closed").chmod(0)
        refused("a file that may not be read", alice, (*to, place / "closed"), 1, "unreadable")
    for words in (("send", "Bertrand"), ("send", "Bertrand", "--file", ""), ("fetch",),
                  ("fetch", "00"), ("fetch", "00", "--out", "")):
        code, objects = alice.run(*words)
        case(f"usage: {' '.join(words)}", code == 2 and objects[-1]["rule"] == "usage",
             (code, objects))


def good_files(place, alice, bertrand):
    out = place / "out"
    for size in (0, 1, 65_536, 65_537):
        content = make_file(place / "small", size, size)
        message = str(uuid.uuid4())
        sent = alice.must("send", "Bertrand", "--file", place / "small", "--id", message,
                          expect="sent")
        shown = [one for one in bertrand.messages("Alice")
                 if one["id"] == message.replace("-", "")][0]
        bertrand.must("fetch", message, "--out", out)
        case(f"a file of {size} bytes arrives", out.read_bytes() == content and
             sent["state"] == "durable" and shown["text"] is None and
             shown["attachment"]["size"] == size, shown)
        out.unlink()
    code, objects = alice.run("send", "Bertrand", "avec un texte", "--file", place / "small")
    case("a text goes with it", code == 0 and
         bertrand.messages("Alice")[-1]["text"] == "avec un texte")
    # From where the person stands, whoever owns the home.
    done = subprocess.run(alice.words("send", "Bertrand", "--file", "small"), cwd=place,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    case("a path is taken from where one stands", done.returncode == 0, done.stdout)


def tricky_names(place, alice, bertrand):
    for name in ("Compte rendu été.pdf", "a\u202efdp.exe", "a\x1b[2Jb\n", "-rf", "x" * 200):
        (place / name).write_text(name)
        message = str(uuid.uuid4())
        alice.must("send", "Bertrand", "--file", place / name, "--id", message)
        shown = the_file(bertrand, "Alice", message)["name"]
        tame = all(ord(one) >= 32 and one not in "\u202e\x7f/" for one in shown)
        case(f"a file's name is shown without its tricks: {shown[:30]}",
             tame and (shown == name or "\ufffd" in shown), shown)
    done = subprocess.run(
        [circle.BIN / "cercle", "--home", bertrand.path, "--pass-file", bertrand.pass_file, "read",
         "Alice"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    case("and on a terminal, too", "\x1b" not in done.stdout and "\u202e" not in done.stdout and
         "cercle fetch" in done.stdout)
    bad = os.fsencode(place) + b"/not-utf8-\xff\xfe"
    with open(bad, "wb") as file:
        file.write(b"content")
    message = str(uuid.uuid4())
    alice.must("send", "Bertrand", "--file", bad, "--id", message)
    received = os.fsencode(place) + b"/received-\xff"
    bertrand.must("fetch", message, "--out", received)
    case("a name that is not UTF-8 is still a name on this machine",
         open(received, "rb").read() == b"content")


def full_disk(place, alice, bertrand):
    """No process may make a file larger than that; a disk that is full says the same."""
    # More than the vault and its write-ahead log can take together.
    content = make_file(place / "big", 14 * MIB, 5)
    message = str(uuid.uuid4())
    alice.must("send", "Bertrand", "--file", place / "big", "--id", message)
    bertrand.must("sync")
    out = place / "big-received"

    def small_disk():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (6 * MIB, resource.RLIM_INFINITY))

    def run(home, *words):
        done = subprocess.run(home.words(*words), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, preexec_fn=small_disk, restore_signals=False)
        return done.returncode, done.stdout

    code, said = run(bertrand, "fetch", message, "--out", out)
    case("a disk that fills up while a file comes is said so", code == 5 and "disk-full" in said,
         (code, said))
    case("and there is no half a file", not out.exists())
    bertrand.must("fetch", message, "--out", out)
    case("with room again it is whole", out.read_bytes() == content)
    other = str(uuid.uuid4())
    code, said = run(alice, "send", "Bertrand", "--file", place / "big", "--id", other)
    case("a disk that has no room for what is to be sent is said so", code == 5, (code, said))
    code, objects = alice.run("send", "Bertrand", "--file", place / "big", "--id", other)
    case("and with room again it goes", code == 0, (code, objects))


def disappearing(place, relay, alice, bertrand):
    """A home's owner does what other processes ask; what it leaves undone they do themselves."""
    content = make_file(place / "shared", 20 * MIB, 6)
    message = str(uuid.uuid4())
    alice.must("--timeout", "60", "send", "Bertrand", "--file", place / "shared", "--id", message)
    owner = bertrand.start("read", "--follow", "Alice")
    wait_until(lambda: (bertrand.path / "cercle.sock").exists(), "somebody owns the home")
    out = place / "shared-received"
    part = place / "shared-received.part"
    fetching = bertrand.start("fetch", message, "--out", out)
    wait_until(lambda: (part.exists() and part.stat().st_size > MIB) or fetching.poll() is not None,
               "some of it is there")
    owner.kill()
    owner.wait()
    code = fetching.wait(60)
    case("a fetch goes on when the process that did it is killed",
         code == 0 and out.read_bytes() == content, code)
    out.unlink()
    owner = bertrand.start("sync", "--wait", "1")
    wait_until(lambda: (bertrand.path / "cercle.sock").exists(), "somebody owns the home")
    codes = []
    while owner.poll() is None:
        fetching = bertrand.start("fetch", message, "--out", out)
        codes.append(fetching.wait(60))
        if not out.exists() or out.read_bytes() != content:
            codes.append("not whole")
        out.unlink(missing_ok=True)
    case("and when that process ends in good order", set(codes) == {0}, codes)
    owner = alice.start("read", "--follow", "Bertrand")
    wait_until(lambda: (alice.path / "cercle.sock").exists(), "somebody owns the home")
    before = relay.stored()
    sending = alice.start("send", "Bertrand", "--file", place / "long.bin")
    wait_until(lambda: relay.stored() > before + 2 * MIB or sending.poll() is not None,
               "the relay has some of it")
    owner.kill()
    owner.wait()
    code = sending.wait(120)
    files = [one["attachment"]["name"] for one in bertrand.messages("Alice") if one["attachment"]]
    case("what is sent goes on when the process that did it is killed, and goes once",
         code == 0 and files.count("long.bin") == 2, (code, files))


def play(place):
    relay = circle.Relay(place / "relay")
    relay.start()
    officer = circle.Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key)
    officer.start("officer", "serve")
    alice, bertrand = circle.Home(place, "alice"), circle.Home(place, "bertrand")
    alice.join(officer, "Alice")
    bertrand.join(officer, "Bertrand")
    message, content = send_under_kills(place, relay, alice, bertrand)
    fetch_under_kills(place, relay, bertrand, message, content)
    interrupt(place, alice, bertrand)
    bad_files(place, alice)
    good_files(place, alice, bertrand)
    tricky_names(place, alice, bertrand)
    full_disk(place, alice, bertrand)
    disappearing(place, relay, alice, bertrand)
    relay.process.send_signal(signal.SIGTERM)
    relay.process.wait()
    done = subprocess.run([circle.BIN / "cercle-relay", "verify", "--data", relay.data],
                          capture_output=True, text=True)
    case("the relay's store is beyond doubt after all that",
         done.returncode == 0 and '"blobs"' in done.stdout, done.stdout + done.stderr)


if __name__ == "__main__":
    sys.exit(try_all(play))
