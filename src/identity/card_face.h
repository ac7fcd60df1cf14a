// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a card's face is, once it is opened (docs/spec/cards.md). Private to this folder.

#include <tuple>

#include "base/bytes.h"

namespace cercle::identity {

struct SignedFace {
    Bytes face;
    Bytes signature;

    auto fields(this auto& self) { return std::tie(self.face, self.signature); }
};

}  // namespace cercle::identity
