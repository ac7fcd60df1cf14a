// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The law of the wire format: what decodes, encodes to the same bytes.
#include <cstdlib>

#include "tests/fuzz/everything.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    const auto decoded = codec::decode<codec::everything::Everything>(bytes);
    if (!decoded) return 0;
    if (codec::encoded_size(*decoded) != size) std::abort();
    if (codec::encode(*decoded) != to_bytes(bytes)) std::abort();
    return 0;
}
