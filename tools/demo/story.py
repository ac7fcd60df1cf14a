# SPDX-License-Identifier: AGPL-3.0-or-later
"""./run --demo: a circle's story in plain words, with the accidents that happen to circles.

Ends with 0 only if all held. Every figure it prints was counted in this run.
"""
import base64
import hashlib
import random
import secrets
import shutil
import threading
import time
import uuid

from demo import circle
from demo.circle import Home, Relay
from demo.load import Flow, check_flow, hold, wait_for

FRENCH = "Réunion à l’Élysée demain à 9 h — « confidentiel », n’en parlez à personne"
ARABIC = "سنلتقي غدا في الساعة التاسعة"
EMOJI = "👍🏽 Parfait 🇫🇷 à demain 🕘"
SECRET = "le-mot-convenu-est-mirabelle"
FLOOD = 500
FILE_SIZE = 5 << 20
FILE_NAME = "Compte rendu de la réunion.pdf"
NAMES = ["Alice Martin", "Bertrand Öztürk", "Chloé Lefèvre"]
GROUP = "Cellule de crise"


def say(sentence):
    print(f"  {sentence}", flush=True)


def chapter(title):
    print(f"\n{title}", flush=True)


def found_and_join(place, relay):
    chapter("A circle is founded, and three people join by invitation")
    officer = Home(place, "officer")
    officer.must("officer", "found", "Conseil", "--relay", relay.address, "--relay-key", relay.key,
                 expect="found")
    officer.start("officer", "serve")
    say("the officer's machine answers those who join")
    members = [Home(place, name) for name in ("alice", "bertrand", "chloe")]
    for home, name in zip(members, NAMES):
        home.join(officer, name)
        say(f"{name} is in")
    for home, own in zip(members, NAMES):
        others = set(NAMES) - {own}
        wait_for(lambda: others <= {one["name"] for one in home.must("contacts")},
                 f"{own} sees the other two in the contact list")
    say("each sees the other two in the contact list, at once, without exchanging any code")
    code, objects = members[0].run("join", "CERCLE:NONSENSE")
    hold(code == 1 and objects[-1]["type"] == "error", "a mistyped invitation is refused")
    return members


def talk(alice, bertrand, chloe):
    chapter("They talk, two and three at a time, in every script")
    for sender, receiver, to, back, text in (
            (alice, bertrand, NAMES[1], NAMES[0], FRENCH),
            (bertrand, alice, NAMES[0], NAMES[1], ARABIC),
            (alice, bertrand, NAMES[1], NAMES[0], EMOJI)):
        sent = sender.must("send", to, text, expect="sent")
        hold(sent["state"] == "durable", "a sent message is durable")
        wait_for(lambda: text in receiver.texts(back), "the text arrives as it was written")
        say(f"{sender.name} -> {receiver.name}: {text}")
    alice.must("group", "create", GROUP, NAMES[1], NAMES[2])
    for sender, text in ((alice, "Bonjour à tous"), (bertrand, "Présent"), (chloe, "أنا هنا")):
        sender.must("send", GROUP, text)
    for home in (alice, bertrand, chloe):
        hold(home.texts(GROUP) == ["Bonjour à tous", "Présent", "أنا هنا"],
             "the group reads the same at each of the three, in the same order")
    say(f"the group \"{GROUP}\" reads the same at each of the three")


def be_away(alice, bertrand):
    chapter("Somebody is away for a while")
    texts = [f"pendant ton absence, {number}" for number in range(1, 6)]
    for text in texts:
        alice.must("send", NAMES[1], text)
    hold(bertrand.texts(NAMES[0])[-5:] == texts, "who comes back finds everything, in order")
    say("five messages waited for Bertrand, and came in order")


def flood(flow, count, accident=None):
    for number in range(count):
        flow.send()
        if accident and number == accident[0]:
            accident[1]()


