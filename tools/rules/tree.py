# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tree as the rules see it: its files as git knows them, their texts, and the house's calls."""
import os
import pathlib
import re
import subprocess

SOURCE = (".h", ".cpp", ".inc")
CALL = re.compile(r"\b(house_\w+)\s*\(([^()]*)\)", re.S)
WORDS = ("FLOOR", "HEADERS", "SOURCES", "DEPENDS", "DOOR", "DOOR_PUBLIC", "TESTS", "TEST_DEPENDS",
         "TEST_STAGES", "TEST_DOOR", "STAGES", "PROGRAMS", "CORPUS")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^">]+)[">]', re.M)
# A comment, a raw string, a string or a character; whichever begins first wins.
NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"'
                   r"|'(?:\\.|[^'\\\n])+'", re.S)


class Warn(str):
    """A finding that is worth a look and no fault."""


class Call:
    """One house_library, house_program or house_tests call: what a folder says it is made of."""

    def __init__(self, kind, folder, body):
        tokens = re.sub(r"#[^\n]*", "", body).split()
        self.kind, self.folder = kind, folder
        self.name = tokens[0] if tokens else ""
        self.lists = {word: [] for word in WORDS}
        current = None
        for token in tokens[1:]:
            if token in WORDS:
                current = token
            elif current:
                self.lists[current].append(token)

    def __getitem__(self, word):
        return self.lists[word]


class Tree:
    only_changed = False

    def __init__(self, root, paths):
        self.root = root
        self.paths = sorted(path for path in paths if (root / path).is_file())
        self.texts = {}
        self.calls = [Call(kind, os.path.dirname(path), body)
                      for path in self.paths if os.path.basename(path) == "CMakeLists.txt"
                      for kind, body in CALL.findall(self.text(path))
                      if kind in ("house_library", "house_program", "house_stage", "house_tests", "house_fuzz",
                                  "house_bench")]
        self.tests = {os.path.normpath(os.path.join(call.folder, file))
                      for call in self.calls for file in call["TESTS"]}
        self.libraries = {call.name: call for call in self.calls if call.kind == "house_library"}

    @classmethod
    def of(cls, root):
        listed = git(root, "ls-files", "--cached", "--others", "--exclude-standard")
        if listed is None:  # no repository here, an unpacked archive perhaps
            listed = [str(path.relative_to(root)) for path in root.rglob("*")
                      if path.relative_to(root).parts[0] not in (".git", "build", "var")]
        return cls(root, listed)

    @classmethod
    def planted(cls, root, files):
        for path, text in files.items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text)
        return cls(root, [path for path, text in files.items() if text is not None])

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (self.root / path).read_text(errors="replace")
        return self.texts[path]

    def code(self, path):
        """The text without comments and literals, line for line."""
        return NOISE.sub(lambda match: "\n" * match.group().count("\n") or " ", self.text(path))

    def sources(self, *folders):
        return [path for path in self.paths
                if path.endswith(SOURCE) and path.startswith(folders or ("src/", "apps/", "tests/", "tools/", "bench/"))]

    def includes(self, path):
        """(line, is it a house header, header) for every #include."""
        text = self.text(path)
        for match in INCLUDE.finditer(text):
            yield text.count("\n", 0, match.start()) + 1, match[1] == '"', match[2]

    def is_test(self, path):
        """Whether only tests see it: by its place, its name, or its call's TESTS."""
        return path.startswith("tests/") or path in self.tests or \
            path.endswith(("_test.cpp", "_bench.cpp", "_fuzz.cpp"))

    def changed(self):
        staged = git(self.root, "diff", "--name-only", "HEAD")
        new = git(self.root, "ls-files", "--others", "--exclude-standard")
        return self.paths if staged is None or new is None else sorted(set(staged) | set(new))


def git(root, *arguments):
    # The owner of the tree need not be who runs this.
    run = subprocess.run(["git", "-c", "safe.directory=*", "-C", str(root), *arguments, "-z"]
                         if arguments[0] == "ls-files" else
                         ["git", "-c", "safe.directory=*", "-C", str(root), arguments[0], "-z",
                          *arguments[1:]],
                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return None if run.returncode else [path for path in run.stdout.decode().split("\0") if path]
