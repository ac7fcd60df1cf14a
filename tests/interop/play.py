#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Plays operations from a seed in groups whose members are ours and ts-mls's.

    play.py SUITE OPERATIONS SEED [COUNT]

SUITE is a number, or `each`: that many in each that both have. COUNT seeds, from SEED on.

After each operation all members of both sides have the same epoch, epoch authenticator, exported secret,
context and members. What ts-mls does otherwise than RFC 9420 is met by name, and counted. When something is
wrong it prints the line that plays it again; the other side's keys are its own machine's, so beside it is
kept what ours was asked, which gives our part of it again to the byte.
"""
import collections
import os
import pathlib
import random
import sys
import tempfile

from mixed_group import UNMERGED, MixedGroup
from sides import Absent, Wrong, both

SIZES = ((1, 5), (3, 8), (2, 6))  # of a group: the fewest members of each side, the most in all
SKIPPED = 77
CONTEXTS = ("", "00", "ff" * 40)


class Play:
    def __init__(self, suite, seed):
        self.suite, self.seed = suite, seed
        self.dice = random.Random(f"{suite} {seed}")
        self.ours, self.theirs = both(seed)
        self.tally = collections.Counter()
        self.groups = 0

    def branch(self):
        """Some go on in a group of their own beside this one."""
        members = self.dice.sample(self.group.members, self.dice.randint(2, len(self.group.members)))
        beside = self.group.followed("branch", self.dice.choice(members), members)
        beside.write(self.dice.choice(beside.members))
        beside.commit(self.dice.choice(beside.members))
        self.tally["branches"] += 1

    def reinitialise(self):
        """This group is closed, and all go on in the one that follows."""
        group = self.group
        into = {"group": f"{group.prefix}-reinitialise".encode().hex(), "suite": self.suite,
                "context": self.dice.choice(CONTEXTS)}
        group.commit(self.anybody(), reinit=into)
        for member in group.members:
            if "refused" not in member.ask("say", text="too late"):
                raise Wrong(f"{member.name} writes in a group that is closed")
        self.group = group.followed("reinitialise", self.anybody(), group.members)
        self.tally["reinitialised"] += 1
        self.letters()
        self.renew()

    def begin(self):
        """A new group."""
        self.groups += 1
        self.fewest, self.most = SIZES[self.groups % len(SIZES)]
        self.group = MixedGroup(self.ours, self.theirs, self.suite, self.dice, f"group-{self.groups}")
        self.group.tally = self.tally
        self.group.found(self.dice.choice((self.ours, self.theirs)), self.dice.choice(CONTEXTS))
        self.group.agree()
        for side in (self.ours, self.theirs) * self.fewest:
            if len(self.group.of(side)) < self.fewest:
                self.add_one_of(side)

    # Who, and what.

    def anybody(self, *but):
        return self.dice.choice(self.group.others(*but))

    def one_of_ours(self, *but):
        return self.dice.choice([one for one in self.group.of(self.ours) if one not in but])

    def can_leave(self, count=1):
        """Who may be removed, so that the sides stay large enough; in any order."""
        leaving = []
        for one in self.dice.sample(self.group.members, len(self.group.members)):
            of_his = [other for other in self.group.of(one.side) if other not in leaving]
            if len(of_his) > self.fewest and len(leaving) < count and \
                    not self.lopsided([*leaving, one]):
                leaving.append(one)
        return leaving

    def lopsided(self, leaving):
        """Whether all who remain are in the right half of the tree: ts-mls then goes one step too far."""
        gone = [one.identity for one in leaving]
        leaves = [leaf for leaf, name in self.group.look["members"] if name not in gone]
        return min(leaves) >= (1 << max(leaves).bit_length()) // 2 > 0

    def may_enter(self):
        return self.most - len(self.group.members)

    def psk(self):
        self.tally["keys"] += 1
        one = {"id": f"{self.tally['keys']:04x}"}
        value = self.dice.randbytes(self.dice.choice((1, 32, 100))).hex()
        for side in (self.ours, self.theirs):
            side.must("psk", value=value, **one)
        return one

    def shape(self, committer, path=True):
        """How a commit looks that does whatever: what each side leaves to choose."""
        beside = {"beside": "beside"} if self.dice.random() < 0.2 else {}
        beside |= {"open": self.dice.random() < 0.5}
        if committer.side is self.ours:
            return beside | {"path": path, "padding": self.dice.choice((0, 100)),
                             "rekey": path and self.dice.random() < 0.2,
                             "tells_own": self.dice.random() < 0.2}
        return beside

    # The operations.

    def letters(self):
        for _ in range(self.dice.randint(1, 3)):
            self.group.write(self.anybody())
        self.group.agree()

    def late_letters(self):
        for member in self.group.members:
            self.group.hand_late(member)
        self.group.agree()

    def renew(self):
        committer = self.anybody()
        self.group.commit(committer, **self.shape(committer))

    def add_one_of(self, side):
        committer = self.anybody()
        self.group.commit(committer, joining=[self.group.newcomer(side)],
                          **self.shape(committer))

    def add(self):
        if not self.may_enter():
            return self.remove()
        joining = [self.group.newcomer(self.dice.choice((self.ours, self.theirs)))
                   for _ in range(self.dice.randint(1, min(2, self.may_enter())))]
        committer = self.anybody()
        psks = {"psks": [self.psk()]} if self.dice.random() < 0.3 else {}
        return self.group.commit(committer, joining=joining, inside=self.dice.random() < 0.5,
                                 **psks, **self.shape(committer, self.dice.random() < 0.5))

    def remove(self):
        leaving = self.can_leave(self.dice.choice((1, 2)))
        if not leaving:
            return self.renew()
        committer = self.anybody(*leaving)
        if committer.side is self.theirs and len(leaving) == 1:
            self.lone(committer, removes=[self.group.leaf(leaving[0])])
            committer = self.one_of_ours(*leaving)
        return self.group.commit(committer, leaving=leaving, **self.shape(committer))

    def change_context(self):
        context = {"context": self.dice.choice(CONTEXTS)}
        committer = self.anybody()
        if committer.side is self.theirs:
            self.lone(committer, **context)
            committer = self.one_of_ours()
        self.group.commit(committer, **context, **self.shape(committer))

    def lone(self, committer, **intents):
        """ts-mls commits one Remove, or a change of the context, without the path that section 12.4
        demands. Ours refuses that, and nobody enters it."""
        made = committer.must("commit", **intents)
        for member in self.group.of(self.ours):
            self.group.refused_by(member, made["commit"], "a commit without path", "mls-path-required")
        self.tally["known: a path is missing, and ours refuses"] += 1

    def replace(self):
        """Somebody goes and somebody comes in one commit."""
        leaving = self.can_leave()
        if not leaving:
            return self.add()
        committer = self.one_of_ours(*leaving) if self.group.of(self.ours) != leaving else None
        if committer is None:
            return self.renew()
        return self.group.commit(committer, joining=[self.group.newcomer(leaving[0].side)],
                                 leaving=leaving, **self.shape(committer))

    def mix_keys(self):
        committer = self.anybody()
        psks = [self.psk() for _ in range(self.dice.randint(1, 2))]
        oldest = max(max(one.since for one in self.group.members), self.group.epoch - 3)
        if self.dice.random() < 0.5:
            psks.append({"epoch": self.dice.randint(oldest, self.group.epoch)})
        self.group.commit(committer, psks=psks, **self.shape(committer, self.dice.random() < 0.5))

    def propose(self):
        """Some propose, by message, and another commits; one of ours, if he must encrypt to renewed
        leaves, since ts-mls then encrypts to the old ones."""
        group = self.group
        proposers = self.dice.sample(group.members, min(len(group.members) - 1, self.dice.randint(1, 3)))
        ours_left = [one for one in group.of(self.ours) if one not in proposers]
        if not ours_left:
            return self.letters()
        kept = [self.dice.choice(ours_left), *proposers]
        leaving = [one for one in self.can_leave() if one not in kept]
        joining, kinds = [], []
        for proposer in proposers:
            kind = self.dice.choice(("update", "update", "remove", "add", "psk", "context", "leave"))
            if kind in kinds and kind != "update":
                kind = "update"
            open_ = {"open": self.dice.random() < 0.5}
            if kind == "remove" and leaving and "leave" not in kinds:
                group.propose(proposer, kind, leaf=group.leaf(leaving[0]), **open_)
            elif kind == "leave" and proposer in self.can_leave(self.most) and "remove" not in kinds:
                group.propose(proposer, "remove", leaf=group.leaf(proposer), **open_)
                leaving = [proposer]
            elif kind == "add" and self.may_enter():
                joining.append(group.newcomer(self.dice.choice((self.ours, self.theirs))))
                group.propose(proposer, kind, packages=[joining[0].must("package")["package"]], **open_)
            elif kind == "psk":
                group.propose(proposer, kind, psks=[self.psk()], **open_)
            elif kind == "context":
                group.propose(proposer, kind, context=self.dice.choice(CONTEXTS), **open_)
            else:
                kind = "update"
                rekey = {"rekey": self.dice.random() < 0.3} if proposer.side is self.ours else {}
                group.propose(proposer, kind, **open_, **rekey)
            kinds.append(kind)
        if not {"remove", "leave"} & set(kinds):
            leaving = []
        theirs_may = set(kinds) <= {"add", "psk"}
        committer = self.anybody(*proposers, *leaving) if theirs_may else kept[0]
        self.tally.update(f"proposed: {kind}" for kind in kinds)
        if self.dice.random() < 0.15 and committer.side is self.ours:
            self.tally["proposals left out"] += 1
            return group.commit(committer, pending=False, **self.shape(committer))
        return self.commit_proposed(committer, joining, leaving)

    def commit_proposed(self, committer, joining, leaving):
        group = self.group
        shape = self.shape(committer)
        made = committer.must("commit", **{key: value for key, value in shape.items()
                                           if key != "tells_own"})
        group.deliver(committer, made["commit"], leaving, shape.get("tells_own"))
        committer.must("merge")
        group.epoch += 1
        group.let_go(leaving)
        group.let_in(joining, made["welcome"], None)
        group.agree()

    def ask(self):
        """Somebody from outside asks to be added."""
        if not self.may_enter():
            return self.renew()
        newcomer = self.group.newcomer(self.dice.choice((self.ours, self.theirs)))
        newcomer.must("package")
        self.group.spread(newcomer.must("ask", group=self.group.id, epoch=self.group.epoch)["message"])
        return self.commit_proposed(self.anybody(), [newcomer], [])

    def enter(self):
        """By a commit of his own: somebody new, or a member who begins anew."""
        again = not self.may_enter() or self.dice.random() < 0.3
        entrant = self.anybody() if again else \
            self.group.newcomer(self.dice.choice((self.ours, self.theirs)))
        info = self.anybody(entrant).must("info", inside=self.dice.random() < 0.5)
        more = {"replaces": self.group.leaf(entrant)} if again else {}
        if entrant.side is self.ours and self.dice.random() < 0.3:
            more["psks"] = [self.psk()]
        made = entrant.ask("enter", **info, **more)
        if entrant.side is self.theirs and made.get("why") == UNMERGED:
            self.tally["known: a lawful tree is refused by who enters"] += 1
            self.group.agree()
            return
        if "refused" in made:
            raise Wrong(f"{entrant.name} cannot enter: {made}")
        self.group.deliver(entrant, made["commit"])
        entrant.must("merge")
        self.group.epoch += 1
        entrant.since, entrant.late = self.group.epoch, []
        self.group.members = self.group.others(entrant) + [entrant]
        self.group.agree()

    def contest(self):
        """Two commit in one epoch; one wins."""
        loser = self.anybody()
        winner = self.anybody(loser)
        loser.must("commit")
        if self.may_enter() and self.dice.random() < 0.5:
            joining = [self.group.newcomer(self.dice.choice((self.ours, self.theirs)))]
        else:
            joining = []
        self.group.commit(winner, joining=joining, **self.shape(winner))

    def restart(self):
        """Everybody ends and starts again from what he stored."""
        for member in self.group.members:
            member.must("restart")
        self.renew()

    OPERATIONS = {letters: 24, late_letters: 4, renew: 12, add: 12, remove: 9, replace: 4, change_context: 3,
                  mix_keys: 6, propose: 14, ask: 3, enter: 7, contest: 4, restart: 2}

    def one(self):
        operation = self.dice.choices([*self.OPERATIONS], [*self.OPERATIONS.values()])[0]
        self.tally[operation.__name__] += 1
        operation(self)

    def end(self):
        for side in (self.ours, self.theirs):
            side.end()


def skipped(absent):
    """What a test ends with that lacks something; in CI that is a failure."""
    print(f"SKIPPED: {absent}")
    return 1 if os.environ.get("CI") == "true" else SKIPPED


GROUP = 100  # operations, before another begins


def played(suite, operations, seed):
    """How many were, and whether all was well."""
    done, play = 0, Play(suite, seed)
    try:
        play.begin()
        while done < operations:
            if done and done % GROUP == 0:
                play.branch()
                play.reinitialise()
                play.begin()
            play.one()
            done += 1
    except Wrong as wrong:
        asked = pathlib.Path(tempfile.mkdtemp(prefix="interop-")) / "asked"
        asked.write_text("".join(f"{line}\n" for line in play.ours.asked))
        print(f"operation {done + 1}: {wrong}\n"
              f"again: tests/interop/play.py {suite:#x} {operations} {seed}\n"
              f"our part of it, to the byte: mls_peer {seed} <{asked}")
        return done, False
    finally:
        play.end()
    print(f"suite {suite:#x}, seed {seed}, {play.groups} groups: " +
          ", ".join(f"{name} {count}" for name, count in sorted(play.tally.items())), file=sys.stderr)
    return done, True


def main():
    operations, first, *count = (int(word) for word in sys.argv[2:])
    try:
        suites = each() if sys.argv[1] == "each" else [int(sys.argv[1], 0)]
        ends = [played(suite, operations, seed)
                for seed in range(first, first + sum(count or [1])) for suite in suites]
    except Absent as absent:
        return skipped(absent)
    broken = sum(not well for _, well in ends)
    print(f"{sum(done for done, _ in ends)} played, {broken} broken")
    return int(broken > 0)


def each():
    ours, theirs = both(0)
    suites = [suite for suite in ours.must("suites")["suites"]
              if suite in theirs.must("suites")["suites"]]
    ours.end()
    theirs.end()
    return suites


if __name__ == "__main__":
    sys.exit(main())
