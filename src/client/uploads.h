// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Uploads: files on their way to the relay, each with its closed chunks, in the vault. An outbox
// beside the outbox: a file's message enters that one when the relay has all its chunks, so that
// texts written meanwhile do not wait.
//
// The chunks stay until the last of them is durable: a relay that was restored from an older copy
// gets what it lacks once more.

#include <optional>
#include <vector>

#include "client/outbox.h"
#include "protocol/blob.h"

namespace cercle::client {

enum class UploadState : std::uint8_t { Reading = 0, Waiting = 1, Over = 2, Copying = 3 };

using UploadNumber = Number<struct UploadTag>;

struct Upload {
    UploadNumber number;
    protocol::LogId log;
    envelope::MessageId message;
    protocol::BlobId blob;
    Secret put_token;
    std::uint32_t chunks = 0;
    std::int64_t held = 0;
};

class Uploads {
  public:
    explicit Uploads(store::Database& database)
        : database_(database) {}

    /// Those that are whole in the vault and not at the relay, oldest first.
    [[nodiscard]] Result<std::vector<Upload>> waiting() const;
    [[nodiscard]] Result<Bytes> chunk(UploadNumber upload, protocol::ChunkNumber number) const;

    /// Begins one, in the state Reading. Errors: busy: this message is being taken in already.
    [[nodiscard]] static Result<UploadNumber> add(store::Transaction& transaction,
                                                  const Upload& upload);
    /// Errors: not_a_member: the conversation was closed meanwhile, and the upload with it.
    [[nodiscard]] static Result<void> add_chunk(store::Transaction& transaction,
                                                UploadNumber upload,
                                                protocol::ChunkNumber number,
                                                BytesView chunk);
    /// Reading is done. Whether its message is held. Errors: not_a_member, as above.
    [[nodiscard]] static Result<bool> set_waiting(store::Transaction& transaction,
                                                  UploadNumber upload);
    /// Begins one that shall take another's place, for the same message, in the state Copying.
    [[nodiscard]] static Result<UploadNumber> add_copy(store::Transaction& transaction,
                                                       const Upload& upload);
    /// The copy is whole: it waits, and the other is over. Errors: not_a_member, as above.
    [[nodiscard]] static Result<void> replace(store::Transaction& transaction,
                                              UploadNumber upload,
                                              UploadNumber copy);
    [[nodiscard]] static Result<void> set_over(store::Transaction& transaction,
                                               UploadNumber upload);

    /// What the conversation's messages wait for, their files wait for, too.
    [[nodiscard]] static Result<void> hold(store::Transaction& transaction, protocol::LogId log);
    [[nodiscard]] static Result<bool> release(store::Transaction& transaction,
                                              envelope::MessageId message);
    /// What was being read when an earlier process ended was promised to nobody.
    [[nodiscard]] Result<void> forget_unfinished();
    /// Whether nothing is over and still takes room.
    [[nodiscard]] Result<bool> is_clear() const;
    /// Clears a piece of what is over away. False when nothing is.
    [[nodiscard]] Result<bool> clear_some();

  private:
    store::Database& database_;
};

}  // namespace cercle::client
