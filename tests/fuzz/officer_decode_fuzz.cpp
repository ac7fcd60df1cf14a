// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What two processes of an officer pass to each other.
#include "officer/api.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    fuzz::round_trip_one_of<officer::Command, officer::Event>({data, size});
    return 0;
}
