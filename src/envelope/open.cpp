// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/open.h"

#include <algorithm>
#include <utility>

#include "codec/tls.h"

namespace cercle::envelope {

Result<void> check_declared(BytesView mls_message,
                            protocol::EntryKind kind,
                            protocol::Epoch epoch,
                            BytesView group_id) {
    TRY(const mls::Peeked peeked, mls::peek(mls_message));
    const auto expected = kind == protocol::EntryKind::Bundle ? mls::ContentType::Commit
                                                              : mls::ContentType::Application;
    // Handshake messages travel as PrivateMessage, too: the relay learns no member's leaf.
    if (peeked.wire_format != mls::WireFormat::PrivateMessage || peeked.content != expected ||
        peeked.epoch.value != epoch.value || !std::ranges::equal(peeked.group_id, group_id)) {
        return fail(Code::misdeclared, "the relay declared another kind or epoch than MLS says");
    }
    return {};
}

Result<Message> open(mls::ApplicationMessage opened) {
    TRY(const Seen seen, codec::decode<Seen>(opened.authenticated_data));
    if (seen.version != 1) return fail(Code::unsupported, "authenticated data of another version");
    TRY(Content content, decode_content(opened.content));
    return Message{std::move(opened.sender),
                   opened.epoch,
                   seen,
                   std::move(content),
                   std::move(opened.content)};
}

}  // namespace cercle::envelope
