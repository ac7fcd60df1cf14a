// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/uploads.h"

#include <utility>

namespace cercle::client {
namespace {

Error no_member() {
    return fail(Code::not_a_member, "you are no longer in this conversation").error();
}

Result<UploadState> state_of(store::Transaction& transaction, UploadNumber upload) {
    TRY(const auto row,
        transaction.one<UploadState>("SELECT state FROM uploads WHERE ordinal = ?1", upload));
    return row ? std::get<0>(*row) : UploadState::Over;
}

Result<void> check_state(store::Transaction& transaction,
                         UploadNumber upload,
                         UploadState expected) {
    TRY(const UploadState state, state_of(transaction, upload));
    if (state != expected) return std::unexpected(no_member());
    return {};
}

Result<UploadNumber> insert(store::Transaction& transaction,
                            const Upload& upload,
                            UploadState state) {
    TRY_VOID(
        transaction.run("INSERT INTO uploads (log, message, blob, put, chunks, state)"
                        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        upload.log,
                        upload.message,
                        upload.blob,
                        upload.put_token,
                        upload.chunks,
                        state));
    return UploadNumber{static_cast<std::uint64_t>(transaction.last_row())};
}

}  // namespace

Result<std::vector<Upload>> Uploads::waiting() const {
    std::vector<Upload> found;
    const auto keep = [&found](auto... column) -> Result<store::Visit> {
        found.push_back(Upload{std::move(column)...});
        return store::Visit::Continue;
    };
    TRY_VOID((database_.each<UploadNumber,
                             protocol::LogId,
                             envelope::MessageId,
                             protocol::BlobId,
                             Secret,
                             std::uint32_t,
                             std::int64_t>(
        keep,
        "SELECT ordinal, log, message, blob, put, chunks, held FROM uploads WHERE state = ?1"
        " ORDER BY ordinal",
        UploadState::Waiting)));
    return found;
}

Result<Bytes> Uploads::chunk(UploadNumber upload, protocol::ChunkNumber number) const {
    TRY(auto row,
        database_.one<Bytes>(
            "SELECT chunk FROM upload_chunks WHERE upload = ?1 AND number = ?2", upload, number));
    if (!row) return fail(Code::store_corrupt, "a file on its way lacks a chunk");
    return std::get<0>(*std::move(row));
}

Result<UploadNumber> Uploads::add(store::Transaction& transaction, const Upload& upload) {
    auto added = insert(transaction, upload, UploadState::Reading);
    if (!added && added.error().code == Code::already_exists) {
        return fail(Code::busy, "this message's file is being taken in already");
    }
    return added;
}

Result<void> Uploads::add_chunk(store::Transaction& transaction,
                                UploadNumber upload,
                                protocol::ChunkNumber number,
                                BytesView chunk) {
    TRY(const UploadState state, state_of(transaction, upload));
    if (state != UploadState::Reading && state != UploadState::Copying) {
        return std::unexpected(no_member());
    }
    return transaction.run("INSERT INTO upload_chunks (upload, number, chunk) VALUES (?1, ?2, ?3)",
                           upload,
                           number,
                           chunk);
}

Result<bool> Uploads::set_waiting(store::Transaction& transaction, UploadNumber upload) {
    TRY_VOID(check_state(transaction, upload, UploadState::Reading));
    TRY_VOID(transaction.run(
        "UPDATE uploads SET state = ?2 WHERE ordinal = ?1", upload, UploadState::Waiting));
    TRY(const auto row,
        transaction.one<std::int64_t>("SELECT held FROM uploads WHERE ordinal = ?1", upload));
    return row && std::get<0>(*row) != 0;
}

Result<UploadNumber> Uploads::add_copy(store::Transaction& transaction, const Upload& upload) {
    return insert(transaction, upload, UploadState::Copying);
}

Result<void> Uploads::replace(store::Transaction& transaction,
                              UploadNumber upload,
                              UploadNumber copy) {
    TRY_VOID(check_state(transaction, upload, UploadState::Waiting));
    TRY_VOID(check_state(transaction, copy, UploadState::Copying));
    TRY_VOID(set_over(transaction, upload));
    return transaction.run(
        "UPDATE uploads SET state = ?3, held = (SELECT held FROM uploads WHERE ordinal = ?1)"
        " WHERE ordinal = ?2",
        upload,
        copy,
        UploadState::Waiting);
}

Result<void> Uploads::set_over(store::Transaction& transaction, UploadNumber upload) {
    return transaction.run(
        "UPDATE uploads SET state = ?2 WHERE ordinal = ?1", upload, UploadState::Over);
}

Result<void> Uploads::hold(store::Transaction& transaction, protocol::LogId log) {
    TRY_VOID(
        transaction.run("UPDATE timeline SET state = 2 WHERE kind = 0 AND state = 0 AND id IN"
                        " (SELECT message FROM uploads WHERE log = ?1 AND state = 1)",
                        log));
    return transaction.run("UPDATE uploads SET held = 1 WHERE log = ?1 AND state < 2", log);
}

Result<bool> Uploads::release(store::Transaction& transaction, envelope::MessageId message) {
    TRY_VOID(transaction.run(
        "UPDATE uploads SET held = 0 WHERE message = ?1 AND held = 1 AND state = 1", message));
    return transaction.changed() != 0;
}

Result<void> Uploads::forget_unfinished() {
    TRY(auto transaction, database_.begin());
    TRY_VOID(transaction.run("UPDATE uploads SET state = 2 WHERE state IN (0, 3)"));
    return std::move(transaction).commit();
}

Result<bool> Uploads::is_clear() const {
    TRY(const auto row,
        database_.one<std::int64_t>("SELECT 1 FROM uploads WHERE state = 2 LIMIT 1"));
    return !row.has_value();
}

Result<bool> Uploads::clear_some() {
    constexpr std::int64_t most = 64;
    TRY(const auto row,
        database_.one<UploadNumber>("SELECT ordinal FROM uploads WHERE state = 2 LIMIT 1"));
    if (!row) return false;
    const UploadNumber upload = std::get<0>(*row);
    TRY(auto transaction, database_.begin());
    TRY_VOID(
        transaction.run("DELETE FROM upload_chunks WHERE rowid IN"
                        " (SELECT rowid FROM upload_chunks WHERE upload = ?1 LIMIT ?2)",
                        upload,
                        most));
    const bool last = transaction.changed() < most;
    if (last) TRY_VOID(transaction.run("DELETE FROM uploads WHERE ordinal = ?1", upload));
    TRY_VOID(std::move(transaction).commit());
    constexpr std::uint32_t pages = 4096;
    TRY_VOID(database_.give_back_pages(pages));
    // The write-ahead log holds the pages as they were, and the file its size, until then.
    if (last) TRY_VOID(database_.checkpoint());
    return true;
}

}  // namespace cercle::client
