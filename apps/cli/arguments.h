// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Arguments: what was typed, as a command of the house (7-contract).

#include <optional>
#include <string>
#include <variant>

#include "officer/api.h"

namespace cercle::cli {

enum class Format : std::uint8_t { Text, Json };

/// A text as a QR code on the terminal; needs no home.
struct ShowQr {
    std::string text;
};

/// A conversation on the terminal.
struct OpenChat {};

struct Arguments {
    client::Settings settings;
    Format format = Format::Text;
    std::optional<std::string> pass_file;
    std::optional<std::string> backup_pass_file;
    std::optional<std::string> picture;  // where an invitation's QR code goes
    std::variant<client::Command, officer::Command, ShowQr, OpenChat> command;
};

/// What was typed, or how the program ends instead: a help text was asked for, or the arguments
/// do not fit, and a sentence was printed that says how they would.
[[nodiscard]] std::variant<Arguments, client::Exit> read_arguments(int count, char** words);

}  // namespace cercle::cli
