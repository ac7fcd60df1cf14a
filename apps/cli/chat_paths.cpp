// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat_paths.h"

#include "apps/cli/glyphs.h"

namespace cercle::cli::chat {
namespace {

std::string_view trimmed(std::string_view text) {
    const auto is_blank = [](char letter) { return letter == ' ' || letter == '\t'; };
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    // A blank behind a backslash belongs to the name.
    while (!text.empty() && is_blank(text.back()) &&
           !text.substr(0, text.size() - 1).ends_with('\\'))
        text.remove_suffix(1);
    return text;
}

std::string without_quotes(std::string_view text) {
    for (const char quote : {'\'', '"'}) {
        if (text.size() >= 2 && text.starts_with(quote) && text.ends_with(quote)) {
            return std::string(text.substr(1, text.size() - 2));
        }
    }
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '\\' && at + 1 < text.size()) ++at;
        plain += text[at];
    }
    return plain;
}

/// The file's own name, as a name of this machine: not hidden, since nobody would see it.
std::string own_name(std::string_view name, unsigned attempt) {
    std::string own(name);
    if (own.starts_with('.')) own.insert(0, "file");
    if (attempt < 2) return own;
    const std::size_t dot = own.rfind('.');
    const bool has_kind = dot != std::string::npos && dot > 0;
    return own.insert(has_kind ? dot : own.size(), " (" + std::to_string(attempt) + ")");
}

}  // namespace

std::filesystem::path typed_path(std::string_view typed, const Desk& desk) {
    const std::string plain = without_quotes(trimmed(typed));
    if (plain.empty()) return {};
    const bool from_home = !desk.home.empty() && (plain == "~" || plain.starts_with("~/"));
    const auto path = from_home ? desk.home / plain.substr(plain == "~" ? 1 : 2)
                                : desk.here / plain;  // which an absolute one replaces
    return path.lexically_normal();
}

bool keeps_name(std::string_view typed, const Desk& desk) {
    const auto path = typed_path(typed, desk);
    return path.empty() || desk.is_directory(path);
}

std::filesystem::path path_to_save(std::string_view typed,
                                   std::string_view name,
                                   unsigned attempt,
                                   const Desk& desk) {
    const auto path = typed_path(typed, desk);
    if (!keeps_name(typed, desk)) return path;
    return (path.empty() ? desk.here : path) / own_name(name, attempt);
}

std::string shown_path(const std::filesystem::path& path, const Desk& desk) {
    const auto within = path.lexically_relative(desk.home);
    const bool at_home = !desk.home.empty() && !within.empty() && *within.begin() != "..";
    return on_one_line(at_home ? "~/" + within.native() : path.native());
}

}  // namespace cercle::cli::chat
