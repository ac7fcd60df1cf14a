// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// NewEntry: what is to be appended, under the id that its sender chose for it.

#include <tuple>

#include "base/bytes.h"
#include "protocol/words.h"

namespace cercle::protocol {

struct NewEntry {
    EntryId id;
    Bytes payload;

    auto fields(this auto& self) { return std::tie(self.id, self.payload); }
};

}  // namespace cercle::protocol
