#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an operator does with a relay: settings, backups under load, restores, another key, figures, a
disk that is full. Real programs on a circle of two."""
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

from laws import case, circle, try_all


def relay_command(*words):
    """(exit code, the object it printed, what it said)."""
    done = subprocess.run([circle.BIN / "cercle-relay", *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    try:
        printed = json.loads(done.stdout) if done.stdout else None
    except ValueError:
        printed = done.stdout
    return done.returncode, printed, done.stderr


def settings(place):
    file = place / "relay.toml"
    code, printed, said = relay_command("config")
    case("all settings are printed", code == 0 and 'listen = "127.0.0.1:7443"' in printed, said)
    file.write_text(printed)
    case("and what was printed can be given", relay_command("config", "--config", file)[1] == printed)
    file.write_text('listen = "127.0.0.1:1"\n\n[limits]\nconections = 2\n')
    code, _, said = relay_command("serve", "--config", file, "--data", place / "none")
    case("a misspelt setting is refused with its line",
         code == 2 and f"{file}, line 4: `limits.conections` is no setting" in said, (code, said))
    file.write_text(f'data = "{place / "elsewhere"}"\nlisten = "127.0.0.1:1"\n')
    code, printed, _ = relay_command("config", "--config", file, "--data", place / "typed",
                                     "--listen", "[::1]:7")
    case("what is typed wins over the file", printed and
         f'data = "{place / "typed"}"' in printed and 'listen = "[::1]:7"' in printed, printed)


class Circle:
    def __init__(self, place, options=(), data=None):
        self.place = place
        self.relay = Configured(data or place / "relay", place / "served.toml", options)
        self.relay.start()
        self.officer = circle.Home(place, "officer")
        self.officer.must("officer", "found", "Conseil", "--relay", self.relay.address,
                          "--relay-key", self.relay.key)
        self.officer.start("officer", "serve")
        self.alice, self.bertrand = circle.Home(place, "alice"), circle.Home(place, "bertrand")
        self.alice.join(self.officer, "Alice")
        self.bertrand.join(self.officer, "Bertrand")


class Configured(circle.Relay):
    """A relay with a file of settings."""

    def __init__(self, data, file, lines):
        super().__init__(data)
        self.file = file
        self.diary = file.parent / "relay.diary"  # not on a disk that fills up
        file.write_text("\n".join(lines) + "\n")
        self.words = ["--config", file, "--data", data]

    def start(self, under=()):
        self.process = subprocess.Popen(
            [*under, circle.BIN / "cercle-relay", "serve", *self.words, "--listen", self.listen],
            stdout=subprocess.PIPE, stderr=open(self.diary, "ab"), text=True,
            start_new_session=True)
        circle._running.append(self.process)
        line = self.process.stdout.readline()
        if not line:
            raise circle.Trouble(f"the relay did not start; {self.diary.read_text()}")
        ready = json.loads(line)
        self.address = self.listen = ready["listen"]
        self.key, self.pid = ready["key"], ready["pid"]


def backups(people):
    """Under load, and then of a quiet relay that is lost afterwards."""
    relay, alice, bertrand = people.relay, people.alice, people.bertrand
    place = people.place
    alice.must("send", "Bertrand", "bonjour")
    said, stop = ["bonjour"], threading.Event()

    def talk():
        number = 0
        while not stop.is_set():
            number += 1
            alice.must("send", "Bertrand", f"pendant {number}")
            said.append(f"pendant {number}")

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        made = []
        for number in range(3):
            before = len(said)
            code, printed, complaint = relay_command("backup", *relay.words, "--to",
                                                     place / f"busy{number}")
            made.append((before, number, code, complaint))
    finally:
        stop.set()
        talking.join()
    for before, number, code, complaint in made:
        case("a backup of a relay under load is made", code == 0, complaint)
        code, printed, complaint = relay_command("restore", "--data", place / f"copy{number}",
                                                 "--from", place / f"busy{number}")
        case("and restored, with everything that was durable when it began",
             code == 0 and printed["entries"] >= before, (before, printed, complaint))
    case("the relay goes on beside it", bertrand.texts("Alice") == said, bertrand.texts("Alice"))
    case("no copy is left beside the store", not (relay.data / "snapshot.db").exists())
    code, _, complaint = relay_command("backup", *relay.words, "--to", place / "busy0")
    case("a backup overwrites nothing", code == 1 and "(already-exists)" in complaint, complaint)
    code, printed, _ = relay_command("status", *relay.words)
    case("a relay that serves says what it holds", code == 0 and printed["serving"] is True and
         printed["counts"]["devices"] == 3, printed)

    code, whole, complaint = relay_command("backup", *relay.words, "--to", place / "whole")
    case("a backup of a relay that serves is made", code == 0, complaint)
    lost(people, said, whole)


def lost(people, said, whole):
    relay, place = people.relay, people.place
    before = relay_command("status", *relay.words)[1]
    relay.kill()
    code, _, complaint = relay_command("restore", *relay.words, "--from", place / "whole")
    case("a restore overwrites nothing", code == 1 and "(already-exists)" in complaint, complaint)
    code, printed, complaint = relay_command("backup", *relay.words, "--to", place / "at-rest")
    case("a relay at rest is backed up, too", code == 0 and
         {**printed, "to": ""} == {**whole, "to": ""}, (printed, whole, complaint))
    shutil.rmtree(relay.data)
    damaged = place / "damaged"
    shutil.copytree(place / "whole", damaged)
    bytes_of_store = bytearray((damaged / "relay.db").read_bytes())
    bytes_of_store[len(bytes_of_store) // 2] ^= 1
    (damaged / "relay.db").write_bytes(bytes_of_store)
    code, _, complaint = relay_command("restore", *relay.words, "--from", damaged)
    case("a damaged backup is refused", code == 5 and "(store-corrupt)" in complaint, complaint)
    code, _, complaint = relay_command("restore", *relay.words, "--from", place / "busy")
    case("so is what is none", code == 1 and "(not-found)" in complaint, (code, complaint))
    code, printed, complaint = relay_command("restore", *relay.words, "--from", place / "whole")
    case("a backup is restored into a bare directory", code == 0, complaint)
    case("as the same relay in another incarnation", printed and printed["key"] == relay.key and
         printed["before"] == before["incarnation"] and printed["incarnation"] != printed["before"],
         printed)
    case("which verifies", relay.verified()[0], relay.verified()[1])
    relay.start()
    case("people find what they said", people.bertrand.texts("Alice") == said)
    people.alice.must("send", "Bertrand", "après")
    said.append("après")
    case("and go on", people.bertrand.texts("Alice") == said, people.bertrand.texts("Alice"))
    zoe = circle.Home(place, "zoe")
    zoe.join(people.officer, "Zoé")
    case("and others join", len(zoe.must("contacts")) >= 3)


def forgotten(people):
    """A relay is lost, and its last backup is older than what people said."""
    relay, alice, bertrand = people.relay, people.alice, people.bertrand
    older = people.place / "older"
    code, _, complaint = relay_command("backup", *relay.words, "--to", older)
    case("a backup is made before the last words", code == 0, complaint)
    alice.must("send", "Bertrand", "depuis la copie")
    said = bertrand.texts("Alice")
    relay.kill()
    shutil.rmtree(relay.data)
    code, _, complaint = relay_command("restore", *relay.words, "--from", older)
    case("the older backup is restored", code == 0, complaint)
    relay.start()
    bertrand.must("sync")
    case("what was said since is there still", bertrand.texts("Alice") == said,
         bertrand.texts("Alice"))
    alice.must("send", "Bertrand", "et ensuite")
    case("and the conversation goes on", bertrand.texts("Alice") == [*said, "et ensuite"],
         bertrand.texts("Alice"))
    entries = relay_command("status", *relay.words)[1]["counts"]["entries"]
    case("the relay has it again", entries >= len(said), entries)
    relay.process.terminate()
    relay.process.wait(30)
    case("which verifies with all that was given back", relay.verified()[0], relay.verified()[1])
    relay.start()


def another_key(people):
    relay, alice, bertrand = people.relay, people.alice, people.bertrand
    old = relay.key
    follower = bertrand.start("--timeout", "3600", "read", "Alice", "--follow")
    code, printed, complaint = relay_command("rotate-key", *relay.words)
    case("a serving relay replaces its key", code == 0 and printed["key"] != old,
         (printed, complaint))
    case("and ends nobody's session", follower.poll() is None)
    shown = subprocess.run(["openssl", "s_client", "-connect", relay.address, "-alpn", "cercle/1",
                            "-showcerts"], input="", capture_output=True, text=True, timeout=30)
    case("it shows by which key the new one was appointed",
         shown.stdout.count("BEGIN CERTIFICATE") == 2, shown.stdout[-500:])
    alice.must("send", "Bertrand", "sous la nouvelle clé")
    case("who comes back follows to the new key", alice.must("status") is not None)
    os.killpg(follower.pid, signal.SIGTERM)
    follower.wait(30)
    case("and so do others", "sous la nouvelle clé" in bertrand.texts("Alice"))
    confirmed = bertrand.must("status")[0]["relay_confirmed"]
    case("who follows is told that the officer has not confirmed it", confirmed is False, confirmed)
    people.officer.must("officer", "confirm-relay", printed["key"])
    # The directory waits for all who read it, since the relay was restored a moment ago.
    for one in (alice, bertrand, circle.Home(people.place, "zoe"), people.officer, bertrand):
        one.must("sync")
    confirmed = bertrand.must("status")[0]["relay_confirmed"]
    case("until he has", confirmed is True, confirmed)
    relay.process.terminate()
    relay.process.wait(30)
    code, again, complaint = relay_command("rotate-key", *relay.words)
    case("a relay at rest replaces its key, too", code == 0 and again["key"] != printed["key"],
         complaint)
    relay.start()
    case("and serves with it", relay.key == again["key"])
    # It has been restored a moment ago, and was started anew: all tell it again that they have no more.
    for one in (bertrand, alice):
        one.must("sync")
    case("who was away for two keys follows", people.officer.must("officer", "members") and
         alice.must("send", "Bertrand", "encore") is not None)
    # A relay that shows no path from the known key is refused as before.
    stolen = people.place / "stranger"
    stranger = circle.Relay(stolen, relay.listen)
    relay.process.terminate()
    relay.process.wait(30)
    stranger.start()
    code, objects = alice.run("--timeout", "5", "send", "Bertrand", "à personne")
    case("another relay at its place deceives nobody", code != 0, objects)
    stranger.process.terminate()
    stranger.process.wait(30)
    relay.start()


def figures(people):
    port = metrics_port(people.relay.file)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        kind, page = answer.headers["Content-Type"], answer.read().decode()
    case("figures are OpenMetrics", kind.startswith("application/openmetrics-text") and
         page.endswith("# EOF\n"), kind)
    families, samples = {}, {}
    for line in page.splitlines()[:-1]:
        described = re.fullmatch(r"# (TYPE|HELP|UNIT) (\S+) (.+)", line)
        sample = re.fullmatch(r'([a-z_]+)(?:\{([a-z]+)="([^"]*)"\})? ([0-9.e+-]+)', line)
        case("every line of them parses", described or sample, line) if not (
            described or sample) else None
        if described and described[1] == "TYPE":
            families[described[2]] = described[3]
        if sample:
            family = max((one for one in families if sample[1].startswith(one)), key=len)
            suffixes = {"counter": {"_total"}, "gauge": {""},
                        "histogram": {"_bucket", "_count", "_sum"}}[families[family]]
            if sample[1][len(family):] not in suffixes:
                case("every sample belongs to its family", False, line)
            samples[sample[1], sample[3]] = float(sample[4])
    case("they count what was done", samples["cercle_relay_appends_total", None] > 0 and
         samples["cercle_relay_commit_seconds_count", None] > 0, samples)
    case("they tell the disk's room", samples["cercle_relay_free_bytes", None] > 0)
    ids = re.findall(r"[0-9a-f]{16,}|\d+\.\d+\.\d+\.\d+", page)
    case("they hold no id and no address", not ids, ids)
    code, _, said = relay_command("serve", "--config", wrong_metrics(people.place), "--data",
                                  people.place / "open")
    case("they are for this machine alone", code == 2 and "must be a loopback address" in said, said)


def anchors(place):
    """A place outside of the data directory that tells an older state of it from the present one."""
    data, elsewhere = place / "anchored", place / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    anchor = elsewhere / "anchor"

    def rollback(*words):
        code, printed, complaint = relay_command("status", "--data", data, *words)
        return printed["rollback"] if code == 0 else complaint

    code, _, complaint = relay_command("init", "--data", place / "within", "--anchor",
                                       place / "within" / "anchor")
    case("an anchor inside of the data directory is refused",
         code != 0 and "(invalid-argument)" in complaint, (code, complaint))
    code, _, complaint = relay_command("init", "--data", data, "--anchor", anchor)
    case("a relay is made with an anchor", code == 0, complaint)
    case("and resists an older disk", rollback("--anchor", anchor) == "resisted",
         rollback("--anchor", anchor))
    served = Configured(data, place / "anchored.toml", [f'anchor = "{anchor}"'])
    served.start()
    case("so it does while it serves, by its settings",
         relay_command("status", *served.words)[1]["rollback"] == "resisted")
    case("a relay that runs as root says that it should not",
         ("runs as root" in served.diary.read_text()) == (os.geteuid() == 0))
    case("its anchor is for its user alone", anchor.exists() and
         anchor.stat().st_mode & 0o777 == 0o600)
    served.process.terminate()
    served.process.wait(30)
    case("without its anchor its shares are frozen", rollback() == "frozen", rollback())
    other = elsewhere / "other"
    code, _, complaint = relay_command("init", "--data", place / "other", "--anchor", other)
    case("another relay is made with another anchor", code == 0, complaint)
    case("and that one freezes the first one's shares, too",
         rollback("--anchor", other) == "frozen", rollback("--anchor", other))
    other.write_bytes(b"no anchor")
    case("what is no anchor is not taken for one", rollback("--anchor", other) not in
         ("resisted", "not-resisted"), rollback("--anchor", other))
    case("the right one is right again", rollback("--anchor", anchor) == "resisted",
         rollback("--anchor", anchor))


def wrong_metrics(place):
    file = place / "wrong.toml"
    file.write_text('metrics = "0.0.0.0:0"\n')
    return file


def metrics_port(file):
    return re.search(r'metrics = "127.0.0.1:(\d+)"', file.read_text())[1]


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def play(place):
    settings(place)
    anchors(place)
    people = Circle(place, [f'metrics = "127.0.0.1:{free_port()}"'])
    backups(people)
    figures(people)
    forgotten(people)
    another_key(people)


if __name__ == "__main__":
    sys.exit(try_all(play))
