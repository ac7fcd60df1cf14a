// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Offices: which machine is the officer's, as a member's device knows it (docs/spec/succession.md).
//
// Until the root says otherwise, it is the one that founded the circle. When the office moves, each
// device is told by a letter that the root has signed: it lets go of the old directory
// conversation, awaits a Welcome to the new one, and, if it is asked, tells the new machine what
// it knows. Two machines that claim one office are an alarm, and the first that came stays.

#include <optional>
#include <vector>

#include "client/core.h"
#include "identity/office.h"
#include "protocol/entry.h"

namespace cercle::client::offices {

struct Standing {
    identity::OfficeNumber number;
    identity::Succession how = identity::Succession::Restored;
    identity::MemberId member;
    identity::DeviceId device;
    WallTime at;
};

/// The newest; nothing while the founder's machine is in office.
[[nodiscard]] Result<std::optional<Standing>> newest(store::Database& database);

/// Whether what that device says as the officer is the officer's word.
[[nodiscard]] Result<bool> is_in_office(store::Database& database, identity::DeviceId device);

/// A letter in our inbox about the office. Errors: it is none, or none that the root has signed; at
/// a device that is no officer's, policy_violated for an account.
[[nodiscard]] Result<void> take_letter(Core& core,
                                       store::Transaction& transaction,
                                       const protocol::Entry& entry);

/// Writes it down.
[[nodiscard]] Result<void> note(store::Transaction& transaction,
                                const identity::OfficeWord& word,
                                BytesView signed_word);

/// Keeps a page that was taken, if it is newer than the one that is kept.
[[nodiscard]] Result<void> keep_page(store::Transaction& transaction,
                                     identity::PageNumber number,
                                     BytesView signed_page);

/// Puts the word among the letters to an inbox.
[[nodiscard]] Result<void> write_word(const World& world,
                                      store::Transaction& transaction,
                                      protocol::LogId inbox,
                                      const Secret& inbox_secret,
                                      BytesView signed_word);

/// What the devices have answered to the office of this machine, as it came.
[[nodiscard]] Result<std::vector<Secret>> accounts(store::Database& database);

}  // namespace cercle::client::offices
