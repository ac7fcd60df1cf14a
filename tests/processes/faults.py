#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The disk fails under a device's commands and under the relay, at the n-th call.

    faults.py                              some faults
    faults.py --series FIRST COUNT         of each series from FIRST on: every n that is reached
    faults.py PASSAGE CALL ERROR WHEN      one

A series is a passage, a call, an error, and whether it lasts. Whatever was answered `durable` is there
after a clean restart; the relay's store verifies; what could not do its work ends with 5 and a
sentence, and does it when it is asked again.
"""
import itertools
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import uuid

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))

from demo import circle  # noqa: E402
from demo.circle import Home, Relay, Trouble  # noqa: E402
from failing_disk import (CALLS, ERRORS, LASTING, Fault, can_trace, home_files,  # noqa: E402
                          relay_files, was_reached)

SOME = (("pwrite64", "EIO", "2"), ("pwrite64", "ENOSPC", "1+"), ("fdatasync", "EIO", "1"),
        ("fdatasync", "ENOSPC", "2+"), ("fsync", "EIO", "1"), ("openat", "EIO", "3"))
# What only these reach.
SOME_MORE = {"join": (("rename", "EIO", "1"), ("write", "ENOSPC", "1")),
             "fetch": (("renameat2", "EIO", "1"), ("write", "ENOSPC", "2+"))}
DISK_RULES = ("disk-fault", "disk-full", "store-corrupt")
REFUSED, QUEUED, DISK = 1, 3, 5
FILE = os.urandom(150_000)


def wrong_end(code, objects, allowed=()):
    """What is wrong with how a command ended on a failing disk, if anything."""
    if code == 0 or code in allowed:
        return None
    last = objects[-1] if objects else {}
    if code == DISK and last.get("rule") in DISK_RULES and len(last.get("sentence", "")) > 30:
        return None
    return f"it ended with {code}: {objects}"


class Passages:
    """Each plays once on the failing disk and again on one that works, and says what went wrong."""

    def __init__(self, place):
        self.place, self.log = place, place / "strace"
        self.said = []  # every text that has to be at Bertrand's, once
        self.relay = Relay(place / "relay")
        self.relay.start()
        self.officer = Home(place, "officer")
        self.officer.must("officer", "found", "Conseil", "--relay", self.relay.address,
                          "--relay-key", self.relay.key)
        self.officer.start("officer", "serve")
        self.alice, self.bertrand = Home(place, "alice"), Home(place, "bertrand")
        self.alice.join(self.officer, "Alice")
        self.bertrand.join(self.officer, "Bertrand")
        self.alice.must("send", "Bertrand", "bonjour")

    def run(self, fault, home, *command, files=()):
        return home.run(*command, under=fault.under(self.log, [*home_files(home.path), *files]))

    def send(self, fault):
        command = ("send", "Bertrand", f"envoi {fault.words} {len(self.said)}", "--id",
                   str(uuid.uuid4()))
        code, objects = self.run(fault, self.alice, *command)
        wrong = wrong_end(code, objects, allowed=(QUEUED,))
        durable = any(one.get("state") == "durable" for one in objects)
        if durable and command[2] not in self.bertrand.texts("Alice"):
            return "it was called durable and is not there"
        self.alice.must(*command)
        self.said.append(command[2])
        return wrong

    def read(self, fault):
        self.said.append(f"lecture {fault.words} {len(self.said)}")
        self.alice.must("send", "Bertrand", self.said[-1])
        return wrong_end(*self.run(fault, self.bertrand, "read", "Alice"), allowed=(QUEUED,))

    def join(self, fault):
        home = Home(self.place, "newcomer")
        shutil.rmtree(home.path, ignore_errors=True)
        made = self.officer.must("officer", "invite", "Zoé", "--unattended", expect="invite")
        command = ("--timeout", "60", "join", made["text"], "--code", made["code"])
        wrong = wrong_end(*self.run(fault, home, *command))
        home.must(*command)
        return wrong if len(home.must("contacts")) >= 3 else "it joined and knows nobody"

    def group(self, fault):
        name = f"groupe {fault.words} {uuid.uuid4()}"
        wrong = wrong_end(*self.run(fault, self.alice, "group", "create", name, "Bertrand"),
                          allowed=(QUEUED,))
        groups = [one for one in self.alice.must("conversations") if one.get("name") == name]
        if len(groups) > 1:
            return f"there are {len(groups)} of it"
        if not groups:
            self.alice.must("group", "create", name, "Bertrand")
        self.alice.must("send", name, "bonjour")
        return wrong if self.bertrand.texts(name) == ["bonjour"] else "it cannot be talked in"

    def fetch(self, fault):
        source, out = self.place / "file", self.place / "out"
        source.write_bytes(FILE)
        out.mkdir(exist_ok=True)
        target = out / str(uuid.uuid4())
        sent = self.alice.must("send", "Bertrand", "--file", source, expect="sent")
        self.bertrand.must("sync")
        command = ("fetch", sent["id"], "--out", target)
        wrong = wrong_end(*self.run(fault, self.bertrand, *command,
                                    files=[out, target, f"{target}.part"]))
        if not target.exists():
            self.bertrand.must(*command)
        return wrong if target.read_bytes() == FILE else "the file is another one"

    def relayed(self, fault):
        """Two members talk over a relay on a failing disk, and again on one that works."""
        self.stop_relay()
        durable, wrong = self.talk(fault)
        holds, said = self.relay.verified()
        self.relay.start()
        if not holds:
            return f"the store does not verify: {said}"
        self.alice.must("sync")
        self.said += durable
        there = self.bertrand.texts("Alice")
        lost = [text for text in durable if there.count(text) != 1]
        return f"called durable, and not there once: {lost}" if lost else wrong

    def talk(self, fault):
        """(texts called durable, what is wrong with what was said)"""
        before = self.relay.diary.stat().st_size
        try:
            self.relay.start(under=fault.under(self.log, relay_files(self.relay.data)))
        except Trouble:
            code, said = self.relay.process.wait(), self.relay.diary.read_bytes()[before:]
            clear = code == DISK and b"cercle-relay: " in said
            return [], None if clear else f"the relay ended with {code}: {said}"
        durable, wrong = [], None
        for number in range(3):
            text = f"relais {fault.words} {number} {uuid.uuid4()}"
            code, objects = self.alice.run("--timeout", "5", "send", "Bertrand", text)
            if code not in (0, QUEUED):
                wrong = f"a member was told {code} {objects}"
            if any(one.get("state") == "durable" for one in objects):
                durable.append(text)
        code = self.stop_relay()
        return durable, wrong if code in (0, DISK) else f"the relay ended with {code}"

    def stop_relay(self):
        if self.relay.running():
            os.kill(self.relay.pid, signal.SIGTERM)
        return self.relay.process.wait()

    def repeated(self):
        """Texts that are not there once."""
        there = self.bertrand.texts("Alice")
        return [text for text in self.said if there.count(text) != 1]


NAMES = ("send", "read", "join", "group", "fetch", "relayed")
SERIES = list(itertools.product(NAMES, CALLS, ERRORS, LASTING))


class Trial:
    def __init__(self, place):
        self.passages, self.played, self.broken = Passages(place), 0, 0

    def try_one(self, name, call, error, when):
        """False if the fault was not reached: there are fewer such calls."""
        self.passages.log.unlink(missing_ok=True)
        try:
            wrong = getattr(self.passages, name)(Fault(call, error, when))
        except Trouble as trouble:
            wrong = f"not even on a disk that works: {trouble}"
        reached = was_reached(self.passages.log)
        self.played += reached
        if wrong:
            self.broken += 1
            print(f"faults: {wrong}\nfaults: again: tests/processes/faults.py {name} {call} {error} "
                  f"{when}", flush=True)
        return reached

    def must_reach(self, *fault):
        """One that nothing reaches any more tries nothing, and is to be replaced."""
        if not self.try_one(*fault):
            self.broken += 1
            print(f"faults: not reached: {' '.join(fault)}", flush=True)

    def try_series(self, name, call, error, lasting):
        for number in itertools.count(1):
            if not self.try_one(name, call, error, f"{number}{lasting}"):
                break
        print(f"faults: {name} {call} {error}{lasting}: {number - 1}", file=sys.stderr, flush=True)

    def play(self, words):
        if words[:1] == ["--series"]:
            first, count = int(words[1]), int(words[2])
            for number in range(first, first + count):
                self.try_series(*SERIES[number % len(SERIES)])
        elif words:
            self.try_one(*words)
        else:
            for name in NAMES:
                for fault in (*SOME, *SOME_MORE.get(name, ())):
                    self.must_reach(name, *fault)
        for text in self.passages.repeated():
            self.broken += 1
            print(f"faults: not there once: {text}")


def main():
    if not can_trace():
        print("SKIPPED: this machine does not let strace trace")
        return 77
    os.umask(0o077)
    # The leak checker traces, too, and two cannot.
    os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        try:
            trial = Trial(pathlib.Path(folder))
            trial.play(sys.argv[1:])
        finally:
            circle.stop_everything()
    print(f"{trial.played} played, {trial.broken} broken")
    return 0 if trial.played and not trial.broken else 1


if __name__ == "__main__":
    sys.exit(main())
