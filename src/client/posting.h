// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Posting: words for other devices' inboxes are put among the letters that wait (letters.h brings
// them to the relay). What they say is whoever's who posts them.

#include <vector>

#include "client/core.h"
#include "envelope/inbox_letter.h"

namespace cercle::client {

/// The kinds of letters in the vault (schema.cpp). Nobody waits for reports and accounts to be
/// delivered.
enum class LetterKind : std::uint8_t {
    Welcome = 0,
    Revocation = 1,
    Report = 2,
    Drawer = 3,
    Page = 4,
    Account = 5  // what this device tells an office that was restored (offices.h)
};

struct Addressee {
    identity::DeviceId device;
    Bytes certificate;
    protocol::LogId inbox;
    Secret inbox_secret;
};

/// Devices that are not revoked, our own aside.
[[nodiscard]] Result<std::vector<Addressee>> all_others(Core& core);

/// The officers' among them.
[[nodiscard]] Result<std::vector<Addressee>> officers(Core& core);

/// Errors: those of Root::recognise.
[[nodiscard]] Result<bool> is_officer(const Core& core, BytesView certificate);

[[nodiscard]] Result<void> post(Core& core,
                                store::Transaction& transaction,
                                const Addressee& to,
                                LetterKind kind,
                                BytesView says);

}  // namespace cercle::client
