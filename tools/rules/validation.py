# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every rule of RFC 9420 that a client can break or check has a refusal and a test of it.

docs/spec/validation.rules lists the rules; a comment in a test case, or right above it, names those
that it tries:

    // RFC 9420: 12.2/update-by-committer 12.2/one-leaf

A rule is tried when a test case with its name contains each of its codes, as "mls-..." or Code::...;
one that is kept, when any test case has its name. docs/spec/validation.md is the two put together,
and must be what tools/validation writes."""
import re

from .sample import HEAD

RULES = "docs/spec/validation.rules"
TABLE = "docs/spec/validation.md"
TAG = re.compile(r"^[ \t]*// RFC 9420: ([^\n]+)$", re.M)
CASE = re.compile(r'^TEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)', re.M)
RULE_LINE = re.compile(r"^(\S+) \| (.+)$")

GOOD_RULES = '## 1 First\none | mls-one\n    "It MUST be one."\n'
GOOD_TEST = HEAD + '// RFC 9420: 1/one\nTEST_CASE("one is one") {\n    CHECK(rule() == "mls-one");\n}\n'
GOOD_CODES = HEAD + 'CERCLE_CODE(one, "mls-one")\n'
PLANTED = [
    ("a rule without a test", {RULES: GOOD_RULES, "src/base/codes_mls.inc": GOOD_CODES}),
    ("a test without the rule's code", {RULES: GOOD_RULES, "src/base/codes_mls.inc": GOOD_CODES,
                                        "src/mls/a_test.cpp": GOOD_TEST.replace("mls-one", "mls-two")}),
    ("a tag that names no rule", {RULES: GOOD_RULES, "src/base/codes_mls.inc": GOOD_CODES,
                                  "src/mls/a_test.cpp": GOOD_TEST.replace("1/one", "1/one 1/two")}),
    ("a code that is none", {RULES: GOOD_RULES, "src/mls/a_test.cpp": GOOD_TEST}),
    ("a table that is not what the tags say", {RULES: GOOD_RULES, TABLE: "# Validation\n",
                                               "src/base/codes_mls.inc": GOOD_CODES,
                                               "src/mls/a_test.cpp": GOOD_TEST}),
]


class Rule:
    def __init__(self, section, title, name, how):
        self.section, self.title, self.how = section, title, how
        self.name = f"{section}/{name}"
        self.words = []
        self.tests = []  # (path, sentence)
        self.seen = set()  # codes

    @property
    def codes(self):
        free = self.how == "kept" or self.how.startswith("others: ")
        return [] if free else [code.strip() for code in self.how.split(",")]


def rules_of(text):
    rules, section, title = [], "", ""
    for line in text.splitlines():
        if line.startswith("## "):
            section, _, title = line[3:].partition(" ")
        elif line.startswith("    ") and rules and section:
            rules[-1].words.append(line.strip())
        elif section and (found := RULE_LINE.match(line)):
            rules.append(Rule(section, title, found[1], found[2]))
    return rules


def cases_of(text):
    """(sentence, body with the comment above it, where it begins) of each test case."""
    found = list(CASE.finditer(text))
    for at, case in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        begin = max(text.rfind("\n}\n", 0, case.start()), text.rfind("\n\n", 0, case.start())) + 1
        close = text.find("\n}\n", case.start())
        end = end if close < 0 else min(end, close)
        sentence = "".join(re.findall(r'"((?:\\.|[^"\\])*)"', case[1]))
        yield sentence, text[begin:end], begin


def collect(tree):
    """The rules with the tests that try them, and what is wrong with the tags."""
    if RULES not in tree.paths:
        return [], []
    rules = rules_of(tree.text(RULES))
    by_name = {rule.name: rule for rule in rules}
    names = {}  # enumerator -> what is printed
    for path in tree.paths:
        if path.startswith("src/base/codes") and path.endswith(".inc"):
            names.update(re.findall(r'CERCLE_CODE\((\w+), "([^"]+)"\)', tree.text(path)))
    faults = [f"{RULES}: {rule.name} has the code {code}, which is none"
              for rule in rules for code in rule.codes if code not in names.values()]
    faults += [f"{RULES}: {rule.name} stands there twice" for rule in rules if by_name[rule.name] is not rule]
    for path in tree.paths:
        if not path.endswith(".cpp") or not path.startswith(("src/", "tests/")):
            continue
        text = tree.text(path)
        tags = {tag.start() for tag in TAG.finditer(text)}
        if not tags:
            continue
        for sentence, body, begin in cases_of(text):
            said = set(re.findall(r'"([a-z0-9-]+)"', body))
            said |= {names[word] for word in re.findall(r"Code::(\w+)", body) if word in names}
            for tag in TAG.finditer(body):
                tags.discard(begin + tag.start())
                for name in tag[1].split():
                    rule = by_name.get(name)
                    if rule is None:
                        faults.append(f"{path}: a tag names {name}, which is no rule of {RULES}")
                        continue
                    if (path, sentence) not in rule.tests:
                        rule.tests.append((path, sentence))
                    rule.seen |= said
        faults += [f"{path}: a tag that belongs to no test case" for _ in tags]
    return rules, faults


def table(rules):
    lines = ["# Validation", "", "Constant: none, because tools/validation writes it", "",
             "Every rule of RFC 9420 that a client can break or check, what refuses its breach, and the",
             "test that shows it. Made of docs/spec/validation.rules and of the tags in the tests; do",
             "not edit.", "",
             f"{len(rules)} rules: {sum(bool(rule.codes) for rule in rules)} refused, "
             f"{sum(rule.how == 'kept' for rule in rules)} kept by what is made here, "
             f"{sum(rule.how.startswith('others') for rule in rules)} left to others."]
    section = ""
    for rule in rules:
        if rule.section != section:
            section = rule.section
            lines += ["", f"## {section} {rule.title}", ""]
        if rule.codes:
            how = ", ".join(f"`{code}`" for code in rule.codes)
        elif rule.how == "kept":
            how = "kept"
        else:
            how = "left to others: " + rule.how.removeprefix("others: ")
        lines.append(f"- **{rule.name}**: {' '.join(rule.words)} → {how}")
        lines += [f"  - {path}: {sentence}" for path, sentence in rule.tests]
    return "\n".join(lines) + "\n"


def check(tree):
    rules, faults = collect(tree)
    yield from faults
    for rule in rules:
        if rule.how.startswith("others: "):
            continue
        if not rule.tests:
            yield f"{RULES}: no test has the tag {rule.name}"
        for code in rule.codes:
            if rule.tests and code not in rule.seen:
                yield f"{RULES}: no test with the tag {rule.name} expects {code}"
    if rules and (TABLE not in tree.paths or tree.text(TABLE) != table(rules)):
        yield f"{TABLE}: is not what the tags say; tools/validation writes it anew"
