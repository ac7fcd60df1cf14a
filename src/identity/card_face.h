// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a card's face is, once it is opened (docs/spec/cards.md). Private to this folder.

#include <tuple>

#include "base/bytes.h"
#include "identity/card.h"

namespace cercle::identity {

struct SignedFace {
    Bytes face;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.face, self.signature); }
};

[[nodiscard]] Bytes close_signed_face(const SignedFace& signed_face,
                                      const Secret& face_key,
                                      Random& random);

/// Errors: forged, malformed. Who has signed it is for the caller to say.
[[nodiscard]] Result<SignedFace> open_signed_face(BytesView closed, const Secret& face_key);

/// A face of the first version, signed by the key in the code. Errors: forged, malformed,
/// unsupported.
[[nodiscard]] Result<Face> judge_face(const SignedFace& signed_face,
                                      const protocol::CardId& card,
                                      const CardKey& card_key);

}  // namespace cercle::identity
