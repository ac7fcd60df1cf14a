#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""What ts-mls does otherwise than RFC 9420, each shown once: either ours refuses it, by the rule that it
breaks, or ts-mls refuses what ours takes. play.py goes around these, or peer.mjs puts them right; when
a later ts-mls has mended one, this says so, and what goes around it can go. Ends with 1 if one is
not as it is said to be."""
import sys

from mixed_group import UNMERGED
from play import skipped
from sides import Absent, both

ED25519, P256 = 1, 2


class Few:
    """a, c and f are ours, b, d and e theirs; those that are named are in one group, founded by a."""

    sides = None  # for all facts, one after the other

    def __init__(self, names, suite=ED25519, founding=()):
        Few.sides = Few.sides or both(1)
        self.ours, self.theirs = Few.sides
        self.names = names
        for name in "abcdef":
            self.ask(name, "person", suite=suite)
        self.ask("a", "found", group="67", context="00", **dict(founding))
        if names[1:]:
            made = self.add("a", names[1:], members="a")
            self.joined = [self.ask(name, "join", welcome=made["welcome"]) for name in names[1:]]

    def ask(self, who, do, **more):
        return (self.ours if who in "acf" else self.theirs).ask(do, who, **more)

    def leaf(self, who):
        return self.ask(who, "look")["leaf"]

    def add(self, committer, newcomers, members):
        return self.commit(committer, members,
                           packages=[self.ask(one, "package")["package"] for one in newcomers])

    def commit(self, committer, members, **intents):
        made = self.ask(committer, "commit", **intents)
        for name in members:
            if name != committer:
                self.ask(name, "receive", message=made["commit"])
        self.ask(committer, "merge")
        return made

    def propose(self, proposer, **what):
        message = self.ask(proposer, "propose", **what)["message"]
        for name in self.names:
            if name != proposer:
                self.ask(name, "receive", message=message)

    def answer_to_commit(self, receiver, committer, **intents):
        return self.ask(receiver, "receive", message=self.ask(committer, "commit", **intents)["commit"])


def a_lone_remove_has_no_path():
    few = Few("abcd")
    return few.answer_to_commit("a", "b", removes=[few.leaf("d")]), "mls-path-required"


def a_lone_update_has_no_path():
    few = Few("abcd")
    few.propose("c", kind="update")
    return few.answer_to_commit("a", "b"), "mls-path-required"


def a_change_of_the_context_has_no_path():
    return Few("abcd").answer_to_commit("a", "b", context="01"), "mls-path-required"


def a_path_is_encrypted_to_leaves_that_were_renewed_as_they_were_before():
    few = Few("abcd")
    few.propose("c", kind="update")
    few.propose("d", kind="update")
    return few.answer_to_commit("c", "b"), "mls-path-not-for-us"


def a_path_is_encrypted_to_newcomers():
    few = Few("abcd")
    return few.answer_to_commit("a", "b", removes=[few.leaf("c"), few.leaf("d")],
                                 packages=[few.ask("e", "package")["package"]]), "mls-path-ciphertexts"


def an_unmerged_leaf_must_stand_in_all_nodes_above():
    """Ours joins there, and ts-mls does not."""
    answers = []
    for newcomer in "cd":
        few = Few("abe" + newcomer + "f")
        few.commit("a", "abef", removes=[few.leaf(newcomer)])  # fills the node over the first four
        made = few.add("f", newcomer, "abef")  # the newcomer is the fourth again, and f's path the root
        answers.append(few.ask(newcomer, "join", welcome=made["welcome"]))
    return answers[1], UNMERGED if "refused" not in answers[0] else "and ours joined"


def a_root_whose_left_half_is_empty_is_counted_into_the_path():
    """"path_secret[n+1] derived from the last path secret value (path_secret[n]) derived for the
    UpdatePath" (section 12.4.1): ts-mls's receivers take one more where the root is not on it."""
    few = Few("abdc")
    few.commit("c", "abdc")
    made = few.ask("c", "commit", removes=[few.leaf("a"), few.leaf("b")])
    return few.ask("d", "receive", message=made["commit"]), "Could not verify confirmation tag"


def keys_on_nist_curves_are_compressed():
    few = Few("a", P256)
    few.ask("b", "person", suite=P256, bare=True)
    return few.ask("a", "commit", packages=[few.ask("b", "package")["package"]]), "mls-leaf-signature"


def an_external_pub_has_no_length():
    """The key's first byte is read as the length, and as which is by chance: too much, or too little."""
    few = Few("ab")
    answer = few.ask("c", "enter", **few.ask("b", "info", bare=True))
    wrong = ("malformed", "trailing-bytes")
    return answer, answer.get("refused") if answer.get("refused") in wrong else " or ".join(wrong)


def external_senders_are_one_and_no_list():
    few = Few("ab", founding={"external_sender": "00"}.items())
    return few.joined[0], "Could not decode group info"


def a_resumption_key_of_its_own_group_is_not_found():
    return Few("ab").ask("b", "commit", psks=[{"epoch": 1}], bare=True), \
        "Could not find pskId referenced in proposal"


def an_external_key_is_forgotten_on_the_way():
    few = Few("ab")
    for side in (few.ours, few.theirs):
        side.must("psk", id="01", value="02")
    message = few.ask("a", "commit", psks=[{"id": "01"}])["commit"]
    return few.ask("b", "receive", message=message, bare=True), \
        "Could not find pskId referenced in proposal"


FACTS = (a_lone_remove_has_no_path, a_lone_update_has_no_path, a_change_of_the_context_has_no_path,
         a_path_is_encrypted_to_leaves_that_were_renewed_as_they_were_before,
         a_path_is_encrypted_to_newcomers, an_unmerged_leaf_must_stand_in_all_nodes_above,
         a_root_whose_left_half_is_empty_is_counted_into_the_path, keys_on_nist_curves_are_compressed, an_external_pub_has_no_length,
         external_senders_are_one_and_no_list, a_resumption_key_of_its_own_group_is_not_found,
         an_external_key_is_forgotten_on_the_way)


def main():
    others = 0
    for fact in FACTS:
        answer, expected = fact()
        holds = expected in (answer.get("refused"), answer.get("why"))
        others += not holds
        print(f"{'as known' if holds else 'OTHERWISE'}: {fact.__name__.replace('_', ' ')}"
              f"{'' if holds else f': {answer}, not {expected}'}")
    return others > 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Absent as absent:
        sys.exit(skipped(absent))
