# SPDX-License-Identifier: AGPL-3.0-or-later
"""Load on a circle of real processes, and what must hold afterwards whatever was done to them."""
import threading
import time
import uuid

from demo.circle import Trouble


def hold(truth, what):
    if not truth:
        raise Trouble(f"this did not hold: {what}")


def wait_for(condition, what, seconds=60):
    """Looks again and again; the devices exchange what they have meanwhile."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Trouble(f"still not so after {seconds} s: {what}")
        time.sleep(0.1)


class Flow:
    """One sender's texts to one conversation, one command after the other, each under an id of its
    own and under the same until it is known to be durable or kept, whatever happens meanwhile."""

    def __init__(self, sender, to, label):
        self.sender, self.to, self.label = sender, to, label
        self.outcomes = []  # (text, state), in the order in which they were sent

    def send(self):
        text, name = f"{self.label} {len(self.outcomes):04}", str(uuid.uuid4())
        while True:
            code, objects = self.sender.run("send", self.to, text, "--id", name)
            sent = [one for one in objects if one["type"] == "sent"]
            if sent or code == 1:
                break
            time.sleep(0.05)  # the process that owned the home was killed: once more, same id
        self.outcomes.append((text, sent[0]["state"] if sent else f"refused {objects}"))

    def texts(self):
        return [text for text, _ in self.outcomes]

    def durable(self):
        return [text for text, state in self.outcomes if state == "durable"]

    def count(self, state):
        return sum(one == state for _, one in self.outcomes)

    def check_states(self):
        odd = [one for one in self.outcomes if one[1] not in ("durable", "queued")]
        hold(not odd, f"every text of {self.label} was durable or kept, and not {odd[:3]}")


class Background(threading.Thread):
    """Does something again and again until it is stopped; stop() raises what it ended in."""

    def __init__(self, act):
        super().__init__(daemon=True)
        self.act, self.stopped, self.trouble = act, threading.Event(), None
        self.start()

    def run(self):
        try:
            while not self.stopped.is_set():
                self.act()
        except Exception as trouble:  # whatever it is, it is told where it is waited for
            self.trouble = trouble

    def stop(self):
        self.stopped.set()
        self.join()
        if self.trouble:
            raise self.trouble


def faults_in(expected, got):
    """(lost, doubled, reordered) of what was sent, in what a reader has."""
    lost = sum(text not in got for text in expected)
    doubled = len(got) - len(set(got))
    once = list(dict.fromkeys(got))
    reordered = sum(one != other
                    for one, other in zip(once, [text for text in expected if text in got]))
    return lost, doubled, reordered


def check_there(home, of, expected, seconds=60):
    """These texts of one sender are there once and in their order, at this home, in what it calls
    `of`, at the latest after a while."""
    got = []

    def all_have_come():
        got[:] = [one["text"] for one in home.run("read", of)[1]
                  if one["type"] == "message" and one["text"] in expected]
        return len(set(got)) == len(expected)

    try:
        wait_for(all_have_come, "", seconds)
    except Trouble:
        pass  # said below, and more exactly
    faults = faults_in(expected, got)
    hold(not any(faults), f"{home.name} has {expected[0]} to {expected[-1]} once and in order, and "
                          "not {} lost, {} doubled, {} reordered".format(*faults))


def check_flow(home, of, flow, seconds=60):
    check_there(home, of, flow.texts(), seconds)
