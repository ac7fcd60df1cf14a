// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Paths: what a person types, or drops into the terminal, when a file is to be sent or saved.
//
// The name that a file has from its author never decides where it goes: without a path of the
// person's own it stays where the chat was begun, and is not hidden there.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace cercle::cli::chat {

/// This machine, as the person sees it.
struct Desk {
    std::filesystem::path here;
    std::filesystem::path home;  // empty: not known
    std::function<bool(const std::filesystem::path&)> is_directory;
};

/// May be quoted, or have backslashes before what a shell minds; ~ is the home.
[[nodiscard]] std::filesystem::path typed_path(std::string_view typed, const Desk& desk);

/// Whether a file keeps its own name: nothing was typed, or a directory. Its name may be taken
/// then, and another one tried.
[[nodiscard]] bool keeps_name(std::string_view typed, const Desk& desk);

/// Where a file is to be put. From the second attempt on, its own name is numbered.
[[nodiscard]] std::filesystem::path path_to_save(std::string_view typed,
                                                 std::string_view name,
                                                 unsigned attempt,
                                                 const Desk& desk);

/// As it is shown: with ~ where it can be, and made harmless.
[[nodiscard]] std::string shown_path(const std::filesystem::path& path, const Desk& desk);

}  // namespace cercle::cli::chat
