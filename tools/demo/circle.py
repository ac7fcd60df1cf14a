# SPDX-License-Identifier: AGPL-3.0-or-later
"""Real processes of a circle: a relay, homes, and the commands run on them (7-contract)."""
import json
import os
import pathlib
import secrets
import signal
import subprocess

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("CERCLE_BIN", TREE / "build" / "release" / "bin"))

_running = []


class Trouble(Exception):
    """Something did not hold; the text says what."""


def stop_everything():
    """Ends every process that was started here, gently and then not."""
    for process in reversed(_running):
        if process.poll() is None:
            # The whole session that was begun for it: strace alone would leave what it runs.
            os.killpg(process.pid, signal.SIGTERM)
    for process in reversed(_running):
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    _running.clear()


class Relay:
    def __init__(self, data, listen="127.0.0.1:0"):
        self.data, self.listen = data, listen
        self.process = self.address = self.key = self.pid = None
        self.diary = data.parent / "relay.diary"

    def start(self, under=()):
        """`under` is a command that runs it: strace, say."""
        self.process = subprocess.Popen(
            [*under, BIN / "cercle-relay", "serve", "--data", self.data, "--listen", self.listen],
            stdout=subprocess.PIPE, stderr=open(self.diary, "ab"), text=True,
            start_new_session=True)
        _running.append(self.process)
        line = self.process.stdout.readline()
        if not line:
            raise Trouble(f"the relay did not start; {self.diary} says why")
        ready = json.loads(line)
        # The port stays what it was, so that a restarted relay is found again.
        self.address = self.listen = ready["listen"]
        self.key, self.pid = ready["key"], ready["pid"]

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stored(self):
        """Bytes on its disk."""
        return sum(path.stat().st_size for path in self.data.iterdir() if path.is_file())

    def verified(self):
        """(whether the store verifies, what is said of it); no relay may run on it."""
        done = subprocess.run([BIN / "cercle-relay", "verify", "--data", self.data],
                              capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    def kill(self):
        """As a power cut would: no goodbye."""
        self.process.kill()
        self.process.wait()


class Home:
    """One device: its directory, its passphrase, and the commands run on it."""

    def __init__(self, place, name):
        self.name, self.path = name, place / name
        self.commands = []  # those that run at the moment
        self.pass_file = place / f"{name}.passphrase"
        if not self.pass_file.exists():
            self.pass_file.write_text(secrets.token_hex(16) + "\n")
            self.pass_file.chmod(0o600)

    def words(self, *command):
        diary = ["--diary"] if os.environ.get("CERCLE_DIARY") else []
        return [BIN / "cercle", "--home", self.path, "--json", *diary,
                "--pass-file", self.pass_file, *command]

    def run(self, *command, text=None, under=()):
        """(exit code, objects); the code is negative if a signal ended it. `under` is a command
        that runs this one: strace, say."""
        process = subprocess.Popen(
            [*under, *self.words(*command)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL if text is None else subprocess.PIPE)
        self.commands.append(process)
        try:
            printed, _ = process.communicate(text)
        finally:
            self.commands.remove(process)
        lines = printed.splitlines()
        if process.returncode < 0 and not printed.endswith("\n"):
            lines = lines[:-1]  # it was killed in the middle of one
        try:
            return process.returncode, [json.loads(line) for line in lines]
        except ValueError:
            raise Trouble(f"{self.name}: {command[0]} printed something else than JSON: "
                          f"{printed!r}") from None

    def must(self, *command, expect=None, allow=(0,)):
        """The objects, or the one of a type; anything but success is trouble."""
        code, objects = self.run(*command)
        if code not in allow:
            raise Trouble(f"{self.name}: {' '.join(map(str, command))} ended with {code}: {objects}")
        if expect is None:
            return objects
        found = [one for one in objects if one["type"] == expect]
        if len(found) != 1:
            raise Trouble(f"{self.name}: {command[0]} printed {len(found)} {expect} objects")
        return found[0]

    def one(self, *command):
        """The first object if the command went well."""
        code, objects = self.run(*command)
        return objects[0] if code == 0 and objects else None

    def start(self, *command, stdout=subprocess.DEVNULL):
        """A command that stays; it owns the home while it does."""
        process = subprocess.Popen(self.words(*command), stdin=subprocess.DEVNULL, stdout=stdout,
                                   stderr=subprocess.DEVNULL, start_new_session=True, text=True)
        _running.append(process)
        return process

    def join(self, officer, name, role=""):
        """Unattended: in a script there is nobody to compare words."""
        made = officer.must("officer", "invite", name, "--role", role or "member", "--unattended",
                            expect="invite")
        return self.must("--timeout", "60", "join", made["text"], "--code", made["code"],
                         expect="join")

    def knock(self, text):
        """A command that joins by an attended invitation, and the request that it shows."""
        process = self.start("--timeout", "300", "join", text, stdout=subprocess.PIPE)
        line = json.loads(process.stdout.readline() or "{}")
        if line.get("type") != "request":
            raise Trouble(f"{self.name}: join showed no request: {line}")
        return process, line

    def messages(self, of):
        return [one for one in self.must("read", of) if one["type"] == "message"]

    def texts(self, of):
        return [one["text"] for one in self.messages(of)]

    def show_qr(self, text):
        try:
            subprocess.run([BIN / "cercle", "qr", "-"], input=text, text=True, check=False)
        except OSError:
            pass
