// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Epoch rights: what lets the members of one MLS epoch write to their log, and nobody else. Both
// secrets come from the epoch's exporter, so whoever is removed has neither for the next.

#include "access/token.h"
#include "crypto/sign.h"
#include "mls/group.h"
#include "protocol/bundle.h"

namespace cercle::envelope {

struct EpochRights {
    Secret append_token;
    crypto::SigningKey bundle_key;

    [[nodiscard]] protocol::Verifier verifier() const;
};

[[nodiscard]] EpochRights rights_of(const mls::Group& group);
[[nodiscard]] EpochRights rights_of(const mls::NextEpoch& next);

}  // namespace cercle::envelope
