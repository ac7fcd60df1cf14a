// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Open: the payload of a relay entry becomes what happened in the conversation. On the trip
// between the relay's fan-out and client/inbox.
//
// The relay's frame declares a kind and an epoch; both must be what MLS says, else a relay could
// file a commit as an application message, or an old epoch's message under a new one.

#include "envelope/content.h"
#include "envelope/seen.h"
#include "mls/group.h"
#include "protocol/frames.h"

namespace cercle::envelope {

struct Message {
    mls::Member sender;
    mls::Epoch epoch;
    Seen seen;
    Content content;
    Bytes encoded;  // the content as its author wrote it
};

/// Errors: misdeclared.
[[nodiscard]] Result<void> check_declared(BytesView mls_message,
                                          protocol::EntryKind kind,
                                          protocol::Epoch epoch,
                                          BytesView group_id);

/// Errors: malformed, unsupported, and decode_content's.
[[nodiscard]] Result<Message> open(mls::ApplicationMessage opened);

}  // namespace cercle::envelope
