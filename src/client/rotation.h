// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Rotation: a lost device's directory holds the secret of every inbox, from which derive the right
// to deposit in it and the key of what lies there. So each device draws its own anew once the lost
// one cannot read along in the directory any more, has the relay close the inbox to the old one,
// and tells the others the new one (decision 62, docs/spec/revocation.md).
//
// Nothing is lost on the way: the old secret is kept until everything is read that came under it,
// and letters that wait for an inbox are closed anew when its new secret comes here.

#include <utility>
#include <vector>

#include "client/dispatch.h"
#include "envelope/content.h"
#include "identity/inbox_turn.h"

namespace cercle::client::rotation {

// ---- this device's own

/// Draws the next secret, if there are revocations since the last one was drawn, and none of the
/// lost devices stands in the directory's conversation. Idle: not now.
[[nodiscard]] Result<Progress> draw(Core& core);

/// Has the relay put the drawn secret in force; then it is this device's, and the announcement of
/// it stands in the outbox. Idle: there is nothing to tell. Errors: those of the connection.
[[nodiscard]] net::Task<Progress> tell(Core& core, Session& session);

/// What a newcomer's first page says of lost devices came before he had a secret.
[[nodiscard]] Result<void> begin(store::Transaction& transaction);

/// A relay that was restored may have an earlier token in force.
[[nodiscard]] Result<void> tell_again(store::Transaction& transaction);

/// This device has come into the directory's conversation again: whoever has heard nothing of its
/// turns hears it now.
[[nodiscard]] Result<void> announce_again(Core& core,
                                          store::Transaction& transaction,
                                          protocol::LogId directory);

/// The keys under which what lies in this device's inbox may be closed, the newest first.
[[nodiscard]] Result<std::vector<Secret>> closing_keys(Core& core);

/// What `open` makes of the first key that opens. Errors: forged, if none does; what it says.
template <class Open>
auto with_any_key(Core& core, Open open) -> decltype(open(std::declval<const Secret&>())) {
    TRY(const auto keys, closing_keys(core));
    for (const Secret& key : keys) {
        auto opened = open(key);
        if (opened || opened.error().code != Code::forged) return opened;
    }
    return fail(Code::forged, "nothing that was closed for this inbox");
}

/// Secrets under which nothing can lie any more are forgotten.
[[nodiscard]] Result<void> forget_past(Core& core);

// ---- the others'

/// A device's word on its own inbox, in the directory's conversation. Errors: those of
/// open_inbox_announcement.
[[nodiscard]] Result<void> take_announcement(Core& core,
                                             store::Transaction& transaction,
                                             identity::DeviceId author,
                                             const envelope::Content& content);

/// A device's secret as a page or the device itself has it. One of an earlier turn than is known
/// changes nothing. What waits for that inbox is closed anew.
[[nodiscard]] Result<void> take_secret(store::Transaction& transaction,
                                       Random& random,
                                       identity::DeviceId device,
                                       identity::InboxTurn turn,
                                       const Secret& secret);

/// What a device has said of itself before the directory told of it here.
[[nodiscard]] Result<void> take_early_word(store::Transaction& transaction,
                                           identity::DeviceId device);

}  // namespace cercle::client::rotation
