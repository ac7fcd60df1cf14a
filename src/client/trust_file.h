// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Trust file: other trust anchors than the vault's, for one run (--trust-file). Lines of a word
// and a value; empty lines and those that begin with # say nothing:
//
//     relay HOST:PORT       where the relay is reached
//     relay-key HEX         the key that it must show

#include <filesystem>
#include <string>

#include "client/self.h"

namespace cercle::client {

/// Changes `self` in memory only. Errors: malformed.
[[nodiscard]] Result<void> apply_trust_lines(const std::string& lines, Self& self);

/// The same from a file. Errors: also not_found.
[[nodiscard]] Result<void> apply_trust_file(const std::filesystem::path& path, Self& self);

}  // namespace cercle::client
