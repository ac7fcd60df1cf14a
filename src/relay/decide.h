// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Decisions: what the answer to a request is, and what it changes. Functions of the store's
// tables, of who asks and of the time; they neither wait nor send.
//
//     intake -> (group commit: decide, commit) -> fan-out
//
// A right that is unknown, closed, spent, forged or revoked is Code::refused, always.

#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "relay/log.h"
#include "relay/terms.h"

namespace cercle::relay {

/// Who asks, as far as the session has proved it.
struct Asker {
    enum class Kind : std::uint8_t { Device, Newcomer, Officer, Holder };

    Kind kind = Kind::Newcomer;
    DeviceKey device{};
    OfficerKey officer{};
    HolderKey holder{};
    std::array<std::uint8_t, 32> binding{};
    /// For requests on a log that the session has opened: under which key it did.
    std::optional<ReaderKey> reader{};
};

// What follows from an answer, once it is durable.
struct LogGrew {
    LogId log;
    Seq head;
};

/// This key may read no further than that; whoever subscribed under it hears no more.
struct ReaderDropped {
    LogId log;
    ReaderKey reader;
};

struct LogOpened {
    LogId log;
    ReaderKey reader;
};

struct ExchangeMoved {
    ExchangeId exchange;
};

/// The asker wants to hear when it moves.
struct ExchangeWatched {
    ExchangeId exchange;
};

struct DeviceDropped {
    DeviceKey device;
};

struct RelayClaimed {
    OfficerKey officer;
};

using Effect = std::variant<LogGrew,
                            ReaderDropped,
                            LogOpened,
                            ExchangeMoved,
                            ExchangeWatched,
                            DeviceDropped,
                            RelayClaimed>;

struct Answer {
    protocol::ResponseBody body;
    std::vector<Effect> effects{};
};

/// Whether a request changes nothing, so that its answer need not wait for the disk.
[[nodiscard]] bool only_looks(const protocol::RequestBody& request);

/// Whether whatever refuses this request does so before anything is written for it: a single
/// append. What fails later is the store, and then the whole batch fails.
[[nodiscard]] bool is_refused_before_writing(const protocol::RequestBody& request);

/// Errors: the refusals of protocol/refusal.h (nothing was written then that an attempt() does
/// not undo), and what the store says.
[[nodiscard]] Result<Answer> decide(LogTables& tables,
                                    const Asker& asker,
                                    const protocol::RequestBody& request,
                                    Stamp now,
                                    const Allowance& allowance = {});

/// Whether this device may open sessions. Errors: refused.
Result<void> admit(LogTables& tables, const DeviceKey& device);

/// Whether an error concerns one request only, or the store as a whole.
[[nodiscard]] bool is_store_fault(Code code);

/// What a device is told of an error.
[[nodiscard]] protocol::Refusal refusal_for(Code code);

}  // namespace cercle::relay
