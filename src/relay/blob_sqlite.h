// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Blobs in the store of logs' SQLite file. Private to this folder.

#include "relay/blob_tables.h"
#include "store/transaction.h"

namespace cercle::relay {

class SqliteBlobs final : public BlobTables {
  public:
    /// Both are borrowed; without a transaction it only reads.
    SqliteBlobs(store::Database& database, store::Transaction* transaction)
        : database_(database),
          transaction_(transaction) {}

    [[nodiscard]] Result<std::optional<Blob>> find_blob(const BlobId& id) override;
    Result<void> insert_blob(const Blob& blob) override;
    [[nodiscard]] Result<std::uint64_t> places_taken() override;
    [[nodiscard]] Result<std::uint64_t> places_asked(const DeviceKey& key, Day day) override;
    Result<void> count_places(const DeviceKey& key, Day day, std::uint32_t chunks) override;
    [[nodiscard]] Result<std::optional<ContentHash>> find_content(const BlobId& id,
                                                                  ChunkNumber number) override;
    [[nodiscard]] Result<std::optional<Bytes>> find_chunk(const BlobId& id,
                                                          ChunkNumber number) override;
    Result<void> insert_chunk(const BlobId& id, const StoredChunk& chunk) override;
    Result<void> each_number(const BlobId& id,
                             const std::function<void(ChunkNumber)>& visit) override;
    [[nodiscard]] Result<std::optional<Stamp>> next_end() override;
    [[nodiscard]] Result<bool> drop_ended(Stamp moment, std::uint32_t most) override;
    Result<void> each_blob(const std::function<Result<void>(const Blob&)>& visit) override;
    Result<void> each_chunk(const BlobId& id,
                            const std::function<Result<void>(const StoredChunk&)>& visit) override;

  private:
    [[nodiscard]] store::Transaction& writing() const;

    template <class... Value>
    Result<void> visit_blobs(const std::function<Result<void>(const Blob&)>& visit,
                             store::Sql sql,
                             const Value&... values);

    store::Database& database_;
    store::Transaction* transaction_;
};

}  // namespace cercle::relay
