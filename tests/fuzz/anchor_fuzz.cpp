// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The file that holds the unlock shares' tally on another volume.
#include "relay/anchor.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cercle::fuzz::round_trip<cercle::relay::AnchorRecord>({data, size});
    return 0;
}
