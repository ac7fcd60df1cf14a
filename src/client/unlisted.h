// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Unlisted: leaves of conversations that a commit or a Welcome has brought and no directory page.
// Whoever has the circle's root key can certify a device and bring it in so, past the transparency
// log. Which commits count does not depend on it, or members would be parted; but nothing is closed
// in a conversation in which such a leaf stands, what it says is marked, and once the directory has
// been read to its end without it, a person is told. An honest newcomer's page has come by then:
// who takes a device in knows it by its page.

#include "client/core.h"
#include "client/dispatch.h"

namespace cercle::client::unlisted {

/// As alarms and gaps call it.
inline constexpr std::string_view rule = "device-unlisted";

/// After a conversation's roster has changed. The directory's own is the officer's affair.
[[nodiscard]] Result<void> look_in(Core& core,
                                   store::Transaction& transaction,
                                   const ConversationRow& row,
                                   const mls::Group& group);

/// After a page has been taken: whoever stands in it is unlisted no more.
[[nodiscard]] Result<void> look_again(Core& core, store::Transaction& transaction);

/// When there is nothing else to do: reads the directory to its end, if an unlisted leaf waits for
/// that, and raises the alarm of each that is unlisted still. Errors: those of reading it.
[[nodiscard]] net::Task<Progress> await_list(Core& core, Session& session);

[[nodiscard]] Result<bool> stands_in(store::Database& database, protocol::LogId log);

/// Whether such a leaf stands there, and a person was told of it.
[[nodiscard]] Result<bool> is_told_of(store::Database& database, protocol::LogId log);

/// Whether it is one of them that speaks.
[[nodiscard]] Result<bool> is_author(store::Database& database,
                                     protocol::LogId log,
                                     const identity::Passport& author);

struct Unlisted {
    identity::MemberId member;  // in whose name
    identity::DeviceId device;
    Bytes key;
};

/// Each once, in however many conversations it stands.
[[nodiscard]] Result<std::vector<Unlisted>> all(store::Database& database);

}  // namespace cercle::client::unlisted
