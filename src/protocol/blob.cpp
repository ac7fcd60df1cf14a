// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/blob.h"

namespace cercle::protocol {
namespace {

std::uint8_t bit_of(ChunkNumber number) {
    return static_cast<std::uint8_t>(0x80U >> (number.value % 8));
}

}  // namespace

bool is_filled(const Blob& blob, ChunkNumber number) {
    const std::size_t byte = number.value / 8;
    return byte < blob.filled.size() && (blob.filled[byte] & bit_of(number)) != 0;
}

void set_filled(Blob& blob, ChunkNumber number) {
    const std::size_t byte = number.value / 8;
    if (blob.filled.size() <= byte) blob.filled.resize(byte + 1);
    blob.filled[byte] |= bit_of(number);
}

}  // namespace cercle::protocol
