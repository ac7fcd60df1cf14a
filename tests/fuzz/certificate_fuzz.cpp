// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Certificates come from strangers: parsing ends in a certificate or in a refusal, a certificate
// keeps the bytes it was parsed from, and judging one never fails in another way.
#include <cstdlib>

#include "crypto/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cercle;
    const BytesView bytes(data, size);
    const auto parsed = crypto::Certificate::parse(bytes);
    if (!parsed) {
        if (parsed.error().code != Code::certificate_invalid) std::abort();
        return 0;
    }
    if (parsed->der != to_bytes(bytes)) std::abort();
    if (parsed->authority != parsed->uris.empty()) std::abort();
    if (!parsed->authority && parsed->verify_under(*parsed, parsed->validity.from)) std::abort();
    const auto judged = parsed->verify_under(*parsed, parsed->validity.until);
    if (!judged && judged.error().code != Code::certificate_untrusted) std::abort();
    return 0;
}
