// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Card: the code by which one outsider reaches one member, and its face (docs/spec/cards.md).
//
//     code   the relay and its key, the card's own key, a secret: a text, a QR code
//     face   what the relay keeps for the holder: closed under the secret, signed by the card's own
//            key, it names the key to which letters are closed now. That key can change and
//            the code stays.
//
// Nothing here says who the owner is, nor which circle's.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/sign.h"
#include "identity/words.h"
#include "protocol/words.h"

namespace cercle::identity {

/// A card's own key: Ed25519.
using CardKey = Id<struct CardKeyTag, 32>;

inline constexpr std::uint8_t card_code_version = 1;
inline constexpr std::size_t card_secret_size = 20;

struct CardCode {
    std::string relay;  // host:port
    RelayFingerprint relay_key;
    CardKey key;
    Secret secret;
    WallTime expires;  // whole seconds; not for whom it is bound to already

    /// As an invitation's. Who sees it may claim the card, until it is bound.
    [[nodiscard]] std::string to_text() const;

    /// Errors: as Invitation::parse.
    [[nodiscard]] static Result<CardCode> parse(std::string_view text, WallTime now);
};

/// What derives from a card's secret.
struct CardRights {
    protocol::CardId card;
    Secret token;  // shown to the relay
    Secret face;   // opens the face, which the relay cannot
};

[[nodiscard]] CardRights card_rights(const Secret& secret);

struct Face {
    std::uint8_t version = 1;
    protocol::CardId card;
    std::uint64_t number = 1;  // the higher one is the newer one
    Bytes key;                 // X-Wing: to it the claim is closed

    auto fields(this auto& self) {
        return std::tie(self.version, self.card, self.number, self.key);
    }
};

[[nodiscard]] Bytes close_face(const Face& face,
                               const crypto::SigningKey& card_key,
                               const Secret& face_key,
                               Random& random);

}  // namespace cercle::identity
