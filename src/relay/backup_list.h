// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The list of a backup: the file `backup` in it, written last: which files there are, and what
// they hold. Text, so that a person can read it (docs/spec/relay-store.md).

#include <string>
#include <string_view>
#include <vector>

#include "protocol/words.h"
#include "store/private_file.h"

namespace cercle::relay {

inline constexpr std::uint32_t backup_version = 1;

struct BackupList {
    struct File {
        std::string name;
        store::FileContent content;
    };

    std::uint32_t store = 0;  // store_version of the database
    protocol::Incarnation incarnation;
    std::vector<File> files;

    [[nodiscard]] std::string text() const;

    /// Errors: malformed; unsupported (a later version's, of the list or of the store).
    [[nodiscard]] static Result<BackupList> parse(std::string_view text);
};

}  // namespace cercle::relay
