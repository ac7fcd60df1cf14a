// SPDX-License-Identifier: AGPL-3.0-or-later
//
// All that device and relay say to each other, and what is signed inside of it.
#include "protocol/frames.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;

/// Which chunks are there is answered for every number.
void look_at_bits(BytesView bytes) {
    const auto blob = codec::decode<protocol::Blob>(bytes);
    if (!blob) return;
    protocol::Blob again{blob->until, {}};
    for (std::uint32_t number = 0; number < protocol::most_chunks + 8; ++number) {
        if (!is_filled(*blob, {number})) continue;
        set_filled(again, {number});
        fuzz::must_hold(is_filled(again, {number}));
    }
    fuzz::must_hold(again.filled.size() <= blob->filled.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if (data[0] == 8) look_at_bits(BytesView(data, size).subspan(1));
    fuzz::round_trip_one_of<protocol::Greeting,
                            protocol::Hello,
                            protocol::Request,
                            protocol::FromRelay,
                            protocol::SignedBundle,
                            protocol::Bundle,
                            protocol::SignedOrder,
                            protocol::Order,
                            protocol::Blob,
                            protocol::CardTerms,
                            protocol::CardLetter>({data, size});
    return 0;
}
