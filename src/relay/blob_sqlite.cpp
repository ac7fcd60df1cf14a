// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/blob_sqlite.h"

#include "base/check.h"

namespace cercle::relay {

store::Transaction& SqliteBlobs::writing() const {
    CHECK(transaction_ != nullptr, "a store that is only looked at is written");
    return *transaction_;
}

template <class... Value>
Result<void> SqliteBlobs::visit_blobs(const std::function<Result<void>(const Blob&)>& visit,
                                      store::Sql sql,
                                      const Value&... values) {
    const auto pass_on = [&visit](auto... columns) -> Result<store::Visit> {
        TRY_VOID(visit(Blob{columns...}));
        return store::Visit::Continue;
    };
    return database_.each<BlobId, TokenHash, TokenHash, std::uint32_t, std::uint32_t, Stamp>(
        pass_on, sql, values...);
}

Result<std::optional<Blob>> SqliteBlobs::find_blob(const BlobId& id) {
    std::optional<Blob> found;
    TRY_VOID(visit_blobs(
        [&found](const Blob& blob) -> Result<void> {
            found = blob;
            return {};
        },
        "SELECT id, put, get, chunks, filled, until FROM blobs WHERE id = ?1",
        id));
    return found;
}

Result<void> SqliteBlobs::insert_blob(const Blob& blob) {
    TRY_VOID(
        writing().run("INSERT INTO blobs (id, put, get, chunks, filled, until)"
                      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                      blob.id,
                      blob.put,
                      blob.get,
                      blob.chunks,
                      blob.filled,
                      blob.until));
    return writing().run("UPDATE relay SET places = places + ?1", blob.chunks);
}

Result<std::uint64_t> SqliteBlobs::places_taken() {
    TRY(const auto row, database_.one<std::uint64_t>("SELECT places FROM relay"));
    if (!row) return fail(Code::store_corrupt, "the store does not say what is taken");
    return std::get<0>(*row);
}

Result<std::uint64_t> SqliteBlobs::places_asked(const DeviceKey& key, Day day) {
    TRY(const auto row,
        database_.one<std::uint64_t>(
            "SELECT places FROM devices WHERE key = ?1 AND places_day = ?2", key, day));
    return row ? std::get<0>(*row) : 0;
}

Result<void> SqliteBlobs::count_places(const DeviceKey& key, Day day, std::uint32_t chunks) {
    return writing().run(
        "UPDATE devices SET places = ?3 + CASE places_day WHEN ?2 THEN places ELSE 0 END,"
        " places_day = ?2 WHERE key = ?1",
        key,
        day,
        chunks);
}

Result<std::optional<ContentHash>> SqliteBlobs::find_content(const BlobId& id, ChunkNumber number) {
    TRY(const auto row,
        database_.one<ContentHash>(
            "SELECT content FROM chunks WHERE blob = ?1 AND number = ?2", id, number));
    if (!row) return std::optional<ContentHash>{};
    return std::optional(std::get<0>(*row));
}

Result<std::optional<Bytes>> SqliteBlobs::find_chunk(const BlobId& id, ChunkNumber number) {
    TRY(auto row,
        database_.one<Bytes>(
            "SELECT chunk FROM chunks WHERE blob = ?1 AND number = ?2", id, number));
    if (!row) return std::optional<Bytes>{};
    return std::optional(std::get<0>(*std::move(row)));
}

Result<void> SqliteBlobs::insert_chunk(const BlobId& id, const StoredChunk& chunk) {
    TRY_VOID(
        writing().run("INSERT INTO chunks (blob, number, content, chunk) VALUES (?1, ?2, ?3, ?4)",
                      id,
                      chunk.number,
                      chunk.content,
                      chunk.chunk));
    return writing().run("UPDATE blobs SET filled = filled + 1 WHERE id = ?1", id);
}

Result<void> SqliteBlobs::each_number(const BlobId& id,
                                      const std::function<void(ChunkNumber)>& visit) {
    const auto pass_on = [&visit](ChunkNumber number) -> Result<store::Visit> {
        visit(number);
        return store::Visit::Continue;
    };
    return database_.each<ChunkNumber>(
        pass_on, "SELECT number FROM chunks WHERE blob = ?1 ORDER BY number", id);
}

Result<std::optional<Stamp>> SqliteBlobs::next_end() {
    TRY(const auto row, database_.one<std::optional<Stamp>>("SELECT min(until) FROM blobs"));
    return row ? std::get<0>(*row) : std::nullopt;
}

Result<bool> SqliteBlobs::drop_ended(Stamp moment, std::uint32_t most) {
    TRY(const auto row,
        (database_.one<BlobId, std::uint32_t, std::uint32_t>(
            "SELECT id, chunks, filled FROM blobs WHERE until <= ?1 ORDER BY until LIMIT 1",
            moment)));
    if (!row) return false;
    const auto& [id, chunks, filled] = *row;
    TRY_VOID(
        writing().run("DELETE FROM chunks WHERE rowid IN"
                      " (SELECT rowid FROM chunks WHERE blob = ?1 ORDER BY number DESC LIMIT ?2)",
                      id,
                      most));
    if (filled > most) {
        TRY_VOID(writing().run("UPDATE blobs SET filled = filled - ?2 WHERE id = ?1", id, most));
        return true;
    }
    TRY_VOID(writing().run("DELETE FROM blobs WHERE id = ?1", id));
    TRY_VOID(writing().run("UPDATE relay SET places = places - ?1", chunks));
    return true;
}

Result<void> SqliteBlobs::each_blob(const std::function<Result<void>(const Blob&)>& visit) {
    return visit_blobs(visit, "SELECT id, put, get, chunks, filled, until FROM blobs ORDER BY id");
}

Result<void> SqliteBlobs::each_chunk(const BlobId& id,
                                     const std::function<Result<void>(const StoredChunk&)>& visit) {
    const auto pass_on =
        [&visit](ChunkNumber number, ContentHash content, Bytes chunk) -> Result<store::Visit> {
        TRY_VOID(visit(StoredChunk{number, content, std::move(chunk)}));
        return store::Visit::Continue;
    };
    return database_.each<ChunkNumber, ContentHash, Bytes>(
        pass_on, "SELECT number, content, chunk FROM chunks WHERE blob = ?1 ORDER BY number", id);
}

}  // namespace cercle::relay
