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

    /// Of one message.
    [[nodiscard]] Result<std::optional<envelope::Attachment>> find(identity::DeviceId device,
                                                                   envelope::MessageId id) const;
    /// Of all messages with that id. Two authors may have taken the same one.
    [[nodiscard]] Result<std::vector<envelope::Attachment>> all_of(envelope::MessageId id) const;

    [[nodiscard]] static Result<void> add(store::Transaction& transaction,
                                          identity::DeviceId device,
                                          envelope::MessageId id,
                                          const envelope::Attachment& attachment);
    [[nodiscard]] static Result<void> set_expiry(store::Transaction& transaction,
                                                 identity::DeviceId device,
                                                 envelope::MessageId id,
                                                 std::uint32_t expires);

  private:
    store::Database& database_;
};

}  // namespace cercle::client
