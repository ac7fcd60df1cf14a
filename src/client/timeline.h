// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Timeline: what a person sees of a conversation. The last station of the trip.

#include <optional>
#include <string>
#include <vector>

#include "envelope/content.h"
#include "identity/words.h"
#include "protocol/words.h"
#include "store/transaction.h"

namespace cercle::client {

/// Skipped: an entry that could not be opened or broke a rule. Gap: something is missing before
/// this position, or stands there and should not; both carry the rule's name as their text.
/// Replaced: a member whose device was lost is back with another.
enum class LineKind : std::uint8_t {
    Text = 0,
    Added = 1,
    Removed = 2,
    Left = 3,
    Skipped = 4,
    Gap = 5,
    Replaced = 6
};

enum class LineState : std::uint8_t { Queued = 0, Durable = 1, Held = 2, Failed = 3 };

struct Line {
    std::int64_t ordinal = 0;  // in the order in which this device learnt that it is durable
    protocol::LogId log;
    LineKind kind = LineKind::Text;
    envelope::MessageId id;
    std::optional<protocol::Seq> seq;
    protocol::Epoch epoch;
    identity::MemberId member;  // who said or did it
    identity::DeviceId device;
    std::optional<identity::MemberId> subject;  // to whom
    std::string text;
    WallTime at;
    LineState state = LineState::Durable;
    std::optional<protocol::Seq> after{};  // of a gap
    /// Stands for it in what answers to it; of one's own, from when it is closed.
    std::optional<envelope::Reference> reference{};
    std::optional<envelope::Reference> answers{};
};

class Timeline {
  public:
    explicit Timeline(store::Database& database)
        : database_(database) {}

    /// A part of a log: behind `after`, before `before` if it is given, the newest `limit` if it
    /// is not 0, and more where the oldest position of these has more.
    struct Part {
        protocol::Seq after;
        std::optional<protocol::Seq> before;
        std::uint32_t limit = 0;
    };

    /// In the order of the log; what is not durable yet comes last, unless `before` is given.
    [[nodiscard]] Result<std::vector<Line>> read(protocol::LogId log, Part part) const;
    /// Durable lines of all conversations that this device learnt of after `ordinal`, in that
    /// order.
    [[nodiscard]] Result<std::vector<Line>> learnt_after(std::int64_t ordinal) const;
    [[nodiscard]] Result<std::int64_t> newest_durable() const;
    /// A message of this device's own.
    [[nodiscard]] Result<std::optional<Line>> own(identity::DeviceId device,
                                                  envelope::MessageId id) const;
    /// Whether a message of that id is there, of whomever.
    [[nodiscard]] Result<bool> knows(envelope::MessageId id) const;
    /// Texts of a conversation that have that id: one, unless somebody used it again.
    [[nodiscard]] Result<std::vector<Line>> called(protocol::LogId log,
                                                   envelope::MessageId id) const;
    [[nodiscard]] Result<std::optional<Line>> referred_to(protocol::LogId log,
                                                          envelope::Reference reference) const;
    [[nodiscard]] Result<std::optional<Line>> last_text(protocol::LogId log) const;
    /// All of this device's own that are not durable.
    [[nodiscard]] Result<std::vector<Line>> waiting(identity::DeviceId device) const;

    [[nodiscard]] static Result<void> add(store::Transaction& transaction, const Line& line);
    [[nodiscard]] static Result<void> set_durable(store::Transaction& transaction,
                                                  identity::DeviceId device,
                                                  envelope::MessageId id,
                                                  protocol::Seq seq,
                                                  protocol::Epoch epoch);
    /// It has been closed, and not for the last time, unless the relay takes it.
    [[nodiscard]] static Result<void> set_reference(store::Transaction& transaction,
                                                    identity::DeviceId device,
                                                    envelope::MessageId id,
                                                    envelope::Reference reference);
    [[nodiscard]] static Result<void> set_state(store::Transaction& transaction,
                                                identity::DeviceId device,
                                                envelope::MessageId id,
                                                LineState state);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
