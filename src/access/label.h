// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Labels: every signature and every hash of a right says first what it is for, so that none can
// be taken for another. The registry of all labels of the house is docs/spec/labels.md.

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/sign.h"

namespace cercle::access {

/// Of the registry as a whole; every label carries it as the 1 in "Cercle 1".
inline constexpr std::uint8_t label_version = 1;

enum class Label : std::uint8_t {
    DeviceSession,   // a device opens a session
    OfficerSession,  // an officer does
    Reader,          // a reader opens a log
    BundleEpoch,     // a member of the epoch posts a bundle
    BundleAuthor,    // and it is this reader
    Order,           // an officer's order to the relay
    Incarnation,     // a restored relay says which one it was
    Checkpoint,      // the relay says what its tree of records is
    HolderSession,   // who holds a card's or a pre-unlock key opens a session
    CardBinding,     // an inbox's owner binds a card to a key
    CardFace,        // a card's own key says to which key letters are closed
    CardClaim,       // who opened a card asks to become its holder
    CardLetter,      // a holder writes to the owner
    CardAnswer,      // the owner writes to a holder
    CardAnswering,   // the key in a card's code says under which other key it is answered
};

[[nodiscard]] std::string_view label_text(Label label);

/// Ed25519 over: opaque label<V>, opaque content<V>.
[[nodiscard]] Bytes sign(const crypto::SigningKey& key, Label label, BytesView content);

/// Errors: invalid_key, forged.
[[nodiscard]] Result<void> verify(BytesView public_key,
                                  Label label,
                                  BytesView content,
                                  BytesView signature);

}  // namespace cercle::access
