// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/uploader.h"

#include <utility>

#include "access/token.h"
#include "client/compose.h"
#include "client/dispatch.h"
#include "client/lost.h"
#include "client/moving.h"
#include "client/pipeline.h"
#include "client/receive.h"

namespace cercle::client {
namespace {

using namespace std::chrono_literals;

/// After failures, one after the other.
constexpr Duration first_pause = 1s;
constexpr Duration longest_pause = 60s;
/// For what the relay does not take at present.
constexpr Duration until_tried_again = 10min;
constexpr Duration breath{1};

/// The relay has nothing where the file should lie, or something else.
bool needs_another_place(Code code) {
    return code == Code::file_gone || code == Code::id_reused;
}

protocol::CreateBlob creation_of(const Upload& upload, const envelope::Attachment& attachment) {
    return {upload.blob,
            {access::token_hash(access::Right::PutChunk, upload.put_token)},
            {access::token_hash(access::Right::GetChunk, envelope::get_token_of(attachment.key))},
            upload.chunks};
}

}  // namespace

Result<std::optional<Upload>> Uploader::next() const {
    TRY(auto waiting, core_.uploads.waiting());
    for (Upload& upload : waiting) {
        TRY(const bool waits, lost::stands_in(core_.database, upload.log));
        if (!waits && !core_.stalled_uploads.contains(upload.message))
            return std::optional(std::move(upload));
    }
    return std::optional<Upload>();
}

Result<bool> Uploader::is_idle() const {
    TRY(const auto left, next());
    if (left) return false;
    return core_.uploads.is_clear();
}

void Uploader::hurry() {
    core_.stalled_uploads.clear();
    hurry_.set();
    core_.changed.notify_all();
}

net::Task<void> Uploader::run() {
    net::Loop& loop = core_.world.loop;
    Duration pause = first_pause;
    while (true) {
        hurry_.reset();
        const auto done = co_await take_turn();
        if (done) {
            pause = first_pause;
            continue;
        }
        if (done.error().code == Code::closing) co_return done;
        core_.world.diary.fault(done.error());
        const auto rested = co_await hurry_.wait(loop.in(pause));
        if (!rested && rested.error().code != Code::deadline_passed) co_return rested;
        pause = std::min(pause * 2, longest_pause);
    }
}

net::Task<void> Uploader::take_turn() {
    CO_TRY_VOID(co_await clear_away());
    CO_TRY(const auto waiting, next());
    if (waiting && courier_.online()) {
        const auto sent = co_await send_all();
        core_.changed.notify_all();
        co_return sent;
    }
    const auto woken = co_await core_.changed.wait(core_.world.loop.in(until_tried_again));
    if (woken || woken.error().code != Code::deadline_passed) co_return woken;
    core_.stalled_uploads.clear();
    co_return Result<void>();
}

net::Task<void> Uploader::clear_away() {
    while (true) {
        CO_TRY(const bool cleared, core_.uploads.clear_some());
        if (!cleared) co_return Result<void>();
        core_.changed.notify_all();
        CO_TRY_VOID(co_await core_.world.loop.wait_until(core_.world.loop.in(breath)));
    }
}

net::Task<void> Uploader::send_all() {
    CO_TRY(auto session, co_await open_beside(core_, net::Deadline::never()));
    const auto sent = co_await send_with(*session);
    static_cast<void>(co_await session->close());
    co_return sent;
}

net::Task<void> Uploader::send_with(Session& session) {
    while (true) {
        CO_TRY(const auto upload, next());
        if (!upload) co_return Result<void>();
        const auto sent = co_await send(session, *upload);
        if (!sent) core_.transfers.erase(upload->message);
        if (!sent) CO_TRY_VOID(judge(*upload, sent.error()));
        if (!sent && needs_another_place(sent.error().code)) {
            const auto moved = co_await move_upload(core_, *upload);
            if (!moved && moved.error().code == Code::closing) co_return moved;
            if (!moved) core_.stalled_uploads.insert_or_assign(upload->message, moved.error());
        }
        core_.changed.notify_all();
    }
}

net::Task<void> Uploader::send(Session& session, const Upload& upload) {
    CO_TRY(const auto attachment,
           core_.attachments.find(upload.log, core_.self.device, upload.message));
    if (!attachment) co_return fail(Code::store_corrupt, "a file on its way without its message");
    auto made = co_await session.ask<protocol::Blob>(creation_of(upload, *attachment),
                                                     core_.world.loop.in(request_patience));
    if (!made && made.error().code == Code::refused) {
        co_return fail(Code::file_gone,
                       "the relay has no place for this file; it is kept, and sent anew later");
    }
    CO_TRY(const protocol::Blob there, std::move(made));
    std::vector<protocol::ChunkNumber> missing;
    for (std::uint32_t number = 0; number < upload.chunks; ++number) {
        if (!is_filled(there, {number})) missing.push_back({number});
    }
    const auto filled = static_cast<std::uint32_t>(upload.chunks - missing.size());
    core_.transfers.insert_or_assign(upload.message, Transfer{filled, upload.chunks});
    core_.changed.notify_all();
    CO_TRY_VOID(co_await put_missing(session, upload, missing));
    co_return write_file_message(core_, upload, there.until);
}

net::Task<void> Uploader::put_missing(Session& session,
                                      const Upload& upload,
                                      const std::vector<protocol::ChunkNumber>& missing) {
    Pipeline<protocol::Done> under_way(
        core_.world,
        [this, &session, &upload, &missing](std::size_t at) {
            return put(session, upload, missing[at]);
        },
        0,
        missing.size(),
        chunks_under_way);
    Result<void> outcome;
    for (std::size_t at = 0; outcome && at < missing.size(); ++at) {
        const auto done = co_await under_way.next();
        if (!done) outcome = std::unexpected(done.error());
        ++core_.transfers[upload.message].done;
        core_.changed.notify_all();
    }
    static_cast<void>(co_await under_way.close());
    co_return outcome;
}

net::Task<protocol::Done> Uploader::put(Session& session,
                                        const Upload& upload,
                                        protocol::ChunkNumber number) {
    CO_TRY(Bytes chunk, core_.uploads.chunk(upload.number, number));
    co_return co_await session.ask<protocol::Done>(
        protocol::PutChunk{upload.blob, upload.put_token.copy(), number, std::move(chunk)},
        core_.world.loop.in(chunk_patience));
}

Result<void> Uploader::judge(const Upload& upload, const Error& error) {
    const Code code = error.code;
    if (code == Code::closing || worth_another_connection(code)) return std::unexpected(error);
    core_.world.diary.fault(error);
    // Closed meanwhile: the message says so already.
    if (code == Code::not_a_member) return {};
    // Nothing that the relay says ends what was written: the file waits, and the person is told.
    core_.stalled_uploads.insert_or_assign(upload.message, error);
    return {};
}

}  // namespace cercle::client
