// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/backup_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <format>
#include <optional>

#include "relay/log_sqlite.h"

namespace cercle::relay {
namespace {

/// In the order in which they are listed. Nothing else is ever in a backup, so that a list names
/// no place outside of it.
constexpr std::array<std::string_view, 3> known_files{"relay.db", "relay.key", "incarnation"};

std::unexpected<Error> malformed() {
    return fail(Code::malformed, "the list of the backup is damaged");
}

template <class Integer>
std::optional<Integer> number_of(std::string_view text) {
    Integer value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    // One way to write a number.
    if (!whole || std::format("{}", value) != text) return std::nullopt;
    return value;
}

/// Takes the first line off `text`, if it is `word`, a space and something.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view word) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view line = text.substr(0, end);
    if (!line.starts_with(word) || line.size() <= word.size() || line[word.size()] != ' ') {
        return std::nullopt;
    }
    text.remove_prefix(end + 1);
    line.remove_prefix(word.size() + 1);
    return line;
}

std::string_view take_word(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

std::optional<crypto::Digest> digest_of(std::string_view text) {
    const auto bytes = from_hex(text);
    crypto::Digest digest{};
    if (!bytes || bytes->size() != digest.size() || to_hex(*bytes) != text) return std::nullopt;
    std::ranges::copy(*bytes, digest.begin());
    return digest;
}

}  // namespace

std::string BackupList::text() const {
    std::string text = std::format("cercle-relay-backup {}\nstore {}\nincarnation {}\n",
                                   backup_version,
                                   store,
                                   incarnation.hex());
    for (const File& file : files) {
        text += std::format(
            "file {} {} {}\n", file.name, file.content.size, to_hex(file.content.digest));
    }
    return text;
}

Result<BackupList> BackupList::parse(std::string_view text) {
    const auto version = take_line(text, "cercle-relay-backup");
    if (!version) return fail(Code::malformed, "this is no list of a backup");
    if (number_of<std::uint32_t>(*version) != backup_version) {
        return fail(Code::unsupported, "the backup was made by a later version of Cercle");
    }
    BackupList list;
    const auto store_line = take_line(text, "store");
    const auto store = store_line ? number_of<std::uint32_t>(*store_line) : std::nullopt;
    if (!store || *store == 0) return malformed();
    if (*store > store_version) {
        return fail(Code::unsupported, "the backup holds a store of a later version of Cercle");
    }
    list.store = *store;
    const auto incarnation_line = take_line(text, "incarnation");
    const auto incarnation =
        incarnation_line ? protocol::Incarnation::from_hex(*incarnation_line) : std::nullopt;
    if (!incarnation || incarnation->hex() != *incarnation_line) return malformed();
    list.incarnation = *incarnation;
    auto next = known_files.begin();
    while (!text.empty()) {
        auto line = take_line(text, "file");
        if (!line) return malformed();
        const std::string_view name = take_word(*line);
        const auto found = std::find(next, known_files.end(), name);
        if (found == known_files.end()) return malformed();
        next = found + 1;
        const auto size = number_of<std::uint64_t>(take_word(*line));
        const auto digest = digest_of(*line);
        if (!size || !digest) return malformed();
        list.files.push_back({std::string(name), {*size, *digest}});
    }
    // Without these two there is nothing to restore.
    if (list.files.size() < 2 || list.files[0].name != known_files[0] ||
        list.files[1].name != known_files[1]) {
        return malformed();
    }
    return list;
}

}  // namespace cercle::relay
