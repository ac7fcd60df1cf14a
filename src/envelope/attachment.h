// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Attachments: a file becomes closed chunks of one size, which lie at the relay, and a few words in
// a message, which say where and how to open them (docs/spec/attachment.md).
//
// On the trip: beside the message. Its chunks are at the relay before the message leaves; a reader
// fetches them when its person asks.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/hash.h"
#include "protocol/blob.h"

namespace cercle::envelope {

inline constexpr std::uint8_t attachment_version = 1;
/// What a chunk holds of a file.
inline constexpr std::size_t chunk_room = std::size_t{64} << 10U;
inline constexpr std::uint64_t largest_file = std::uint64_t{100} << 20U;
inline constexpr std::size_t file_key_size = 32;

/// What a message says of a file.
struct Attachment {
    protocol::BlobId blob;
    Secret key;  // of this file alone, for ever
    std::uint64_t size = 0;
    crypto::Digest sha256{};
    std::string name;           // as its author has it: harmless_file_name() before it is shown
    std::string type;           // a media type
    std::uint32_t expires = 0;  // seconds since 1970; 0: not known

    [[nodiscard]] Attachment copy() const;
};

/// How many chunks a file has at the relay: enough for its bytes, and so many more that the number
/// is one of few (Padmé). Requires size <= largest_file.
[[nodiscard]] std::uint32_t chunks_of(std::uint64_t size);

/// By which a file's chunks are fetched. Whoever holds the key holds it, too; the relay, which gets
/// to see it, has nothing of the key by it.
[[nodiscard]] Secret get_token_of(const Secret& file_key);

/// Closes and opens the chunks of one file. A key closes one file, and each of its chunks once.
class ChunkCipher {
  public:
    ChunkCipher(const Secret& file_key, protocol::BlobId blob, std::uint32_t chunks);

    /// `plain` fits a chunk; zeros fill it up.
    [[nodiscard]] Bytes close(protocol::ChunkNumber number, BytesView plain) const;

    /// All of the chunk, with what filled it up. Errors: forged: it is not this chunk of this file.
    [[nodiscard]] Result<Bytes> open(protocol::ChunkNumber number, BytesView closed) const;

  private:
    Secret key_;
    Bytes associated_;
    std::uint32_t chunks_;
};

/// A file's name as it is shown and sent: made harmless, without slashes, never empty, "." or "..".
/// It is a name for people; no path is ever made of it.
[[nodiscard]] std::string harmless_file_name(std::string_view name);

/// By what stands behind the last dot.
[[nodiscard]] std::string_view media_type_of(std::string_view name);

}  // namespace cercle::envelope
