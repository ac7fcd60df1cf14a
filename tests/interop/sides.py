# SPDX-License-Identifier: AGPL-3.0-or-later
"""The two sides of a mixed group, each a process that holds its members and answers questions
(members.h says which): ours, and that of ts-mls."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess

HERE = pathlib.Path(__file__).resolve().parent


class Wrong(Exception):
    """Something that must not be."""


class Absent(Exception):
    """What this takes is not here."""


def modules():
    """Where ./test has put what package-lock.json lists (tools/environment/modules.sh)."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = pathlib.Path(os.environ.get("CERCLE_MODULES", "nowhere"))
    folder /= hashlib.sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules").is_dir():
        raise Absent(f"the modules that {HERE / 'package-lock.json'} lists are not in {folder}")
    return folder


def shortened(question):
    return question if len(question) < 300 else f"{question[:200]} ... {question[-90:]}"


class Side:
    """One process. All that it was asked is kept, a question a line."""

    def __init__(self, name, command):
        self.name, self.asked = name, []
        # Node hands each call of WebCrypto to a pool of threads; passing it between four is half of the cost.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        bufsize=1, env=os.environ | {"UV_THREADPOOL_SIZE": "1"})

    def ask(self, do, who=None, **more):
        """The answer; a refusal too is one."""
        question = {"do": do} | ({"who": who} if who else {}) | more
        self.asked.append(json.dumps(question))
        self.process.stdin.write(self.asked[-1] + "\n")
        line = self.process.stdout.readline()
        if not line:
            raise Wrong(f"{self.name} ended with {self.process.wait()} when asked "
                        f"{shortened(self.asked[-1])}")
        return json.loads(line)

    def must(self, do, who=None, **more):
        answer = self.ask(do, who, **more)
        if "refused" in answer:
            raise Wrong(f"{who} of {self.name} refuses {shortened(self.asked[-1])}: {answer}")
        return answer

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def both(seed):
    """(ours, theirs)"""
    folder = modules()
    peer = pathlib.Path(os.environ.get("CERCLE_PROGRAM_MLS_PEER",
                                       HERE.parent.parent / "build/dev/bin/mls_peer"))
    if not peer.exists():
        raise Absent(f"there is no {peer}: ninja -C build/dev mls_peer_program")
    if not shutil.which("node"):
        raise Absent("there is no node: this is not the environment of ./test")
    return (Side("ours", [str(peer), str(seed)]),
            Side("theirs", ["node", "--no-warnings", str(HERE / "peer.mjs"), str(folder)]))
