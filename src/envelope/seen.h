// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Seen: how far in the log the sender had read, in the authenticated data of every message. The
// relay can read it and cannot change it. It travels from the first version on, so that gaps can
// be shown; comparing it with what was read here comes with the hostile-relay work.

#include <cstdint>
#include <tuple>

#include "protocol/words.h"

namespace cercle::envelope {

struct Seen {
    std::uint8_t version = 1;
    protocol::Seq seq;
    protocol::ChainHash chain;

    auto fields(this auto& self) { return std::tie(self.version, self.seq, self.chain); }
};

}  // namespace cercle::envelope
