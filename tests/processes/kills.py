#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""kills.py N SEED: a circle under load, N times kill -9 at random instants.

The relay, the process that owns a home, or a command on its way is killed without a word and
started again. After each death somebody's durable texts are all there, once and in order, and after
one of the relay its store verifies; in the end that holds of everybody's texts. SEED decides whom
and when; the machine's own timing is part of the instants, so a run does not repeat exactly.
"""
import collections
import os
import pathlib
import random
import sys
import tempfile
import time

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))

from demo import circle  # noqa: E402
from demo.circle import Home, Relay, Trouble  # noqa: E402
from demo.load import Background, Flow, check_flow, check_there, hold, wait_for  # noqa: E402

GROUP, OTHER = "Cellule", "Va-et-vient"
LONGEST_PAUSE = 1.0  # between two kills
PATIENCE = 120  # for everything to arrive in the end, however busy the machine is


def verify(relay):
    holds, said = relay.verified()
    hold(holds, f"the relay's store verifies, and not: {said}")


class Owner:
    """The process that owns a home, started again whenever it was killed."""

    def __init__(self, home):
        self.home, self.process = home, None
        self.start()

    def start(self):
        self.process = self.home.start("sync", "--wait", "86400")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.start()


class Play:
    def __init__(self, place, seed):
        self.chance = random.Random(seed)
        self.killed, self.groups = collections.Counter(), {}
        self.relay = Relay(place / "relay")
        self.relay.start()
        officer = Home(place, "officer")
        officer.must("officer", "found", "Conseil", "--relay", self.relay.address,
                     "--relay-key", self.relay.key)
        officer.start("officer", "serve")
        self.homes = {name: Home(place, name.lower())
                      for name in ("Alice", "Bertrand", "Chloe", "Denise")}
        for name, home in self.homes.items():
            home.join(officer, name)
        alice, bertrand, chloe, denise = self.homes.values()
        for home in self.homes.values():
            wait_for(lambda: len(home.must("contacts")) == 4, "everybody knows everybody", PATIENCE)
        alice.must("group", "create", GROUP, "Bertrand", "Chloe")
        bertrand.must("group", "create", OTHER, "Denise")
        self.owners = [Owner(home) for home in (alice, bertrand, chloe, denise)]
        # Who reads each flow, and what that home calls the conversation.
        self.readers = {
            Flow(alice, GROUP, "alpha"): [(alice, GROUP), (bertrand, GROUP), (chloe, GROUP)],
            Flow(bertrand, GROUP, "bravo"): [(alice, GROUP), (bertrand, GROUP), (chloe, GROUP)],
            Flow(alice, "Bertrand", "direct"): [(alice, "Bertrand"), (bertrand, "Alice")],
            Flow(chloe, "Denise", "delta"): [(chloe, "Denise"), (denise, "Chloe")]}

    def come_and_go(self):
        """Commits, beside the texts: Alice is taken into a group and put out again."""
        bertrand = self.homes["Bertrand"]
        for act in ("add", "remove"):
            bertrand.run("group", act, OTHER, "Alice")

    def found_groups(self):
        """Groups made while their maker's owner dies: each once, whatever was said of it."""
        name = f"Groupe {len(self.groups)}"
        code, _ = self.homes["Chloe"].run("group", "create", name, "Denise")
        self.groups[name] = code
        time.sleep(1)

    def kill_the_relay(self):
        self.relay.kill()
        verify(self.relay)
        time.sleep(self.chance.uniform(0, 0.3))
        self.relay.start()

    def kill_a_command(self):
        running = [process for home in self.homes.values() for process in list(home.commands)]
        if not running:
            return False
        self.chance.choice(running).kill()
        return True

    def kill(self, number):
        for _ in range(number):
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE))
            victim = self.chance.choices(("relay", "device", "command"), (4, 4, 2))[0]
            if victim == "command" and not self.kill_a_command():
                victim = "device"
            if victim == "relay":
                self.kill_the_relay()
            elif victim == "device":
                self.chance.choice(self.owners).kill()
            self.killed[victim] += 1
            self.check_somebody()

    def check_somebody(self):
        flow, readers = self.chance.choice(list(self.readers.items()))
        durable = flow.durable()
        if durable:
            check_there(*self.chance.choice(readers), durable, PATIENCE)

    def check(self):
        for flow, readers in self.readers.items():
            flow.check_states()
            for home, of in readers:
                check_flow(home, of, flow, PATIENCE)
        lists = [self.homes[name].texts(GROUP) for name in ("Alice", "Bertrand", "Chloe")]
        hold(lists[0] == lists[1] == lists[2], "the three read the same conversation")
        bertrand, denise = self.homes["Bertrand"], self.homes["Denise"]
        bertrand.must("group", "remove", OTHER, "Alice", allow=(0, 1))
        for home in (bertrand, denise):
            home.must("send", OTHER, f"{home.name} is still here")
        wait_for(lambda: bertrand.texts(OTHER) == denise.texts(OTHER),
                 "a group in which people came and went reads alike", PATIENCE)
        self.check_groups()

    def check_groups(self):
        there = collections.Counter(
            one.get("name") for one in self.homes["Chloe"].must("conversations"))
        for name, code in self.groups.items():
            hold(there[name] <= 1, f"{name} was made once, and not {there[name]} times")
            hold(code != 0 or there[name] == 1, f"{name}, which was called made, is there")

    def told(self):
        texts = sum(len(flow.texts()) for flow in self.readers)
        durable = sum(len(flow.durable()) for flow in self.readers)
        deaths = ", ".join(f"{count} of a {victim}" for victim, count in self.killed.items())
        return (f"{deaths}; {texts} texts, {durable} of them called durable at once; "
                f"{len(self.groups)} groups")


def play(place, kills, seed):
    try:
        circle_of_five = Play(place, seed)
        beside = [Background(flow.send) for flow in circle_of_five.readers]
        beside.append(Background(circle_of_five.come_and_go))
        beside.append(Background(circle_of_five.found_groups))
        circle_of_five.kill(kills)
        for one in beside:
            one.stop()
        circle_of_five.check()
        print(f"kills: {circle_of_five.told()}", file=sys.stderr)
    finally:
        circle.stop_everything()
        if "circle_of_five" in locals():
            verify(circle_of_five.relay)


def main():
    kills, seed = (int(word) for word in sys.argv[1:])
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        try:
            play(pathlib.Path(folder), kills, seed)
        except Trouble as trouble:
            print(f"kills: {trouble}\nkills: again: tests/processes/kills.py {kills} {seed}\n"
                  f"{kills} played, 1 broken")
            return 1
    print(f"{kills} played, 0 broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
