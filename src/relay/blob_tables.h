// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a relay keeps of files: blobs and their chunks, beside the logs and in the same
// transactions.
//
// A blob has two hashes of tokens and an end; nothing says which device made it. A device has a
// count of what it has asked for today, as it has one of the logs it made.

#include <cstdint>
#include <functional>
#include <optional>

#include "base/result.h"
#include "protocol/frames.h"

namespace cercle::relay {

using protocol::BlobId;
using protocol::ChunkNumber;
using protocol::DeviceKey;
using protocol::Stamp;
using protocol::TokenHash;

/// A SHA-256 by which repetitions are told from reuse.
using ContentHash = Id<struct ContentTag, 32>;

struct Blob {
    BlobId id;
    TokenHash put;
    TokenHash get;
    std::uint32_t chunks = 0;  // places
    std::uint32_t filled = 0;  // of them
    Stamp until;
};

/// Days since 1970, UTC.
using Day = Number<struct DayTag>;

struct StoredChunk {
    ChunkNumber number;
    ContentHash content;
    Bytes chunk;
};

class BlobTables {
  public:
    BlobTables() = default;
    BlobTables(const BlobTables&) = delete;
    BlobTables& operator=(const BlobTables&) = delete;
    virtual ~BlobTables() = default;

    [[nodiscard]] virtual Result<std::optional<Blob>> find_blob(const BlobId& id) = 0;
    /// Also counts its places as taken. Errors: already_exists.
    virtual Result<void> insert_blob(const Blob& blob) = 0;
    /// Places of all blobs together.
    [[nodiscard]] virtual Result<std::uint64_t> places_taken() = 0;
    /// Places that a device has asked for on that day.
    [[nodiscard]] virtual Result<std::uint64_t> places_asked(const DeviceKey& key, Day day) = 0;
    /// Adds to them; what was asked for on another day is forgotten.
    virtual Result<void> count_places(const DeviceKey& key, Day day, std::uint32_t chunks) = 0;

    [[nodiscard]] virtual Result<std::optional<ContentHash>> find_content(const BlobId& id,
                                                                          ChunkNumber number) = 0;
    [[nodiscard]] virtual Result<std::optional<Bytes>> find_chunk(const BlobId& id,
                                                                  ChunkNumber number) = 0;
    /// Errors: already_exists.
    virtual Result<void> insert_chunk(const BlobId& id, const StoredChunk& chunk) = 0;
    /// Which places are filled, in their order.
    virtual Result<void> each_number(const BlobId& id,
                                     const std::function<void(ChunkNumber)>& visit) = 0;

    /// When the next blob ends, if there is one.
    [[nodiscard]] virtual Result<std::optional<Stamp>> next_end() = 0;
    /// Takes away, of the blob that ended first, up to `most` chunks, and the blob itself with the
    /// last of them. False when none has ended by `moment`.
    [[nodiscard]] virtual Result<bool> drop_ended(Stamp moment, std::uint32_t most) = 0;

    /// Calls `visit` for every blob, in the order of their ids.
    virtual Result<void> each_blob(const std::function<Result<void>(const Blob&)>& visit) = 0;
    /// Calls `visit` for every chunk of a blob, in order.
    virtual Result<void> each_chunk(
        const BlobId& id, const std::function<Result<void>(const StoredChunk&)>& visit) = 0;
};

}  // namespace cercle::relay
