// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: LabeledExtract and LabeledExpand of RFC 9180 section 4, and
// LabeledDerive, which stands for both where the KDF is a SHAKE.

#include <initializer_list>
#include <string_view>

#include "crypto/hkdf.h"
#include "crypto/kem.h"

namespace cercle::crypto {

inline constexpr std::string_view hpke_version = "HPKE-v1";

struct LabeledKdf {
    HashAlgorithm algorithm;
    Bytes suite_id;

    /// The input's parts stand one after the other.
    [[nodiscard]] Secret extract(BytesView salt,
                                 std::string_view label,
                                 std::initializer_list<BytesView> input) const;
    [[nodiscard]] Secret expand(BytesView key,
                                std::string_view label,
                                BytesView info,
                                std::size_t size) const;
};

/// What the suite_id of a KEM's own derivations is: "KEM" || I2OSP(kem_id, 2).
[[nodiscard]] Bytes kem_suite_id(KemAlgorithm algorithm);

/// SHAKE256.LabeledDerive of draft-ietf-hpke-hpke section 4, without context.
[[nodiscard]] Secret labeled_derive(BytesView suite_id,
                                    BytesView input,
                                    std::string_view label,
                                    std::size_t size);

/// I2OSP(number, 2) at the end of `bytes`.
void append_uint16(Bytes& bytes, std::size_t number);

}  // namespace cercle::crypto
