// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The officer's word on the relay's key, as a device keeps it (decision 45). A device follows the
// old key's word at once, so that nobody is stranded, and says that the officer has not confirmed
// the new one until his word is there.

#include "client/core.h"

namespace cercle::client::relay_word {

enum class Standing : std::uint8_t { Confirmed = 0, Unconfirmed = 1 };

/// Of the key that this device follows. Confirmed: the invitation said it, or the officer's last
/// word.
[[nodiscard]] Result<Standing> standing(Core& core);

/// A word that came in the directory. An earlier one than the last changes nothing.
/// Errors: those of open_relay_word.
Result<void> take(Core& core, store::Transaction& transaction, BytesView signed_word);

/// The last one, as it came, if there is one.
[[nodiscard]] Result<std::optional<Bytes>> last(store::Database& database);

/// The relay has another key, which the one known before has made its successor: part of
/// follow_relay()'s transaction.
Result<void> note_followed(store::Transaction& transaction,
                           const identity::RelayFingerprint& before);

}  // namespace cercle::client::relay_word
