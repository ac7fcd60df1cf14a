// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pictures: members' faces as this device has them (decision 70). They come with directory pages,
// are judged (identity/picture.h), and go out as files for a program that shows them: nothing here
// decodes one.

#include <filesystem>
#include <optional>

#include "client/people.h"
#include "identity/picture.h"
#include "store/transaction.h"

namespace cercle::client::pictures {

/// What a page that is believed says of a member's. Of one that is only named by its hash, and is
/// another than the one here, or that is unfit, nothing is here from now on: better none than an
/// old one.
[[nodiscard]] Result<void> take(store::Transaction& transaction,
                                identity::MemberId member,
                                const identity::Portrait& portrait);

/// Whom this device sees no more, it shows no more.
[[nodiscard]] Result<void> forget_unseen(store::Transaction& transaction);

/// A person's file for a picture. Errors: picture_unfit, unreadable, not_found, invalid_argument (a
/// directory), disk_fault.
[[nodiscard]] Result<Bytes> read_file(const std::filesystem::path& path);

/// Puts these people's pictures into a directory, as files of mode 0600 that are called by their
/// SHA-256 and kind. What is there stays as it is. Errors: not_found (no such directory),
/// permissions, disk_*.
[[nodiscard]] Result<void> write_files(store::Database& database,
                                       const std::vector<Person>& people,
                                       const std::filesystem::path& directory);

}  // namespace cercle::client::pictures
