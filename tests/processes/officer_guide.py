#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""docs/guide/officer.md, executed: every fenced command in its order, in one shell that stops at the
first one that fails. What the page promises about the results is looked at afterwards."""
import hashlib
import re
import sys

import guide
from laws import TREE, case, objects, of_type, try_all

GUIDE = TREE / "docs" / "guide" / "officer.md"
THE_REST = 17  # who come by the officer's list, after himself, Alice and Bertrand


def play(place):
    work = place / "work"
    status, said = guide.execute(GUIDE, place, {"PORT": guide.free_ports(1)[0]})
    case("every command of the guide works, in its order", status == 0, said[-3000:])
    screen = (work / "alice.screen").read_text()
    words = re.findall(r"^    ([a-z]+(?: [a-z]+){5})$", screen, re.M)
    case("the newcomer's screen shows six words", len(words) == 1, screen)
    serving = (work / "serving").read_text()
    case("whoever serves is told who waits, and not the words",
         "Alice Martin" in serving and words and words[0] not in serving, serving)
    case("the picture is there", (work / "alice.png").read_bytes()[:4] == b"\x89PNG")
    acts = re.findall(r"^ +\d+  \S+ \S+  (\S+)", said, re.M)
    case("the journal tells what was done, in order",
         acts == ["found", "invite", "request", "approve", "certify", "invite", "certify"]
         + ["invite"] * THE_REST + ["certify"] * THE_REST + ["picture"] + ["hand-over"] * 2, acts)
    case("it holds, and leads to the noted heads", said.count("The journal holds") == 4, said[-2000:])
    case("the lost phone is dropped, once", said.count("the relay has dropped it") >= 2, said[-4000:])
    policy = (work / "alice.policy").read_text()
    case("a member reads the policy in sentences",
         "number 1" in policy and "No card rings; it may knock." in policy and "larger than 10 MiB" in policy, policy)
    refusal = (work / "alice.refusal").read_text()
    case("a file that the policy does not let is refused, and the policy is named", "policy" in refusal, refusal)
    report = (work / "report").read_text()
    case("the report says when it begins", report.startswith("Nothing yet: the report tells of 14 days"), report)
    reports = (work / "alice.reports").read_text()
    case("a member sees what was reported of her device",
         re.fullmatch(r"\d{4}-\d\d-\d\d  (not )?opened.*\(policy 3\)\n", reports) is not None, reports)
    case("nobody has cause for alarm", (work / "alice.alarms").read_text() == "",
         (work / "alice.alarms").read_text())
    case("everybody's device is listed, of a circle of twenty",
         said.count("certified until") == THE_REST + 3, said[-3000:])
    case("whoever came last has all the others in his contacts",
         len(of_type(objects(work / "contacts"), "contact")) == THE_REST + 2,
         (work / "contacts").read_text())
    face = (work / "alice.face").read_bytes()
    sha256 = hashlib.sha256(face).hexdigest()
    pictures = {one["name"]: one["picture"] for one in of_type(objects(work / "with-faces"), "contact")}
    case("whoever has joined has the face that the officer set, and no other",
         [name for name, picture in pictures.items() if picture] == ["Alice Martin"]
         and pictures["Alice Martin"] == sha256, pictures)
    case("it is there as a file, called by what is in it",
         {path.name: path.read_bytes() for path in (work / "faces").iterdir()} == {f"{sha256}.png": face})
    names = {who: {one["name"] for one in of_type(objects(work / f"{who}.contacts"), "contact")}
             for who in ("irene", "quentin", "alice")}
    case("who is in a section of her own sees the officer, and whom a rule lets her see",
         names["irene"] == {"Officer", "Quentin Blanc"}, names["irene"])
    case("whom a rule lets see all has lost nobody, and sees her",
         len(names["quentin"]) == THE_REST + 3 and "Irène Faure" in names["quentin"], names["quentin"])
    case("the others see him, and nothing of her",
         len(names["alice"]) == THE_REST + 2 and "Quentin Blanc" in names["alice"]
         and "Irène Faure" not in names["alice"], names["alice"])
    refused = (work / "irene.refusal").read_text()
    case("whom one does not see cannot be written to", "nobody in the circle is called that" in refused, refused)
    case("whom one sees can", "may I have the files?" in (work / "quentin.read").read_text(),
         (work / "quentin.read").read_text())
    sections = (work / "sections").read_text()
    case("the officer's sections and rules are listed",
         all(word in sections for word in ("audit", "legal", "all")), sections)
    case("no two invitations were alike, and each was printed",
         len({path.read_bytes() for path in (work / "to-print").glob("*.png")}) == THE_REST)
    case("the owner learns whose card leaked, once",
         (work / "leak").read_text().count("the card you gave to Zoe, Le Monde was used by someone else")
         == 1, (work / "leak").read_text())
    case("the restored machine is in office", "In office: Officer." in said, said[-3000:])
    case("and then the successor's", "In office: Alice Martin." in said, said[-3000:])
    case("the machine before is none any more",
         "the office was handed over" in said and "the office is another machine's" in said, said[-3000:])


if __name__ == "__main__":
    sys.exit(try_all(play))
