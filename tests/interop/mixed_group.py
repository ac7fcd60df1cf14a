# SPDX-License-Identifier: AGPL-3.0-or-later
"""A group of members of both sides: who is in it, how what one makes reaches the others, and what must
hold after it."""
import collections
import dataclasses

from sides import Wrong

PAST_EPOCHS = 3  # for which both sides keep keys

# What ts-mls 2.0.0-rc.10 does otherwise than RFC 9420, and how that shows (docs/proving-ground.md).
UNMERGED = "non-blank intermediate node must list leaf node in its unmerged_leaves"


@dataclasses.dataclass
class Member:
    name: str
    side: object
    identity: str  # what his credential says
    since: int = 0  # the epoch in which he came in
    late: list = dataclasses.field(default_factory=list)  # letters that are still on their way

    def ask(self, do, **more):
        return self.side.ask(do, self.name, **more)

    def must(self, do, **more):
        return self.side.must(do, self.name, **more)


@dataclasses.dataclass
class Letter:
    epoch: int
    text: str
    beside: str
    message: str


class MixedGroup:
    def __init__(self, ours, theirs, suite, dice, prefix):
        self.ours, self.theirs, self.suite, self.dice = ours, theirs, suite, dice
        self.prefix, self.people = prefix, 0
        self.members, self.gone = [], []
        self.epoch, self.id = 0, prefix.encode().hex()
        self.tally = collections.Counter()

    def newcomer(self, side, identity=None):
        self.people += 1
        who = f"{self.prefix}-{side.name}-{self.people}"
        member = Member(who, side, identity or who)
        member.must("person", suite=self.suite, name=member.identity)
        return member

    def found(self, side, context):
        self.members = [self.newcomer(side)]
        self.members[0].must("found", group=self.id, context=context)

    def of(self, side):
        return [member for member in self.members if member.side is side]

    def others(self, *than):
        return [member for member in self.members if member not in than]

    def leaf(self, member):
        return next(leaf for leaf, name in self.look["members"] if name == member.identity)

    # What has to hold.

    def agree(self):
        """Every member of either side is in the same epoch, with the same secrets and members."""
        seen = {}
        for member in self.members:
            seen[member.name] = member.must("look")
        places = sorted([seen[one.name].pop("leaf"), one.identity] for one in self.members)
        self.look = seen[self.members[0].name]
        for name, one in seen.items():
            if one != self.look:
                raise Wrong(f"{name} sees {one}, and {self.members[0].name} {self.look}")
        if places != self.look["members"]:
            raise Wrong(f"the members are {places}, and in the tree stand {self.look['members']}")
        if self.look["epoch"] != self.epoch:
            raise Wrong(f"they are in epoch {self.look['epoch']}, not {self.epoch}")

    def refused_by(self, member, message, what, rule=None):
        answer = member.ask("receive", message=message)
        if "refused" not in answer or (rule and answer["refused"] != rule):
            raise Wrong(f"{member.name} does not refuse {what}: {answer}")

    # What goes around.

    def commit(self, committer, joining=(), leaving=(), tells_own=False, **intents):
        """A commit that wins: everybody enters its epoch, who is added joins, who is removed is out."""
        intents |= {"packages": [one.must("package")["package"] for one in joining],
                    "removes": [self.leaf(one) for one in leaving]} if joining or leaving else {}
        made = committer.must("commit", **intents)
        self.deliver(committer, made["commit"], leaving, tells_own)
        tree = committer.must("merge")["tree"]
        self.epoch += 1
        self.let_go(leaving)
        self.let_in(joining, made["welcome"], tree if not intents.get("inside", True) else None)
        self.agree()

    def deliver(self, committer, message, leaving=(), tells_own=False):
        for member in self.dice.sample(self.members, len(self.members)):
            if member is committer:
                continue
            answer = member.ask("receive", message=message)
            if answer.get("kind") != ("removed" if member in leaving else "commit"):
                raise Wrong(f"{member.name} gets a commit of {committer.name}: {answer}")
        for member in self.gone:
            self.refused_by(member, message, "a commit after he was removed")
        if tells_own and committer.side is self.ours:
            answer = committer.must("receive", message=message)
            if answer["kind"] != "own":
                raise Wrong(f"{committer.name} does not know his own commit: {answer}")

    def let_go(self, leaving):
        self.members = self.others(*leaving)
        self.gone = (self.gone + list(leaving))[-2:]

    def let_in(self, joining, welcome, tree):
        beside = {"tree": tree} if tree else {}
        shut_out = []
        for member in joining:
            answer = member.ask("join", welcome=welcome, **beside)
            if "refused" not in answer:
                member.since = self.epoch
                self.members.append(member)
            elif member.side is self.theirs and answer["why"] == UNMERGED:
                shut_out.append(member)
            else:
                raise Wrong(f"{member.name} cannot join: {answer}")
        if shut_out:
            # He stands in everybody's tree; one of ours removes him.
            self.tally["known: a lawful tree is refused by who joins"] += len(shut_out)
            remover = self.dice.choice(self.of(self.ours))
            names = [one.identity for one in shut_out]
            leaves = [leaf for leaf, name in remover.must("look")["members"] if name in names]
            made = remover.must("commit", removes=leaves)
            self.deliver(remover, made["commit"])
            remover.must("merge")
            self.epoch += 1

    def followed(self, kind, founder, members):
        """The group that `founder` makes out of this one: reinitialised, or a branch with some."""
        after = MixedGroup(self.ours, self.theirs, self.suite, self.dice, f"{self.prefix}-{kind}")
        after.tally = self.tally
        new = {old.name: after.newcomer(old.side, old.identity) for old in members}
        packages = [new[old.name].must("package")["package"] for old in members if old is not founder]
        made = founder.must(kind, into=new[founder.name].name, group=after.id, packages=packages)
        for old in members:
            if old is not founder:
                new[old.name].must("join", after=old.name, **made)
        after.members, after.epoch = [*new.values()], 1
        after.agree()
        return after

    def propose(self, proposer, kind, **more):
        """Reaches everybody, in any order; its message."""
        made = proposer.must("propose", kind=kind, **more)
        self.spread(made["message"], proposer)
        return made["message"]

    def spread(self, message, proposer=None):
        for member in self.dice.sample(self.members, len(self.members)):
            if member is not proposer and \
                    member.must("receive", message=message)["kind"] != "proposal":
                raise Wrong(f"{member.name} takes a proposal for something else")

    # Letters.

    def write(self, sender):
        number = self.tally["letters"] = self.tally["letters"] + 1
        text = f"{sender.name} {number} " + "é" * self.dice.choice((0, 3, 300))
        beside = self.dice.choice(("", f"beside {number}"))
        more = {"padding": self.dice.choice((0, 64))} if sender.side is self.ours else {}
        message = sender.must("say", text=text, beside=beside, **more)["message"]
        letter = Letter(self.epoch, text, beside, message)
        for member in self.others(sender):
            fate = self.dice.random()
            if fate < 0.25:
                member.late.append(letter)
            else:
                self.hand(member, letter, twice=fate > 0.9)
        for member in self.gone:
            self.refused_by(member, message, "a letter after he was removed")

    def hand(self, member, letter, twice=False):
        if self.epoch - letter.epoch > PAST_EPOCHS:
            self.refused_by(member, letter.message, "a letter whose keys are gone",
                            "mls-epoch-gone" if member.side is self.ours else None)
            return
        answer = member.must("receive", message=letter.message)
        if answer != {"kind": "text", "text": letter.text, "beside": letter.beside}:
            raise Wrong(f"{member.name} reads {answer} where {letter} was written")
        self.tally[f"letters read by {member.side.name}"] += 1
        if twice:
            self.refused_by(member, letter.message, "a letter that he has read",
                            "mls-already-received" if member.side is self.ours else None)

    def hand_late(self, member):
        """What is on its way to him arrives, in any order; or some of it."""
        self.dice.shuffle(member.late)
        keep = self.dice.choice((0, len(member.late) // 2))
        arriving, member.late = member.late[keep:], member.late[:keep]
        for letter in arriving:
            self.hand(member, letter)
