// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Uploader: brings files from the vault to the relay, chunk by chunk, beside the courier. On a
// file's trip: between staging and the outbox of its message.
//
// It asks the relay which chunks it has, and sends the others: what was durable before a crash of
// either side is not sent again. It works while the courier has a connection.

#include "client/beside.h"
#include "client/courier.h"

namespace cercle::client {

class Uploader {
  public:
    Uploader(Core& core, const Courier& courier)
        : core_(core),
          courier_(courier),
          hurry_(core.world.loop) {}

    /// Until cancelled.
    [[nodiscard]] net::Task<void> run();

    /// A person waits: nothing rests, and what was stalled is tried again.
    void hurry();

    /// Whether no file is on its way that could go on now, and none that has arrived takes room.
    [[nodiscard]] Result<bool> is_idle() const;

  private:
    [[nodiscard]] net::Task<void> take_turn();
    [[nodiscard]] net::Task<void> clear_away();
    /// The next one that is not stalled.
    [[nodiscard]] Result<std::optional<Upload>> next() const;
    [[nodiscard]] net::Task<void> send_all();
    [[nodiscard]] net::Task<void> send_with(Session& session);
    [[nodiscard]] net::Task<void> send(Session& session, const Upload& upload);
    [[nodiscard]] net::Task<void> put_missing(Session& session,
                                              const Upload& upload,
                                              const std::vector<protocol::ChunkNumber>& missing);
    [[nodiscard]] net::Task<protocol::Done> put(Session& session,
                                                const Upload& upload,
                                                protocol::ChunkNumber number);
    /// What a refusal means for one file. Errors: what concerns all of them.
    [[nodiscard]] Result<void> judge(const Upload& upload, const Error& error);

    Core& core_;
    const Courier& courier_;
    net::Event hurry_;  // ends the pause between two attempts
};

}  // namespace cercle::client
