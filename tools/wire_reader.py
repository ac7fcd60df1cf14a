#!/usr/bin/env python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reads the frames of docs/spec/wire.md, from that text alone.

    tools/wire_reader.py greeting|hello|request|relay [FILE]

FILE (or stdin) holds one frame a line, in hexadecimal. Each is printed as one line of JSON; bytes
as hexadecimal. Ends with 1 if a line is no frame of that kind. As a module: read(kind, frame).
"""
import json
import sys


class Malformed(Exception):
    """Bytes that are not what they should be."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def raw(self, size):
        if self.at + size > len(self.data):
            raise Malformed("cut off")
        self.at += size
        return self.data[self.at - size:self.at]

    def length(self):
        first = self.raw(1)[0]
        width = 1 << (first >> 6)
        if width > 4:
            raise Malformed("a length of a reserved form")
        value = int.from_bytes(bytes([first & 0x3F]) + self.raw(width - 1), "big")
        if width > 1 and value < (1 << (8 * (width // 2) - 2)):
            raise Malformed("a length in a longer form than it needs")
        return value

    def end(self):
        if self.at != len(self.data):
            raise Malformed("bytes behind the end")


def uint(bits):
    return lambda reader: int.from_bytes(reader.raw(bits // 8), "big")


def fixed(size):
    return lambda reader: reader.raw(size).hex()


def opaque(reader):
    return reader.raw(reader.length()).hex()


def some(item):
    def read_all(reader):
        inner, items = Reader(reader.raw(reader.length())), []
        while inner.at < len(inner.data):
            items.append(item(inner))
        return items
    return read_all


def optional(item):
    def read_one(reader):
        presence = reader.raw(1)[0]
        if presence > 1:
            raise Malformed("an optional is 0 or 1")
        return item(reader) if presence else None
    return read_one


def struct(**fields):
    return lambda reader: {name: read_field(reader) for name, read_field in fields.items()}


def within(item):
    """A structure in an opaque of its own."""
    def read_inner(reader):
        inner = Reader(reader.raw(reader.length()))
        value = item(inner)
        inner.end()
        return value
    return read_inner


def choice(*alternatives):
    def read_chosen(reader):
        index = reader.raw(1)[0]
        if index >= len(alternatives):
            raise Malformed("a choice that this version does not know")
        name, fields = alternatives[index]
        return {"is": name, **struct(**fields)(reader)}
    return read_chosen


def named(*names):
    def read_named(reader):
        number = reader.raw(1)[0]
        return names[number - 1] if 1 <= number <= len(names) else number
    return read_named


U8, U16, U32, U64 = uint(8), uint(16), uint(32), uint(64)
ID, KEY = fixed(16), fixed(32)
NEW_ENTRY = struct(id=ID, payload=opaque)
VERIFIER = struct(token=KEY, bundle=KEY)

ORDER = struct(number=U64, act=choice(
    ("AdmitDevice", dict(device=KEY, inbox=ID, deposit=KEY, reader=KEY)),
    ("DropDevice", dict(device=KEY)),
    ("OpenExchange", dict(exchange=ID, token=KEY, until=U64)),
    ("CloseExchange", dict(exchange=ID)),
    ("RearmShares", dict(reserved=U8))))

BUNDLE = struct(log=ID, epoch=U64, commit=opaque, next=VERIFIER, readers_added=some(KEY),
                readers_dropped=some(KEY), welcomes=some(KEY), author=KEY)

SIGNED_BUNDLE = struct(bundle=within(BUNDLE), epoch_signature=opaque, author_signature=opaque)

GREETING = struct(version=U16, incarnation=ID)

HELLO = struct(version=U16, who=choice(
    ("AsDevice", dict(key=KEY, signature=opaque)),
    ("AsNewcomer", dict(reserved=U8)),
    ("AsOfficer", dict(key=KEY, signature=opaque)),
    ("AsHolder", dict(key=KEY, signature=opaque))))

TIER = named("Ring", "Knock", "Note", "Never")
TERMS = struct(tier=TIER, budget=U32, hours=some(struct(**{"from": U16, "until": U16})))
MISUSE = named("Forged", "Foreign", "Revoked", "Unbound", "Muted", "Late", "Spent")
CARD_ROW = struct(card=ID, secret=KEY, terms=TERMS, face=KEY, claimant=optional(KEY),
                  holder=optional(KEY), frozen=U8, revoked=U8,
                  misuse=some(struct(why=MISUSE, count=U32, first=U64, last=U64)))

KIND = named("application", "bundle", "deposit", "card")
ENTRY = struct(seq=U64, kind=KIND, epoch=U64, stamp=U64, payload=opaque, chain=KEY)

REQUEST = struct(number=U32, body=choice(
    ("Claim", dict(reserved=U8)),
    ("GiveOrder", dict(order=within(ORDER), signature=opaque)),
    ("CreateLog", dict(log=ID, verifier=VERIFIER, readers=some(KEY))),
    ("Post", dict(log=ID, epoch=U64, token=opaque, entries=some(NEW_ENTRY))),
    ("PostBundle", dict(id=ID, bundle=SIGNED_BUNDLE, passed_over=U64)),
    ("OpenLog", dict(log=ID, reader=KEY, signature=opaque)),
    ("Read", dict(log=ID, after=U64)),
    ("Deposit", dict(inbox=ID, token=opaque, entry=NEW_ENTRY)),
    ("PutKeyPackages", dict(inbox=ID, packages=some(opaque))),
    ("CountKeyPackages", dict(inbox=ID)),
    ("TakeKeyPackage", dict(inbox=ID, token=opaque, id=ID)),
    ("PutStep", dict(exchange=ID, token=opaque, step=U8, payload=opaque)),
    ("GetStep", dict(exchange=ID, token=opaque, step=U8)),
    ("CreateBlob", dict(blob=ID, put=KEY, get=KEY, chunks=U32)),
    ("PutChunk", dict(blob=ID, token=opaque, number=U32, chunk=opaque)),
    ("GetChunk", dict(blob=ID, token=opaque, number=U32)),
    ("Acknowledge", dict(log=ID, upto=U64, follows=U64)),
    ("CreateRecordedLog", dict(log=ID, verifier=VERIFIER, readers=some(KEY))),
    ("GetCheckpoint", dict(reserved=U8)),
    ("ProveRecord", dict(log=ID, seq=U64, size=U64)),
    ("ProveGrowth", dict(earlier=U64, later=U64)),
    ("PutShare", dict(key=KEY, verifier=KEY, share=opaque)),
    ("DropShare", dict(reserved=U8)),
    ("Guess", dict(guess=opaque, next_key=KEY, next_verifier=KEY)),
    ("PutCard", dict(inbox=ID, card=ID, secret=KEY, terms=TERMS, face=opaque)),
    ("BindCard", dict(inbox=ID, card=ID, holder=KEY, signature=opaque)),
    ("RevokeCard", dict(inbox=ID, card=ID)),
    ("DropCard", dict(inbox=ID, card=ID)),
    ("ListCards", dict(inbox=ID, after=ID)),
    ("ReadCard", dict(card=ID, secret=opaque)),
    ("ClaimCard", dict(card=ID, secret=opaque, letter=NEW_ENTRY)),
    ("UseCard", dict(card=ID, secret=opaque, letter=NEW_ENTRY)),
    ("GetIncarnation", dict(reserved=U8)),
    ("GiveBack", dict(log=ID, entries=some(ENTRY))),
    ("DeclareKept", dict(log=ID, upto=U64)),
    ("AnswerCard", dict(inbox=ID, card=ID, letter=NEW_ENTRY)),
    ("OpenAnswers", dict(card=ID, secret=opaque)),
    ("RotateInbox", dict(inbox=ID, deposit=KEY))))

REFUSAL = named("Refused", "Stale", "IdReused", "LogFull", "TooLarge", "TooMany", "Malformed",
                "Unsupported", "RelayClaimed", "NoKeyPackage", "StoreFault", "Closing", "Frozen",
                "Restored")

INCARNATION = struct(before=ID, now=ID, since=U64)

RELAY = choice(
    ("Response", dict(number=U32, body=choice(
        ("Done", dict(reserved=U8)),
        ("Refused", dict(refusal=REFUSAL)),
        ("Posted", dict(positions=some(U64))),
        ("Opened", dict(since=U64, head=U64)),
        ("Entries", dict(entries=some(ENTRY), head=U64)),
        ("Count", dict(left=U32)),
        ("Package", dict(package=opaque)),
        ("Step", dict(payload=optional(opaque), contested=U8)),
        ("Blob", dict(until=U64, filled=opaque)),
        ("Chunk", dict(chunk=opaque)),
        ("SignedCheckpoint", dict(checkpoint=opaque, signature=opaque)),
        ("Proof", dict(number=U64, path=some(KEY))),
        ("Guessed", dict(outcome=named("Right", "Wrong", "Early", "Spent"), wrong=U8, left=U8,
                         wait=U64, share=optional(opaque))),
        ("Cards", dict(cards=some(CARD_ROW), more=U8)),
        ("CardFace", dict(face=opaque)),
        ("SignedIncarnation", dict(statement=within(INCARNATION), key=opaque,
                                   signature=opaque))))),
    ("Grew", dict(log=ID, head=U64)),
    ("Moved", dict(exchange=ID)))

KINDS = {"greeting": GREETING, "hello": HELLO, "request": REQUEST, "relay": RELAY}


def read(kind, frame):
    """The frame as a dict. Raises Malformed."""
    reader = Reader(frame)
    value = KINDS[kind](reader)
    reader.end()
    return value


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help") or arguments[0] not in KINDS:
        print(__doc__.strip(), file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    source = open(arguments[1], encoding="ascii") if len(arguments) > 1 else sys.stdin
    outcome = 0
    with source:
        for number, line in enumerate(source, 1):
            if not line.strip():
                continue
            try:
                print(json.dumps(read(arguments[0], bytes.fromhex(line.strip()))))
            except (Malformed, ValueError) as fault:
                print(f"line {number}: {fault}", file=sys.stderr)
                outcome = 1
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
