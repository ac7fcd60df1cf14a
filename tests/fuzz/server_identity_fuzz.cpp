// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The relay's key file: what loads, is saved as the same bytes, with a line behind them if they
// lack it. And certificates in PEM.
#include "crypto/pem.h"
#include "net/server_identity.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    if (const auto certificates = crypto::decode_pem_certificates(bytes)) {
        const std::string pem = crypto::encode_pem_certificates(*certificates);
        const auto again = crypto::decode_pem_certificates(view_of(pem));
        fuzz::must_hold(again.has_value() && *again == *certificates);
    }
    const auto loaded = net::ServerIdentity::load(bytes);
    if (!loaded) {
        fuzz::must_hold(loaded.error().code == Code::invalid_key ||
                        loaded.error().code == Code::certificate_invalid);
        return 0;
    }
    const Secret saved = loaded->save();
    // A certificate that the key signed itself says nothing that is saved.
    if (size > saved.size() && loaded->certificates().size() == 1) return 0;
    fuzz::must_hold(size == saved.size() || to_text(bytes).ends_with("KEY-----\n"));
    fuzz::must_hold(Secret::copy_of(saved.reveal().first(size)) == Secret::copy_of(bytes));
    return 0;
}
