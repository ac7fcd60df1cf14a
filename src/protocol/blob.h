// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Blobs: where a file's closed chunks lie until they are fetched (docs/spec/wire.md).
//
// A blob is a number of chunks of one size under a random id. Who holds its put token fills it, who
// holds its get token reads it; nothing says whose it is, or in which conversation it was named.

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "protocol/token.h"
#include "protocol/words.h"

namespace cercle::protocol {

/// Every chunk has exactly this size: 64 KiB and a tag.
inline constexpr std::size_t chunk_size = (std::size_t{64} << 10U) + 16;
/// No blob has more.
inline constexpr std::uint32_t most_chunks = 1'600;

/// Makes a blob. The same again makes nothing, and says how far it has come. -> Blob
/// Refusals: refused (the id is another one's), too_large, too_many (a quota is used up).
struct CreateBlob {
    BlobId blob;
    TokenHash put;
    TokenHash get;
    std::uint32_t chunks;

    auto fields(this auto& self) { return std::tie(self.blob, self.put, self.get, self.chunks); }
};

/// Fills one place; the same bytes again are done. -> Done
/// Refusals: refused, id_reused (other bytes lie there), malformed (of another size).
struct PutChunk {
    BlobId blob;
    Token token;
    ChunkNumber number;
    Bytes chunk;

    auto fields(this auto& self) {
        return std::tie(self.blob, self.token, self.number, self.chunk);
    }
};

/// -> Chunk. Refusals: refused (also when the place is empty still).
struct GetChunk {
    BlobId blob;
    Token token;
    ChunkNumber number;

    auto fields(this auto& self) { return std::tie(self.blob, self.token, self.number); }
};

/// Until when the relay keeps it, and which places are filled: a bit for each chunk, beginning with
/// the highest of the first byte.
struct Blob {
    Stamp until;
    Bytes filled;

    auto fields(this auto& self) { return std::tie(self.until, self.filled); }
};

struct Chunk {
    Bytes chunk;

    auto fields(this auto& self) { return std::tie(self.chunk); }
};

/// False for what lies behind the end of the bits.
[[nodiscard]] bool is_filled(const Blob& blob, ChunkNumber number);
void set_filled(Blob& blob, ChunkNumber number);

}  // namespace cercle::protocol
