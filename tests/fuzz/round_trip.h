// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The law of every struct on the wire: what decodes, encodes to the same bytes, and takes locked
// memory only as long as it lives.

#include <cstdlib>

#include "base/slab.h"
#include "codec/tls.h"

namespace cercle::fuzz {

inline void must_hold(bool holds) {
    if (!holds) std::abort();
}

template <class Wanted>
void round_trip(BytesView bytes) {
    const std::size_t before = slab::in_use();
    {
        const auto decoded = codec::decode<Wanted>(bytes);
        if (decoded) {
            must_hold(codec::encoded_size(*decoded) == bytes.size());
            must_hold(codec::encode(*decoded) == to_bytes(bytes));
        }
    }
    must_hold(slab::in_use() == before);
}

/// One of several structs: the first byte says which; beyond the last, none.
template <class... Wanted>
void round_trip_one_of(BytesView input) {
    if (input.empty()) return;
    const BytesView bytes = input.subspan(1);
    std::size_t number = 0;
    ((number++ == input[0] ? round_trip<Wanted>(bytes) : void()), ...);
}

}  // namespace cercle::fuzz
