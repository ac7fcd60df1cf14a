// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Private to this folder: LabeledExtract and LabeledExpand of RFC 9180 section 4.

#include <string_view>

#include "crypto/hkdf.h"

namespace cercle::crypto {

inline constexpr std::string_view hpke_version = "HPKE-v1";

struct LabeledKdf {
    HashAlgorithm algorithm;
    Bytes suite_id;

    [[nodiscard]] Secret extract(BytesView salt, std::string_view label, BytesView input) const;
    [[nodiscard]] Secret expand(BytesView key,
                                std::string_view label,
                                BytesView info,
                                std::size_t size) const;
};

/// I2OSP(number, 2) at the end of `bytes`.
void append_uint16(Bytes& bytes, std::size_t number);

}  // namespace cercle::crypto
