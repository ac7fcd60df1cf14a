// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Passphrase: from a file or a person, straight into locked memory.

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace cercle::cli {

/// The file's first line. Nothing if it cannot be read or is empty.
[[nodiscard]] std::optional<Secret> passphrase_from_file(const std::string& path);

/// Asked for in the terminal, without showing it. Nothing without a terminal.
[[nodiscard]] std::optional<Secret> passphrase_from_terminal(
    std::string_view question = "Passphrase: ");

}  // namespace cercle::cli
