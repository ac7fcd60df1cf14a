#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""The relay's disk fills up under a circle that talks: once to the room that it keeps free, and once
to the last byte. What writes is refused clearly and kept by the devices, what reads is served, and
when there is room again all of it goes on by itself.

The disk is a small tmpfs in a mount namespace of its own; where no namespace is to be had, skipped.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "tools"))
sys.path.insert(0, str(TREE / "tests" / "processes"))

from demo import circle  # noqa: E402
from laws import case, failures  # noqa: E402
from operations import Circle, relay_command  # noqa: E402

INSIDE = "CERCLE_IN_NAMESPACE"
QUEUED = 3
DISK = 96  # MiB


def go_inside():
    """This test again, in a mount namespace; it does not return."""
    for words in (["unshare", "--mount", "--propagation", "private"],
                  ["unshare", "--mount", "--map-root-user", "--propagation", "private"]):
        probe = [*words, "sh", "-c", "mount -t tmpfs -o size=1m none /mnt"]
        if subprocess.run(probe, capture_output=True).returncode == 0:
            os.environ[INSIDE] = "yes"
            os.execvp(words[0], [*words, sys.executable, __file__])
    print("SKIPPED: no mount namespace to be had here")
    sys.exit(77)


def free(path):
    told = os.statvfs(path)
    return told.f_bavail * told.f_frsize


def fill(disk, leave):
    """Until so many bytes are left."""
    with open(disk / "ballast", "wb") as ballast:
        piece = bytes(1 << 16)
        while free(disk) > leave:
            try:
                ballast.write(piece[:max(1, min(len(piece), free(disk) - leave))])
                ballast.flush()
            except OSError:
                break


def is_refused_and_kept(people, law, text):
    code, objects = people.alice.run("--timeout", "5", "send", "Bertrand", text)
    said = objects[-1] if objects else {}
    case(f"{law}: what is written is kept by the device, and the reason said",
         code == QUEUED and len(said.get("sentence", "")) > 20, (code, objects))
    case(f"{law}: what reads is served", people.bertrand.run("read", "Alice")[0] == 0)
    case(f"{law}: the relay serves on", people.relay.running())


def recovers(people, law, text):
    (people.disk / "ballast").unlink()
    code, objects = people.alice.run("--timeout", "60", "sync")
    case(f"{law}: with room again it goes on by itself", code == 0, (code, objects))
    case(f"{law}: and nothing is lost or doubled",
         people.bertrand.texts("Alice").count(text) == 1, people.bertrand.texts("Alice"))


def play(place):
    disk = place / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}m,mode=0700", "none", disk], check=True)
    reserve = ["[limits]", "free_mebibytes = 24"]
    people = Circle(place, reserve, data=disk / "relay")
    people.disk = disk
    people.alice.must("send", "Bertrand", "bonjour")

    fill(disk, 20 << 20)
    is_refused_and_kept(people, "below the room that is kept free", "sous la réserve")
    diary = people.relay.diary.read_text()
    case("the diary says it once", diary.count("the disk has no room left") == 1, diary[-2000:])
    code, _, said = relay_command("backup", *people.relay.words, "--to", place / "backup")
    case("a backup that would not fit is refused", code == 5 and "(disk-full)" in said, said)
    recovers(people, "below the room that is kept free", "sous la réserve")
    diary = people.relay.diary.read_text()
    case("and it says that there is room again", "the disk has room again" in diary, diary[-2000:])

    people.relay.process.terminate()
    people.relay.process.wait(30)
    people.relay.file.write_text("[limits]\nfree_mebibytes = 0\n")
    people.relay.start()
    people.alice.must("send", "Bertrand", "encore")
    fill(disk, 0)
    is_refused_and_kept(people, "to the last byte", "au dernier octet")
    recovers(people, "to the last byte", "au dernier octet")
    people.relay.process.terminate()
    people.relay.process.wait(30)
    verified, said = people.relay.verified()
    case("and the store verifies", verified, said)


def main():
    if INSIDE not in os.environ:
        go_inside()
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="cercle-") as folder:
        place = pathlib.Path(folder)
        try:
            play(place)
        finally:
            circle.stop_everything()
            subprocess.run(["umount", "-l", place / "disk"], capture_output=True)
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
