// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Staging: a file of the person's is read once, closed into chunks and kept in the vault. From then
// on it may change or vanish: what was taken in is what is sent. The first station of a file's
// trip.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "client/compose.h"

namespace cercle::client {

/// What a person wants to send.
struct FileMessage {
    protocol::LogId log;
    envelope::MessageId id;
    std::string text;  // may be empty
    std::filesystem::path path;
    std::optional<envelope::Reference> answers{};
};

/// So many bytes of the file are taken in.
using OnTaken = std::function<void(std::uint64_t done, std::uint64_t total)>;

/// Takes the file in; its message waits for it from then on. A message that stands already for the
/// same file and text changes nothing. Errors: not_found, unreadable, invalid_argument (no file),
/// too_large, policy_file_size, file_changed, id_reused, busy, not_a_member, invalid_text, disk_*;
/// then nothing of it will be sent.
[[nodiscard]] net::Task<void> take_file_in(Core& core, FileMessage message, OnTaken on_taken);

}  // namespace cercle::client
