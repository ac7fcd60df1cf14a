// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Download: a file's chunks come from the relay, are opened one by one, and grow into a file beside
// its place. The last station of a file's trip.
//
// How far it has come, what that much hashes to, and which file it is, stands in the vault. So an
// interrupted download goes on where it was, a part whose content was damaged meanwhile is begun
// anew, and another file that came to stand under the name of the part, or of the file, is left
// alone, whoever put it there and when.

#include <filesystem>
#include <functional>

#include "client/beside.h"
#include "store/user_file.h"

namespace cercle::client {

/// So many bytes of the file are there.
using OnReceived = std::function<void(std::uint64_t done, std::uint64_t total)>;

class Download {
  public:
    /// `target`, absolute, is where the file is wanted.
    Download(Core& core,
             envelope::Attachment attachment,
             std::filesystem::path target,
             OnReceived on_received);

    /// Looks at what is there already. Errors: already_exists (something stands under the name, or
    /// a part that is not this device's), busy, not_found (no such directory), permissions, disk_*.
    [[nodiscard]] net::Task<void> prepare();

    /// Brings what is missing, with one connection. What was brought stays, whatever fails; may be
    /// called again. Errors: file_gone, forged (a chunk that is none of the file's), those of the
    /// connection, disk_*.
    [[nodiscard]] net::Task<void> bring(net::Deadline deadline);

    /// Gives it its name. Errors: forged (it is not what the message says; nothing stays),
    /// already_exists (the part stays), disk_*.
    [[nodiscard]] Result<void> finish();

    /// Chunks that are there.
    [[nodiscard]] std::uint32_t done() const { return done_; }

  private:
    [[nodiscard]] Result<std::uint32_t> known_chunks();
    /// Whether it is the file that the vault knows, and no other one.
    [[nodiscard]] Result<bool> is_ours(const store::PartFile& part);
    [[nodiscard]] net::Task<bool> is_as_known(std::uint32_t chunks);
    [[nodiscard]] net::Task<void> bring_with(Session& session, net::Deadline deadline);
    [[nodiscard]] net::Task<Bytes> get(Session& session,
                                       protocol::ChunkNumber number,
                                       net::Deadline deadline);
    [[nodiscard]] Result<void> take(BytesView closed);
    /// What is there, on disk; and then the vault knows it.
    [[nodiscard]] Result<void> note();
    [[nodiscard]] Result<void> forget();
    /// Bytes of the file in its first chunks.
    [[nodiscard]] std::uint64_t bytes_in(std::uint32_t chunks) const;

    Core& core_;
    envelope::Attachment attachment_;
    std::filesystem::path target_;
    OnReceived on_received_;
    std::uint32_t chunks_;
    envelope::ChunkCipher cipher_;
    Secret get_token_;
    std::optional<store::PartFile> part_;
    crypto::RunningSha256 hash_;
    std::uint32_t done_ = 0;
    std::uint32_t noted_ = 0;
};

}  // namespace cercle::client
