// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The relay's key file: what loads, is saved as the same bytes.
#include "net/server_identity.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    const auto loaded = net::ServerIdentity::load(bytes);
    if (!loaded) {
        fuzz::must_hold(loaded.error().code == Code::invalid_key);
        return 0;
    }
    fuzz::must_hold(loaded->save() == Secret::copy_of(bytes));
    return 0;
}
