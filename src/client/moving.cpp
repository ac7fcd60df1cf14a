// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/moving.h"

#include <algorithm>
#include <utility>

namespace cercle::client {
namespace {

/// So many chunks are closed in one transaction, of 1 MiB.
constexpr std::uint32_t batch = 16;
constexpr Duration breath{1};

class Move {
  public:
    Move(Core& core, const Upload& upload, envelope::Attachment attachment)
        : core_(core),
          upload_(upload),
          before_(std::move(attachment)),
          after_(before_.copy()) {
        Random& random = core.world.random;
        after_.blob = protocol::BlobId::random(random);
        after_.key = Secret(envelope::file_key_size);
        random.fill(after_.key.expose());
    }

    [[nodiscard]] net::Task<void> run() {
        CO_TRY_VOID(begin());
        const envelope::ChunkCipher old_cipher(before_.key, before_.blob, upload_.chunks);
        const envelope::ChunkCipher new_cipher(after_.key, after_.blob, upload_.chunks);
        Result<void> copied;
        for (std::uint32_t at = 0; copied && at < upload_.chunks; at += batch) {
            copied = copy(old_cipher, new_cipher, at, std::min(at + batch, upload_.chunks));
            if (copied) {
                copied = co_await core_.world.loop.wait_until(core_.world.loop.in(breath));
            }
        }
        if (copied) copied = finish();
        if (!copied) static_cast<void>(drop());
        core_.changed.notify_all();
        co_return copied;
    }

  private:
    [[nodiscard]] Result<void> begin() {
        Upload copy;
        copy.log = upload_.log;
        copy.message = upload_.message;
        copy.blob = after_.blob;
        copy.put_token = Secret(protocol::token_size);
        core_.world.random.fill(copy.put_token.expose());
        copy.chunks = upload_.chunks;
        TRY(auto transaction, core_.database.begin());
        TRY(copy_, Uploads::add_copy(transaction, copy));
        return std::move(transaction).commit();
    }

    [[nodiscard]] Result<void> copy(const envelope::ChunkCipher& old_cipher,
                                    const envelope::ChunkCipher& new_cipher,
                                    std::uint32_t from,
                                    std::uint32_t to) {
        TRY(auto transaction, core_.database.begin());
        for (std::uint32_t at = from; at < to; ++at) {
            TRY(const Bytes chunk, core_.uploads.chunk(upload_.number, {at}));
            TRY(const Bytes plain, old_cipher.open({at}, chunk));
            TRY_VOID(Uploads::add_chunk(transaction, copy_, {at}, new_cipher.close({at}, plain)));
        }
        return std::move(transaction).commit();
    }

    [[nodiscard]] Result<void> finish() {
        TRY(auto transaction, core_.database.begin());
        TRY_VOID(Uploads::replace(transaction, upload_.number, copy_));
        TRY_VOID(Attachments::set_place(
            transaction, upload_.log, core_.self.device, upload_.message, after_));
        return std::move(transaction).commit();
    }

    [[nodiscard]] Result<void> drop() {
        TRY(auto transaction, core_.database.begin());
        TRY_VOID(Uploads::set_over(transaction, copy_));
        return std::move(transaction).commit();
    }

    Core& core_;
    const Upload& upload_;
    envelope::Attachment before_;
    envelope::Attachment after_;
    UploadNumber copy_;
};

}  // namespace

net::Task<void> move_upload(Core& core, const Upload& upload) {
    CO_TRY(auto attachment, core.attachments.find(upload.log, core.self.device, upload.message));
    if (!attachment) co_return fail(Code::store_corrupt, "a file on its way without its message");
    Move move(core, upload, std::move(*attachment));
    co_return co_await move.run();
}

}  // namespace cercle::client
