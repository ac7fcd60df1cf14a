// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What is said of blobs: what decodes, encodes to the same bytes, and which chunks are there is
// answered for every number. The first byte says which frame.
#include <cstdlib>

#include "base/slab.h"
#include "codec/tls.h"
#include "protocol/frames.h"

namespace {

using namespace cercle;

template <class Wanted>
void round_trip(BytesView bytes) {
    const std::size_t before = slab::in_use();
    {
        const auto decoded = codec::decode<Wanted>(bytes);
        if (decoded && codec::encode(*decoded) != to_bytes(bytes)) std::abort();
    }
    if (slab::in_use() != before) std::abort();
}

void look_at_bits(BytesView bytes) {
    const auto blob = codec::decode<protocol::Blob>(bytes);
    if (!blob) return;
    protocol::Blob again{blob->until, {}};
    for (std::uint32_t number = 0; number < protocol::most_chunks + 8; ++number) {
        if (!is_filled(*blob, {number})) continue;
        set_filled(again, {number});
        if (!is_filled(again, {number})) std::abort();
    }
    if (again.filled.size() > blob->filled.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (data[0]) {
        case 0:
            round_trip<protocol::CreateBlob>(bytes);
            break;
        case 1:
            round_trip<protocol::PutChunk>(bytes);
            break;
        case 2:
            round_trip<protocol::GetChunk>(bytes);
            break;
        case 3:
            round_trip<protocol::Blob>(bytes);
            look_at_bits(bytes);
            break;
        case 4:
            round_trip<protocol::Chunk>(bytes);
            break;
        default:
            break;
    }
    return 0;
}
