// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Offices: which machine is the officer's, as a member's device knows it (docs/spec/succession.md).
//
// Until the root says otherwise, it is the one that founded the circle. When the office moves, each
// device is told by a letter that the root has signed. It reads the old directory to its end, lets
// go of it, awaits a page that says where it is to stand from now on (page_letters.h), and, if it
// is asked, tells the new machine what it knows. Two machines that claim one office are an alarm,
// and the first that came stays.

#include <optional>
#include <vector>

#include "client/core.h"
#include "client/dispatch.h"
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

/// A letter in our inbox about the office. Errors: forged (it is none), those of open_office and
/// open_account_part; at a device that is no officer's, policy_violated for an account.
[[nodiscard]] Result<void> take_letter(Core& core,
                                       store::Transaction& transaction,
                                       const protocol::Entry& entry);

/// At rest, when everything was read that there is: a word that has come is entered. Idle: none
/// has.
[[nodiscard]] Result<Progress> move(Core& core);

/// The office of this device itself.
[[nodiscard]] Result<void> note_own(store::Transaction& transaction,
                                    const identity::OfficeWord& word,
                                    BytesView signed_word);

/// Before a page is taken: if the office's machine comes by it, it hears how far this device is.
[[nodiscard]] Result<void> meet(Core& core,
                                store::Transaction& transaction,
                                const identity::DirectoryPage& page);

/// After a page was taken: keeps it, as it was signed, as long as it says something that no later
/// one does.
[[nodiscard]] Result<void> keep_page(store::Transaction& transaction,
                                     identity::PageNumber number,
                                     BytesView signed_page);

/// The account of one device, with all of its parts.
struct Answer {
    identity::DeviceId device;
    Bytes parts;
    Bytes certificate;  // under which they were signed
};

/// What devices have answered to the office of this machine. They stay until they are forgotten.
[[nodiscard]] Result<std::vector<Answer>> answers(store::Database& database);
[[nodiscard]] Result<void> forget_answer(store::Transaction& transaction,
                                         identity::DeviceId device);

}  // namespace cercle::client::offices
