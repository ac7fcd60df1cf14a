// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Every struct of MLS that a stranger's bytes may reach: what decodes, encodes to the same bytes.
// The first byte says which struct.
#include <cstdlib>

#include "mls/framing.h"
#include "mls/tree_validation.h"

namespace {

using namespace cercle;
using namespace cercle::mls;

template <class Wanted>
void round_trip(BytesView bytes) {
    const auto decoded = codec::decode<Wanted>(bytes);
    if (decoded && codec::encode(*decoded) != to_bytes(bytes)) std::abort();
}

void round_trip_tree(BytesView bytes) {
    const auto decoded = codec::decode<UncheckedTree>(bytes);
    if (decoded && codec::encode(decoded->unchecked()) != to_bytes(bytes)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    switch (data[0]) {
        case 0:
            round_trip<MlsMessage>(bytes);
            static_cast<void>(peek(bytes));
            break;
        case 1:
            round_trip_tree(bytes);
            break;
        case 2:
            round_trip<GroupSecrets>(bytes);
            break;
        case 3:
            round_trip<AuthenticatedContent>(bytes);
            break;
        case 4:
            round_trip<Commit>(bytes);
            break;
        case 5:
            round_trip<RequiredCapabilities>(bytes);
            break;
        default:
            break;
    }
    return 0;
}