def kill_the_relay(relay, homes):
    chapter(f"The relay is killed while {FLOOD} messages are being sent")
    alice, bertrand, chloe = homes
    owners = [home.start("sync", "--wait", "600") for home in homes]
    killed_at = []

    def power_cut():
        relay.kill()
        killed_at.append(time.monotonic())
        time.sleep(0.3)
        relay.start()

    flows = [Flow(alice, GROUP, "alpha"), Flow(bertrand, GROUP, "bravo")]
    began = time.monotonic()
    threads = [
        threading.Thread(target=flood, args=(flows[0], FLOOD // 2, (FLOOD // 6, power_cut))),
        threading.Thread(target=flood, args=(flows[1], FLOOD // 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    hold(len(killed_at) == 1, "the relay was killed once")
    durable, queued = (sum(flow.count(state) for flow in flows) for state in ("durable", "queued"))
    say(f"{durable} were called durable at once, {queued} were kept and sent later "
        f"({took:.1f} s in all)")
    hold(durable + queued == FLOOD, "every message was either durable or kept")
    for home in homes:
        for flow in flows:
            check_flow(home, GROUP, flow)
    lists = [home.texts(GROUP) for home in homes]
    hold(lists[0] == lists[1] == lists[2], "the three read the same conversation")
    say("nothing is missing, nothing is double, each sender's order is kept, at all three")
    return owners


def kill_a_device(homes, owner):
    chapter("A device is killed while it sends")
    alice = homes[0]
    flow = Flow(alice, GROUP, "charlie")
    flood(flow, 60, (20, owner.kill))
    for home in homes:
        check_flow(home, GROUP, flow)
    say("its 60 messages are all there, once, in order")


def make_file(path):
    """Words and noise; what the relay's bytes are searched for afterwards."""
    words = f"le dossier {SECRET} ".encode()
    content = (words * (FILE_SIZE // 2 // len(words) + 1))[:FILE_SIZE // 2]
    content += secrets.token_bytes(FILE_SIZE - len(content))
    path.write_bytes(content)
    return content


def kill_when(condition, process, kill):
    """Kills in the middle. False if the process was quicker."""
    while not condition():
        if process.poll() is not None:
            return False
        time.sleep(0.001)
    kill()
    process.wait()
    return True


def send_a_file(place, relay, homes, owner):
    chapter(f"A file of {FILE_SIZE >> 20} MiB is sent, and everything is killed in the middle of it")
    alice, bertrand = homes[0], homes[1]
    owner.terminate()  # so that it is the fetching process itself that is killed
    owner.wait()
    source, target = place / FILE_NAME, place / "received.pdf"
    part = place / "received.pdf.part"
    content = make_file(source)
    message = str(uuid.uuid4())
    words = ("send", NAMES[1], "Le compte rendu", "--file", source, "--id", message)
    stored = relay.stored()
    sending = alice.start(*words)
    if kill_when(lambda: relay.stored() > stored + FILE_SIZE // 4, sending, sending.kill):
        say("Alice's device was killed while the file was on its way to the relay")
    stored = relay.stored()
    sending = alice.start(*words)

    def power_cut():
        relay.kill()
        relay.start()

    if kill_when(lambda: relay.stored() > stored + FILE_SIZE // 8, sending, power_cut):
        say("the relay was killed while it went on")
    sent = alice.must("--timeout", "60", *words, expect="sent")
    hold(sent["state"] == "durable", "the file's message is durable")
    source.unlink()
    shown = [one["attachment"] for one in bertrand.messages(NAMES[0]) if one["attachment"]]
    hold(shown == [{"name": FILE_NAME, "size": FILE_SIZE,
                    "sha256": hashlib.sha256(content).hexdigest()}],
         "Bertrand sees the file once, by its name, size and hash")

    for who, kill in (("Bertrand's device", None), ("the relay", power_cut)):
        had = part.stat().st_size if part.exists() else 0
        fetching = bertrand.start("fetch", message, "--out", target)
        if kill_when(lambda: part.exists() and part.stat().st_size > had + FILE_SIZE // 4, fetching,
                     kill or fetching.kill):
            say(f"{who} was killed while the file was fetched, with {part.stat().st_size:,} bytes there")
            hold(not target.exists(), "half a file never has the file's name")
    if not target.exists():
        bertrand.must("--timeout", "60", "fetch", message, "--out", target, expect="fetched")
    hold(target.read_bytes() == content, "the file is what it was, byte by byte")
    hold(not part.exists(), "nothing is left beside it")
    say(f"all {FILE_SIZE:,} bytes arrived as they were sent")
    return content


def remove_one(homes):
    chapter("One of the three is removed from the group")
    alice, bertrand, chloe = homes
    alice.must("group", "remove", GROUP, NAMES[2])
    alice.must("send", GROUP, SECRET)
    wait_for(lambda: SECRET in bertrand.texts(GROUP), "who is still in reads on")
    chloe.must("sync")
    hold(SECRET not in chloe.texts(GROUP), "who was removed reads nothing that came later")
    code, _ = chloe.run("send", GROUP, "encore là ?")
    hold(code == 1, "who was removed cannot write any more")
    hold("encore là ?" not in bertrand.texts(GROUP), "and is not heard")
    say("Chloé reads nothing that was written later, and is not heard")


def needles():
    words = [FRENCH, ARABIC, EMOJI, SECRET, "pendant ton absence", "Bonjour à tous", "Présent",
             "alpha 0", "bravo 0", "charlie 0", GROUP, "Conseil", *NAMES,
             *(part for name in NAMES for part in name.split() if len(part) > 5)]
    for word in words:
        utf8 = word.encode()
        yield word, utf8
        yield word, word.encode("utf-16-le")
        yield word, word.encode("utf-16-be")
        yield word, utf8.hex().encode()
        yield word, utf8.hex().upper().encode()
        # In base64 the same bytes look different in each of three alignments.
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + utf8)
            yield word, coded[(0, 2, 3)[shift]:][:len(utf8) * 4 // 3 - 3]


def file_needles(content):
    """Pieces of the file, from all over it, long enough to mean something."""
    chance = random.Random(1)
    for _ in range(64):
        at = chance.randrange(len(content) - 32)
        piece = content[at:at + 24]
        yield f"the file's bytes at {at}", piece
        yield f"the file's bytes at {at}", piece.hex().encode()
        yield f"the file's bytes at {at}", base64.b64encode(piece)
    for word in (FILE_NAME, "Compte rendu", f"le dossier {SECRET}"):
        yield word, word.encode()
        yield word, word.encode("utf-16-le")
    yield "the file's hash", hashlib.sha256(content).digest()


def search_the_relay(relay, content):
    chapter("Every byte that the relay stores is searched for what was said, and by whom")
    files = [path for path in relay.data.rglob("*") if path.is_file()]
    stored = {path.name: path.read_bytes() for path in files}
    total = sum(map(len, stored.values()))
    hold(total > 100_000, "there is something to search")
    hold(total > len(content), "the file is among it")
    patterns = [*needles(), *file_needles(content)]
    for name, content in stored.items():
        for word, pattern in patterns:
            hold(len(pattern) > 4, "a pattern long enough to mean something")
            hold(pattern not in content, f"{word!r} is not in {name}")
    say(f"{len(patterns)} patterns, {len(stored)} files, {total:,} bytes: no hit")


def play(place):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    began = time.monotonic()
    relay = Relay(place / "relay")
    try:
        relay.start()
        print(f"A relay listens on {relay.address}. It will not learn what is said, nor by whom.")
        homes = found_and_join(place, relay)
        talk(*homes)
        be_away(homes[0], homes[1])
        owners = kill_the_relay(relay, homes)
        kill_a_device(homes, owners[0])
        content = send_a_file(place, relay, homes, owners[1])
        remove_one(homes)
    finally:
        circle.stop_everything()
    search_the_relay(relay, content)
    print(f"\nAll of it held ({time.monotonic() - began:.0f} s).")
    return 0
