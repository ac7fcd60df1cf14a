// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/labeled.h"

#include "crypto/hmac.h"

namespace cercle::crypto {

Secret LabeledKdf::extract(BytesView salt,
                           std::string_view label,
                           std::initializer_list<BytesView> input) const {
    // labeled_ikm = concat("HPKE-v1", suite_id, label, ikm)
    Secret key(digest_size(algorithm));
    Hmac hmac(algorithm, salt);
    hmac.add(view_of(hpke_version)).add(suite_id).add(view_of(label));
    for (const BytesView part : input)
        hmac.add(part);
    hmac.finish(key.expose());
    return key;
}

Secret LabeledKdf::expand(BytesView key,
                          std::string_view label,
                          BytesView info,
                          std::size_t size) const {
    // labeled_info = concat(I2OSP(L, 2), "HPKE-v1", suite_id, label, info)
    Bytes labeled;
    append_uint16(labeled, size);
    append(labeled, view_of(hpke_version));
    append(labeled, suite_id);
    append(labeled, view_of(label));
    append(labeled, info);
    return hkdf_expand(algorithm, key, labeled, size);
}

Bytes kem_suite_id(KemAlgorithm algorithm) {
    Bytes id = to_bytes("KEM");
    append_uint16(id, static_cast<std::size_t>(algorithm));
    return id;
}

Secret labeled_derive(BytesView suite_id,
                      BytesView input,
                      std::string_view label,
                      std::size_t size) {
    // ikm || "HPKE-v1" || suite_id || lengthPrefixed(label) || I2OSP(L, 2) || context
    Bytes labeled = to_bytes(hpke_version);
    append(labeled, suite_id);
    append_uint16(labeled, label.size());
    append(labeled, view_of(label));
    append_uint16(labeled, size);
    return shake256({input, labeled}, size);
}

void append_uint16(Bytes& bytes, std::size_t number) {
    CHECK(number <= 0xffff, "a number for two bytes that needs more");
    bytes.push_back(static_cast<std::uint8_t>(number >> 8U));
    bytes.push_back(static_cast<std::uint8_t>(number));
}

}  // namespace cercle::crypto
