// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Attachments: which messages carry files, and what it takes to fetch them.

#include <optional>
#include <vector>

#include "envelope/content.h"
#include "identity/words.h"
#include "store/transaction.h"

namespace cercle::client {

class Attachments {
  public:
    explicit Attachments(store::Database& database)
        : database_(database) {}

    /// Of one message: an author may use an id again, in another conversation.
    [[nodiscard]] Result<std::optional<envelope::Attachment>> find(protocol::LogId log,
                                                                   identity::DeviceId device,
                                                                   envelope::MessageId id) const;

    /// Which message carries a file.
    struct Carrier {
        protocol::LogId log;
        identity::DeviceId device;
    };

    /// All messages with that id that carry one. Several authors may have taken the same id.
    [[nodiscard]] Result<std::vector<Carrier>> carriers(envelope::MessageId id) const;

    [[nodiscard]] static Result<void> add(store::Transaction& transaction,
                                          protocol::LogId log,
                                          identity::DeviceId device,
                                          envelope::MessageId id,
                                          const envelope::Attachment& attachment);
    /// Of a message that has not been sent: its file lies elsewhere, under another key.
    [[nodiscard]] static Result<void> set_place(store::Transaction& transaction,
                                                protocol::LogId log,
                                                identity::DeviceId device,
                                                envelope::MessageId id,
                                                const envelope::Attachment& moved);
    [[nodiscard]] static Result<void> set_expiry(store::Transaction& transaction,
                                                 protocol::LogId log,
                                                 identity::DeviceId device,
                                                 envelope::MessageId id,
                                                 std::uint32_t expires);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
