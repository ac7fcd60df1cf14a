// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The law of CBOR: what decodes, encodes to the same bytes, and those decode to the same value.
#include <cstdlib>

#include "codec/cbor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    const auto decoded = codec::cbor::decode(bytes);
    if (!decoded) return 0;
    const Bytes again = codec::cbor::encode(*decoded);
    if (again != to_bytes(bytes)) std::abort();
    const auto twice = codec::cbor::decode(again);
    if (!twice || !(*twice == *decoded)) std::abort();
    return 0;
}
