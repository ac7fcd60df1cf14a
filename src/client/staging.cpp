// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/staging.h"

#include <utility>

#include "base/utf8.h"
#include "client/circle_policy.h"
#include "store/user_file.h"

namespace cercle::client {
namespace {

/// So many chunks are stored in one transaction; between two of them others have their turn.
constexpr std::uint32_t batch = 16;
constexpr Duration breath{1};

/// A file of the person's own is none of the vault's: it has its own reasons.
Result<store::SourceFile> open_source(const std::filesystem::path& path) {
    auto opened = store::SourceFile::open(path);
    if (!opened && opened.error().code == Code::permissions) {
        return fail(Code::unreadable, "this file may not be read");
    }
    if (!opened && opened.error().code == Code::not_found) {
        return fail(Code::not_found, "there is no such file");
    }
    if (opened && opened->size() > envelope::largest_file) {
        return fail(Code::too_large, "the file is too large; 100 MiB can be sent at once");
    }
    return opened;
}

Result<void> check_unchanged(const store::SourceFile& file, std::uint64_t read) {
    TRY(const bool unchanged, file.is_unchanged());
    if (unchanged && read == file.size()) return {};
    return fail(Code::file_changed, "the file changed while it was read; nothing was sent");
}

net::Task<void> let_others_go(Core& core) {
    co_return co_await core.world.loop.wait_until(core.world.loop.in(breath));
}

NewText text_of(const FileMessage& message) {
    return {message.id, message.text, message.answers};
}

/// What is to be sent, on its way through the vault.
class Staging {
  public:
    Staging(Core& core, const FileMessage& message, store::SourceFile file, OnTaken on_taken)
        : core_(core),
          message_(message),
          file_(std::move(file)),
          on_taken_(std::move(on_taken)) {}

    /// What fails on the way leaves something to be cleared away, and nothing else.
    [[nodiscard]] net::Task<void> run() {
        CO_TRY_VOID(begin());
        auto taken = co_await take_all();
        if (taken) taken = finish();
        if (!taken) {
            static_cast<void>(drop());
            co_return taken;
        }
        core_.changed.notify_all();
        co_return Result<void>();
    }

  private:
    [[nodiscard]] Result<void> begin() {
        Random& random = core_.world.random;
        attachment_.blob = protocol::BlobId::random(random);
        attachment_.key = Secret(envelope::file_key_size);
        random.fill(attachment_.key.expose());
        attachment_.size = file_.size();
        attachment_.name = envelope::harmless_file_name(message_.path.filename().native());
        attachment_.type = envelope::media_type_of(attachment_.name);
        chunks_ = envelope::chunks_of(file_.size());
        Upload upload;
        upload.log = message_.log;
        upload.message = message_.id;
        upload.blob = attachment_.blob;
        upload.put_token = Secret(protocol::token_size);
        random.fill(upload.put_token.expose());
        upload.chunks = chunks_;
        TRY(auto transaction, core_.database.begin());
        TRY(number_, Uploads::add(transaction, upload));
        return std::move(transaction).commit();
    }

    [[nodiscard]] net::Task<void> take_all() {
        const envelope::ChunkCipher cipher(attachment_.key, attachment_.blob, chunks_);
        for (std::uint32_t at = 0; at < chunks_; at += batch) {
            CO_TRY_VOID(take_batch(cipher, at, std::min(at + batch, chunks_)));
            on_taken_(read_, file_.size());
            CO_TRY_VOID(co_await let_others_go(core_));
        }
        // One more byte would be a file that has grown.
        CO_TRY(const Bytes more, file_.read(1));
        co_return check_unchanged(file_, read_ + more.size());
    }

    [[nodiscard]] Result<void> take_batch(const envelope::ChunkCipher& cipher,
                                          std::uint32_t from,
                                          std::uint32_t to) {
        TRY(auto transaction, core_.database.begin());
        for (std::uint32_t at = from; at < to; ++at) {
            TRY(const Bytes plain, file_.read(envelope::chunk_room));
            read_ += plain.size();
            hash_.add(plain);
            TRY_VOID(Uploads::add_chunk(transaction, number_, {at}, cipher.close({at}, plain)));
        }
        return std::move(transaction).commit();
    }

    [[nodiscard]] Result<void> finish() {
        attachment_.sha256 = hash_.digest();
        TRY(auto transaction, core_.database.begin());
        TRY(const bool held, Uploads::set_waiting(transaction, number_));
        TRY(const auto earlier, core_.timeline.own(core_.self.device, message_.id));
        if (earlier) return fail(Code::id_reused, "this id already stands for another message");
        TRY_VOID(Attachments::add(
            transaction, message_.log, core_.self.device, message_.id, attachment_));
        TRY_VOID(Timeline::add(transaction,
                               own_line(core_,
                                        message_.log,
                                        text_of(message_),
                                        held ? LineState::Held : LineState::Queued)));
        return std::move(transaction).commit();
    }

    [[nodiscard]] Result<void> drop() {
        TRY(auto transaction, core_.database.begin());
        TRY_VOID(Uploads::set_over(transaction, number_));
        TRY_VOID(std::move(transaction).commit());
        core_.changed.notify_all();
        return {};
    }

    Core& core_;
    const FileMessage& message_;
    store::SourceFile file_;
    OnTaken on_taken_;
    envelope::Attachment attachment_;
    std::uint32_t chunks_ = 0;
    UploadNumber number_{};
    std::uint64_t read_ = 0;
    crypto::RunningSha256 hash_;
};

net::Task<crypto::Digest> hash_of(Core& core, store::SourceFile file) {
    crypto::RunningSha256 hash;
    std::uint64_t read = 0;
    while (true) {
        CO_TRY(const Bytes piece, file.read(batch * envelope::chunk_room));
        if (piece.empty()) break;
        read += piece.size();
        hash.add(piece);
        CO_TRY_VOID(co_await let_others_go(core));
    }
    CO_TRY_VOID(check_unchanged(file, read));
    co_return hash.digest();
}

/// The id stands for a message already: for the same one, or it is refused.
net::Task<void> check_same(Core& core, FileMessage message, Line earlier) {
    CO_TRY(const auto attachment, core.attachments.find(earlier.log, core.self.device, message.id));
    CO_TRY(auto file, open_source(message.path));
    const std::uint64_t size = file.size();
    CO_TRY(const auto digest, co_await hash_of(core, std::move(file)));
    const bool same =
        attachment && is_same(earlier, message.log, text_of(message)) && attachment->size == size &&
        attachment->sha256 == digest &&
        attachment->name == envelope::harmless_file_name(message.path.filename().native());
    if (!same) co_return fail(Code::id_reused, "this id already stands for another message");
    co_return Result<void>();
}

}  // namespace

net::Task<void> take_file_in(Core& core, FileMessage message, OnTaken on_taken) {
    CO_TRY_VOID(check_text(message.text));
    CO_TRY(const auto earlier, core.timeline.own(core.self.device, message.id));
    if (earlier) co_return co_await check_same(core, std::move(message), *earlier);
    CO_TRY_VOID(writable(core, message.log));
    CO_TRY(auto file, open_source(message.path));
    CO_TRY_VOID(circle_policy::check_file(core, file.size()));
    Staging staging(core, message, std::move(file), std::move(on_taken));
    co_return co_await staging.run();
}

}  // namespace cercle::client
