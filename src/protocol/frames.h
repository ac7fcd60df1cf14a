// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Frames: everything that a device and its relay say to each other (docs/spec/wire.md).
//
// One WebSocket message is one frame. The relay speaks first (Greeting), the device says who it
// is (Hello), and from then on requests and responses are matched by number, while the relay may
// push news at any time. The order of the alternatives in each variant is the wire format: new
// ones go to the end.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "protocol/blob.h"
#include "protocol/bundle.h"
#include "protocol/card.h"
#include "protocol/entry.h"
#include "protocol/incarnation.h"
#include "protocol/order.h"
#include "protocol/records.h"
#include "protocol/refusal.h"
#include "protocol/token.h"
#include "protocol/unlock.h"
#include "protocol/words.h"

namespace cercle::protocol {

inline constexpr std::uint16_t protocol_version = 2;
/// No frame is longer, in either direction.
inline constexpr std::size_t longest_frame = std::size_t{1} << 20U;
/// No entry's payload is longer.
inline constexpr std::size_t longest_payload = std::size_t{256} << 10U;
/// A Post carries at most so many entries.
inline constexpr std::size_t most_entries = 256;

// ---- the start of a session -------------------------------------------------------------

/// Relay -> device, unasked.
struct Greeting {
    std::uint16_t version = protocol_version;
    Incarnation incarnation;

    auto fields(this auto& self) { return std::tie(self.version, self.incarnation); }
};

/// A device that was admitted: the signature under its key, of a SessionStatement.
struct AsDevice {
    DeviceKey key;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.key, self.signature); }
};

/// Who holds an invitation and nothing else: may use Exchange requests only.
struct AsNewcomer {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// Who wants to found a circle here, or has: may use Claim and officer's orders.
struct AsOfficer {
    OfficerKey key;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.key, self.signature); }
};

/// Who holds one key and nothing else: a card's holder, or a device that is locked still. Whether
/// anything is known of the key is not looked at here.
struct AsHolder {
    HolderKey key;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.key, self.signature); }
};

/// Device -> relay, once.
struct Hello {
    std::uint16_t version = protocol_version;
    std::variant<AsDevice, AsNewcomer, AsOfficer, AsHolder> who;

    auto fields(this auto& self) { return std::tie(self.version, self.who); }
};

/// What AsDevice, AsOfficer and AsHolder sign, each under its own label.
struct SessionStatement {
    std::array<std::uint8_t, 32> binding;  // the TLS exporter's value
    Bytes key;                             // that which signs

    auto fields(this auto& self) { return std::tie(self.binding, self.key); }
};

// ---- requests ---------------------------------------------------------------------------

/// An officer's session only. Binds the relay to this officer's key, for good; a repetition by
/// the same key is done, by another is relay_claimed.
struct Claim {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// An officer's session only. -> Done
struct GiveOrder {
    SignedOrder order;

    auto fields(this auto& self) { return std::tie(self.order); }
};

/// Makes a conversation log whose first epoch is 0. Idempotent by id and content. -> Done
struct CreateLog {
    LogId log;
    Verifier verifier;
    std::vector<ReaderKey> readers;

    auto fields(this auto& self) { return std::tie(self.log, self.verifier, self.readers); }
};

/// Appends all or none, in this order. Ids already known answer with their old position; they
/// are looked up before token and epoch are. -> Posted
/// Refusals: refused, stale (another epoch is the log's), id_reused, log_full, too_large.
struct Post {
    LogId log;
    Epoch epoch;
    Token token;
    std::vector<NewEntry> entries;

    auto fields(this auto& self) {
        return std::tie(self.log, self.epoch, self.token, self.entries);
    }
};

/// Appends a commit bundle. -> Posted (one position). Refusals as for Post; stale here: another
/// bundle goes on from where this one does, and stands after `passed_over`.
struct PostBundle {
    EntryId id;
    SignedBundle bundle;
    /// The last bundle of this epoch that the author has read, and found to count for nothing.
    /// 0: he has read none.
    Seq passed_over;

    auto fields(this auto& self) { return std::tie(self.id, self.bundle, self.passed_over); }
};

/// Gains the right to read a log in this session and subscribes to its News. -> Opened
struct OpenLog {
    LogId log;
    ReaderKey reader;
    Bytes signature;  // of a ReaderStatement

    auto fields(this auto& self) { return std::tie(self.log, self.reader, self.signature); }
};

struct ReaderStatement {
    std::array<std::uint8_t, 32> binding;
    LogId log;

    auto fields(this auto& self) { return std::tie(self.binding, self.log); }
};

/// What an opened log holds after a position, as much as fits a frame. -> Entries
struct Read {
    LogId log;
    Seq after;

    auto fields(this auto& self) { return std::tie(self.log, self.after); }
};

/// Puts something into a device's inbox. -> Posted (one position)
struct Deposit {
    LogId inbox;
    Token token;
    NewEntry entry;

    auto fields(this auto& self) { return std::tie(self.inbox, self.token, self.entry); }
};

/// Adds key packages beside an inbox that this session has opened. Idempotent by the hash of
/// each. -> Count
struct PutKeyPackages {
    LogId inbox;
    std::vector<Bytes> packages;

    auto fields(this auto& self) { return std::tie(self.inbox, self.packages); }
};

/// How many are left beside an opened inbox. -> Count
struct CountKeyPackages {
    LogId inbox;

