// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// RelayWord: the officer's word on which key the circle's relay has now. The relay's old key
// appoints its successor in the handshake (net/succession.h), and whoever stole the old one could
// do that, too; what he cannot have is this.

#include <cstdint>
#include <tuple>

#include "codec/tls.h"
#include "identity/invitation.h"
#include "identity/passport.h"
#include "protocol/words.h"

namespace cercle::identity {

inline constexpr std::uint8_t relay_word_version = 1;

struct RelayWord {
    std::uint8_t version = relay_word_version;
    RelayFingerprint key;
    protocol::Stamp since;  // a later word stands over an earlier one

    auto fields(this auto& self) { return std::tie(self.version, self.key, self.since); }
};

/// As it travels: with the authority's signature.
struct SignedRelayWord {
    Bytes word;
    RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.word, self.signature); }
};

[[nodiscard]] Bytes sign_relay_word(const RelayWord& word, const Authority& authority);

/// Errors: malformed and its kin, forged, unsupported.
[[nodiscard]] Result<RelayWord> open_relay_word(BytesView signed_word, const Root& root);

}  // namespace cercle::identity
