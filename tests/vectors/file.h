// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A file of vectors as bytes, and the hexadecimal digits in it. Link ZLIB::ZLIB.

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

#include <nlohmann/json.hpp>
#include <zlib.h>

#include "base/bytes.h"

namespace cercle::vectors {

using Json = nlohmann::json;

/// The bytes of a file as it is, or as it was before gzip; nothing if it cannot be read to its end.
[[nodiscard]] inline std::optional<std::string> contents(const std::filesystem::path& path) {
    std::string text;
    std::array<char, 65536> block{};
    // gzread also reads what is not compressed.
    const gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return std::nullopt;
    int size = 0;
    while ((size = gzread(file, block.data(), block.size())) > 0)
        text.append(block.data(), static_cast<std::size_t>(size));
    const bool whole = gzclose(file) == Z_OK && size == 0;
    return whole ? std::optional(std::move(text)) : std::nullopt;
}

/// What hexadecimal digits stand for, null being none; throws what is in the way.
[[nodiscard]] inline Bytes unhex(const Json& digits) {
    if (digits.is_null()) return {};
    auto read = from_hex(digits.get<std::string>());
    if (!read.has_value()) throw std::invalid_argument("digits that are not hexadecimal");
    return *std::move(read);
}

}  // namespace cercle::vectors