    auto fields(this auto& self) { return std::tie(self.inbox); }
};

/// Takes one, which nobody else will get; the same id gets the same again. -> Package
/// Refusals: refused, no_key_package.
struct TakeKeyPackage {
    LogId inbox;
    Token token;
    EntryId id;

    auto fields(this auto& self) { return std::tie(self.inbox, self.token, self.id); }
};

/// Writes one step of a one-time exchange; each step can be written once. Repeating the same
/// bytes is done; other bytes mark the exchange contested and are refused. -> Done
struct PutStep {
    ExchangeId exchange;
    Token token;
    std::uint8_t step;
    Bytes payload;

    auto fields(this auto& self) {
        return std::tie(self.exchange, self.token, self.step, self.payload);
    }
};

/// Reads one step, and asks for News of the exchange if it is not there yet. -> Step
struct GetStep {
    ExchangeId exchange;
    Token token;
    std::uint8_t step;

    auto fields(this auto& self) { return std::tie(self.exchange, self.token, self.step); }
};

/// What this reader has kept of a log that this session has opened: all up to `upto`. `follows` is
/// the position of the last bundle that it follows (0: the log's founding; an inbox: 0). Both only
/// go forward: an earlier one is done without effect. -> Done
/// Refusals: refused (not opened, beyond the log's end, or `follows` begins no epoch of the log).
struct Acknowledge {
    LogId log;
    Seq upto;
    Seq follows;

    auto fields(this auto& self) { return std::tie(self.log, self.upto, self.follows); }
};

/// From now on an inbox that this session has opened is deposited into under another token. Nobody
/// takes a key package under the one before any more, either: those that lie there are gone. The
/// hash that it has already: done without effect. -> Entries (none; what stands up to `head` came
/// under earlier tokens).
struct RotateInbox {
    LogId inbox;
    TokenHash deposit;

    auto fields(this auto& self) { return std::tie(self.inbox, self.deposit); }
};

using RequestBody = std::variant<Claim,
                                 GiveOrder,
                                 CreateLog,
                                 Post,
                                 PostBundle,
                                 OpenLog,
                                 Read,
                                 Deposit,
                                 PutKeyPackages,
                                 CountKeyPackages,
                                 TakeKeyPackage,
                                 PutStep,
                                 GetStep,
                                 CreateBlob,
                                 PutChunk,
                                 GetChunk,
                                 Acknowledge,
                                 CreateRecordedLog,
                                 GetCheckpoint,
                                 ProveRecord,
                                 ProveGrowth,
                                 PutShare,
                                 DropShare,
                                 Guess,
                                 PutCard,
                                 BindCard,
                                 RevokeCard,
                                 DropCard,
                                 ListCards,
                                 ReadCard,
                                 ClaimCard,
                                 UseCard,
                                 GetIncarnation,
                                 GiveBack,
                                 DeclareKept,
                                 AnswerCard,
                                 OpenAnswers,
                                 RotateInbox>;

using RequestNumber = Number<struct RequestTag, std::uint32_t>;

struct Request {
    RequestNumber number;
    RequestBody body;

    auto fields(this auto& self) { return std::tie(self.number, self.body); }
};

// ---- responses and news -----------------------------------------------------------------

/// Durable, where the request wrote something: so are all answers but Refused.
struct Done {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

struct Refused {
    Refusal refusal;

    auto fields(this auto& self) { return std::tie(self.refusal); }
};

/// One position for each entry, in their order.
struct Posted {
    std::vector<Seq> positions;

    auto fields(this auto& self) { return std::tie(self.positions); }
};

/// `since`: the position of the first entry this reader may read (its own bundle's).
struct Opened {
    Seq since;
    Seq head;

    auto fields(this auto& self) { return std::tie(self.since, self.head); }
};

struct Entries {
    std::vector<Entry> entries;
    Seq head;

    auto fields(this auto& self) { return std::tie(self.entries, self.head); }
};

struct Count {
    std::uint32_t left;

    auto fields(this auto& self) { return std::tie(self.left); }
};

struct Package {
    Bytes package;

    auto fields(this auto& self) { return std::tie(self.package); }
};

/// `contested` is 1 once somebody tried to write other bytes into a step that was taken.
struct Step {
    std::optional<Bytes> payload;
    std::uint8_t contested = 0;

    auto fields(this auto& self) { return std::tie(self.payload, self.contested); }
};

using ResponseBody = std::variant<Done,
                                  Refused,
                                  Posted,
                                  Opened,
                                  Entries,
                                  Count,
                                  Package,
                                  Step,
                                  Blob,
                                  Chunk,
                                  SignedCheckpoint,
                                  Proof,
                                  Guessed,
                                  Cards,
                                  CardFace,
                                  SignedIncarnation>;

struct Response {
    RequestNumber number;
    ResponseBody body;

    auto fields(this auto& self) { return std::tie(self.number, self.body); }
};

/// A hint that a log has grown; the log is the truth, and a lost hint costs a poll.
struct Grew {
    LogId log;
    Seq head;

    auto fields(this auto& self) { return std::tie(self.log, self.head); }
};

/// A hint that a step of an exchange was written.
struct Moved {
    ExchangeId exchange;

    auto fields(this auto& self) { return std::tie(self.exchange); }
};

/// Relay -> device, after the Greeting. A Hello is answered by a Response of number 0.
using FromRelay = std::variant<Response, Grew, Moved>;

}  // namespace cercle::protocol
