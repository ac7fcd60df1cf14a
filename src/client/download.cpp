// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/download.h"

#include <algorithm>
#include <utility>

#include "client/pipeline.h"

namespace cercle::client {
namespace {

/// So many chunks come between two notes in the vault.
constexpr std::uint32_t between_notes = 16;
constexpr Duration breath{1};

std::unexpected<Error> not_ours() {
    return fail(Code::already_exists,
                "a file of that name with .part behind it stands there, which this device has"
                " not put there; choose another name, or move it away");
}

Bytes bytes_of(const std::filesystem::path& path) {
    return to_bytes(std::string_view(path.native()));
}

}  // namespace

Download::Download(Core& core,
                   envelope::Attachment attachment,
                   std::filesystem::path target,
                   OnReceived on_received)
    : core_(core),
      attachment_(std::move(attachment)),
      target_(std::move(target)),
      on_received_(std::move(on_received)),
      chunks_(envelope::chunks_of(attachment_.size)),
      cipher_(attachment_.key, attachment_.blob, chunks_),
      get_token_(envelope::get_token_of(attachment_.key)) {}

std::uint64_t Download::bytes_in(std::uint32_t chunks) const {
    return std::min<std::uint64_t>(attachment_.size, std::uint64_t{chunks} * envelope::chunk_room);
}

net::Task<void> Download::prepare() {
    CO_TRY_VOID(store::check_vacant(target_));
    CO_TRY(const std::uint32_t known, known_chunks());
    CO_TRY(auto part, store::PartFile::open(target_));
    CO_TRY(const bool ours, is_ours(part));
    if (!ours) co_return not_ours();
    part_ = std::move(part);
    CO_TRY(const bool sound, co_await is_as_known(known));
    if (sound) {
        done_ = known;
    } else {
        hash_ = {};
    }
    noted_ = done_;
    // Behind that there may be something that no note tells of.
    CO_TRY_VOID(part_->cut(bytes_in(done_)));
    CO_TRY_VOID(note());
    on_received_(bytes_in(done_), attachment_.size);
    co_return Result<void>();
}

Result<std::uint32_t> Download::known_chunks() {
    TRY(const auto row,
        (core_.database.one<protocol::BlobId, std::uint32_t>(
            "SELECT blob, chunks FROM downloads WHERE path = ?1", bytes_of(target_))));
    std::error_code ignored;
    const auto place = store::PartFile::place_of(target_);
    if (std::filesystem::symlink_status(place, ignored).type() ==
        std::filesystem::file_type::not_found) {
        // Known before it is there: an empty one that lies there later is ours.
        TRY_VOID(note());
        return 0;
    }
    if (!row) return not_ours();
    return std::get<0>(*row) == attachment_.blob ? std::get<1>(*row) : 0;
}

Result<bool> Download::is_ours(const store::PartFile& part) {
    if (part.found() == store::PartFile::Found::Nothing) return true;
    TRY(const auto row,
        core_.database.one<std::optional<Bytes>>("SELECT mark FROM downloads WHERE path = ?1",
                                                 bytes_of(target_)));
    TRY(const Bytes mark, part.mark());
    if (row && std::get<0>(*row)) return *std::get<0>(*row) == mark;
    TRY(const std::uint64_t size, part.size());
    return size == 0;
}

net::Task<bool> Download::is_as_known(std::uint32_t chunks) {
    CO_TRY(const std::uint64_t size, part_->size());
    const std::uint64_t wanted = bytes_in(chunks);
    if (chunks > chunks_ || size < wanted) co_return false;
    for (std::uint64_t at = 0; at < wanted;) {
        const auto most = static_cast<std::size_t>(
            std::min<std::uint64_t>(wanted - at, between_notes * envelope::chunk_room));
        CO_TRY(const Bytes piece, part_->read(at, most));
        if (piece.empty()) co_return false;
        hash_.add(piece);
        at += piece.size();
        CO_TRY_VOID(co_await core_.world.loop.wait_until(core_.world.loop.in(breath)));
    }
    CO_TRY(const auto row,
           core_.database.one<crypto::Digest>("SELECT prefix FROM downloads WHERE path = ?1",
                                              bytes_of(target_)));
    co_return row.has_value() && std::get<0>(*row) == hash_.digest();
}

net::Task<void> Download::bring(net::Deadline deadline) {
    if (done_ == chunks_) co_return Result<void>();
    // A full disk may have taken half a chunk.
    CO_TRY_VOID(part_->cut(bytes_in(done_)));
    CO_TRY(auto session, co_await open_beside(core_, deadline));
    const auto brought = co_await bring_with(*session, deadline);
    static_cast<void>(co_await session->close());
    // Whatever it was, the next attempt begins here.
    const auto noted = note();
    CO_TRY_VOID(brought);
    co_return noted;
}

net::Task<void> Download::bring_with(Session& session, net::Deadline deadline) {
    Pipeline<Bytes> under_way(
        core_.world,
        [this, &session, deadline](std::size_t at) {
            return get(session, {static_cast<std::uint32_t>(at)}, deadline);
        },
        done_,
        chunks_,
        chunks_under_way);
    Result<void> outcome;
    while (outcome && done_ < chunks_) {
        const auto closed = co_await under_way.next();
        outcome = closed ? take(*closed) : std::unexpected(closed.error());
        if (outcome && done_ - noted_ >= between_notes) outcome = note();
    }
    static_cast<void>(co_await under_way.close());
    co_return outcome;
}

net::Task<Bytes> Download::get(Session& session,
                               protocol::ChunkNumber number,
                               net::Deadline deadline) {
    auto chunk = co_await session.ask<protocol::Chunk>(
        protocol::GetChunk{attachment_.blob, get_token_.copy(), number},
        core_.world.loop.in(chunk_patience).but_at_most(deadline));
    if (!chunk && chunk.error().code == Code::refused) {
        co_return fail(
            Code::file_gone,
            "the relay does not keep this file any more; ask its author to send it again");
    }
    CO_TRY(protocol::Chunk got, std::move(chunk));
    co_return std::move(got.chunk);
}

Result<void> Download::take(BytesView closed) {
    const auto opened = cipher_.open({done_}, closed);
    if (!opened) return fail(Code::forged, "what the relay gave is not this file's");
    const auto own = static_cast<std::size_t>(bytes_in(done_ + 1) - bytes_in(done_));
    const BytesView plain(*opened);
    if (std::ranges::any_of(plain.subspan(own), [](std::uint8_t byte) { return byte != 0; })) {
        return fail(Code::forged, "the file is longer than its message says");
    }
    TRY_VOID(part_->append(plain.first(own)));
    hash_.add(plain.first(own));
    ++done_;
    on_received_(bytes_in(done_), attachment_.size);
    return {};
}

Result<void> Download::note() {
    std::optional<Bytes> mark;
    if (part_) {
        TRY_VOID(part_->sync());
        TRY(mark, part_->mark());
    }
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(
        transaction.run("INSERT INTO downloads (path, blob, chunks, prefix, mark)"
                        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET"
                        " blob = excluded.blob, chunks = excluded.chunks,"
                        " prefix = excluded.prefix, mark = excluded.mark",
                        bytes_of(target_),
                        attachment_.blob,
                        done_,
                        hash_.digest(),
                        mark));
    TRY_VOID(std::move(transaction).commit());
    noted_ = done_;
    return {};
}

Result<void> Download::forget() {
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(transaction.run("DELETE FROM downloads WHERE path = ?1", bytes_of(target_)));
    return std::move(transaction).commit();
}

Result<void> Download::finish() {
    if (hash_.digest() != attachment_.sha256) {
        std::move(*part_).discard();
        part_.reset();
        TRY_VOID(forget());
        return fail(Code::forged, "the file is not what its message says; nothing was kept of it");
    }
    TRY_VOID(std::move(*part_).publish());
    part_.reset();
    return forget();
}

}  // namespace cercle::client
