// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/settings.h"

#include <array>
#include <format>
#include <fstream>
#include <iterator>
#include <optional>
#include <variant>

#include <toml++/toml.hpp>

#include "net/address.h"

namespace cercle::relayd {
namespace {

using Text = std::string Settings::*;
using Count = std::uint64_t Settings::*;
using Switch = bool Settings::*;

enum class Kind : std::uint8_t { Plain, Listen, Loopback };

struct Key {
    std::string_view section;  // empty: of the file itself
    std::string_view name;
    std::string_view meaning;
    std::variant<Text, Count, Switch> place;
    Kind kind = Kind::Plain;
    std::uint64_t least = 0;
    std::uint64_t most = 0;
};

namespace bounds = relay::bounds;

constexpr std::array<Key, 19> keys{{
    {"", "data", "The data directory, mode 0700.", &Settings::data},
    {"", "listen", "ADDRESS:PORT at which devices connect.", &Settings::listen, Kind::Listen},
    {"",
     "metrics",
     "Loopback ADDRESS:PORT for OpenMetrics; empty: none.",
     &Settings::metrics,
     Kind::Loopback},
    {"",
     "certificate",
     "PEM file with a certificate for an Ed25519 key; with `key`. Empty: the relay's own.",
     &Settings::certificate},
    {"", "key", "PEM file with that private key, mode 0600.", &Settings::key},
    {"",
     "anchor",
     "A file on another volume, by which an earlier state of the data directory, with fewer "
     "guesses "
     "counted, is noticed. Empty: none.",
     &Settings::anchor},
    {"",
     "confine",
     "Whether the process gives up all system calls that it does not need.",
     &Settings::confine},
    {"limits",
     "connections",
     "Connections at a time.",
     &Settings::connections,
     Kind::Plain,
     1,
     19'000},
    {"limits",
     "handshakes",
     "Connections that are still greeting, at a time.",
     &Settings::handshakes,
     Kind::Plain,
     1,
     4'096},
    {"limits",
     "file_places",
     "Places of 64 KiB for files, of all devices together.",
     &Settings::file_places,
     Kind::Plain,
     0,
     bounds::places},
    {"limits",
     "file_places_per_device",
     "Of these, what one device may ask for in a day.",
     &Settings::file_places_per_device,
     Kind::Plain,
     0,
     bounds::places_per_device_and_day},
    {"limits",
     "waiting_mebibytes",
     "Memory for requests that wait for the disk.",
     &Settings::waiting_mebibytes,
     Kind::Plain,
     4,
     bounds::bytes_waiting >> 20U},
    {"limits",
     "requests_per_second",
     "Requests of one device; over it, it is heard later.",
     &Settings::requests_per_second,
     Kind::Plain,
     1,
     1'000'000},
    {"limits",
     "mebibytes_per_second",
     "What one device sends and is sent; likewise.",
     &Settings::mebibytes_per_second,
     Kind::Plain,
     1,
     10'000},
    {"limits",
     "memory_mebibytes",
     "Memory of the process above which newcomers are turned away; 0: no such ceiling.",
     &Settings::memory_mebibytes,
     Kind::Plain,
     0,
     1U << 20U},
    {"limits",
     "free_mebibytes",
     "Room on the disk below which what writes is refused, until there is more again.",
     &Settings::free_mebibytes,
     Kind::Plain,
     0,
     1U << 20U},
    {"retention",
     "file_days",
     "Days for which a file's chunks are kept.",
     &Settings::file_days,
     Kind::Plain,
     1,
     30},
    {"retention",
     "entry_days",
     "Days after which an entry goes, though a reader has not acknowledged it.",
     &Settings::entry_days,
     Kind::Plain,
     1,
     3'650},
    {"retention",
     "record_days",
     "Days after which a record goes; 0: never.",
     &Settings::record_days,
     Kind::Plain,
     0,
     36'500},
}};

std::string full_name(const Key& key) {
    return key.section.empty() ? std::string(key.name)
                               : std::format("{}.{}", key.section, key.name);
}

bool is_loopback(const std::string& host) {
    return host == "::1" || host.starts_with("127.");
}

/// What is wrong with a text, if anything.
std::string_view fault_of(const Key& key, const std::string& text) {
    for (const char one : text) {
        if (static_cast<unsigned char>(one) < 0x20 || one == 0x7f) {
            return "may not hold control characters";
        }
    }
    if (key.kind == Kind::Plain || (key.kind == Kind::Loopback && text.empty())) return "";
    const auto address = net::Address::parse(text);
    if (!address.has_value()) return "wants ADDRESS:PORT, for example \"127.0.0.1:7443\"";
    if (key.kind == Kind::Loopback && !is_loopback(address->host)) {
        return "must be a loopback address, 127.0.0.1 or [::1]: whoever reaches it reads it";
    }
    return "";
}

/// Takes one value; what is wrong with it, if anything.
std::string take(const Key& key, const toml::node& node, Settings& settings) {
    if (const Text* const text = std::get_if<Text>(&key.place)) {
        const auto value = node.value_exact<std::string>();
        if (!value) return "wants a text in quotation marks";
        const std::string_view fault = fault_of(key, *value);
        settings.*(*text) = *value;
        return std::string(fault);
    }
    if (const Switch* const choice = std::get_if<Switch>(&key.place)) {
        const auto value = node.value_exact<bool>();
        if (!value) return "wants true or false";
        settings.*(*choice) = *value;
        return "";
    }
    const auto value = node.value_exact<std::int64_t>();
    const bool fits = value && *value >= 0 && static_cast<std::uint64_t>(*value) >= key.least &&
                      static_cast<std::uint64_t>(*value) <= key.most;
    if (!fits) return std::format("wants a whole number from {} to {}", key.least, key.most);
    settings.*std::get<Count>(key.place) = static_cast<std::uint64_t>(*value);
    return "";
}

std::unexpected<Misunderstood> misunderstood(std::string_view file, auto line, std::string what) {
    return std::unexpected(Misunderstood{std::format("{}, line {}: {}", file, line, what)});
}

/// Of one table; a section is a table of the file's own.
std::expected<void, Misunderstood> take_table(const toml::table& table,
                                              std::string_view section,
                                              std::string_view file,
                                              Settings& settings) {
    for (const auto& [name, node] : table) {
        const auto line = node.source().begin.line;
        bool known = false;
        bool is_section = false;
        for (const Key& key : keys) {
            is_section = is_section ||
                         (section.empty() && !key.section.empty() && key.section == name.str());
            if (key.section != section || key.name != name.str()) continue;
            known = true;
            const std::string fault = take(key, node, settings);
            if (!fault.empty()) {
                return misunderstood(file, line, std::format("`{}` {}", full_name(key), fault));
            }
        }
        if (known) continue;
        const toml::table* const inner = is_section ? node.as_table() : nullptr;
        if (inner == nullptr) {
            const std::string what = section.empty() ? std::string(name.str())
                                                     : std::format("{}.{}", section, name.str());
            return misunderstood(
                file,
                line,
                std::format("`{}` is no setting; `cercle-relay config` prints all there are",
                            what));
        }
        const auto taken = take_table(*inner, name.str(), file, settings);
        if (!taken.has_value()) return taken;
    }
    return {};
}

std::string in_quotes(std::string_view text) {
    std::string line = "\"";
    for (const char one : text) {
        if (one == '"' || one == '\\') line += '\\';
        line += one;
    }
    return line + '"';
}

}  // namespace

ReadSettings parse_settings(std::string_view toml, std::string_view name) {
    toml::table table;
    // The door turns what the library throws into a sentence.
    try {
        table = toml::parse(toml);
    } catch (const toml::parse_error& error) {
        return misunderstood(
            name, error.source().begin.line, std::format("not TOML: {}", error.description()));
    }
    Settings settings;
    const auto taken = take_table(table, "", name, settings);
    if (!taken.has_value()) return std::unexpected(taken.error());
    if (settings.certificate.empty() != settings.key.empty()) {
        return std::unexpected(Misunderstood{
            std::format("{}: `certificate` and `key` are given together, or not at all", name)});
    }
    return settings;
}

ReadSettings read_settings(const std::string& path) {
    if (path.empty()) return Settings{};
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (!file.is_open() || file.bad()) {
        return std::unexpected(Misunderstood{std::format("{}: the file cannot be read", path)});
    }
    return parse_settings(text, path);
}

std::string text_of(const Settings& settings) {
    std::string text;
    std::string_view section;
    for (const Key& key : keys) {
        if (key.section != section) text += std::format("\n[{}]\n", key.section);
        section = key.section;
        text += std::format("# {}", key.meaning);
        if (std::holds_alternative<Count>(key.place)) {
            text += std::format(" From {} to {}.", key.least, key.most);
        }
        text += std::format("\n{} = ", key.name);
        if (const Text* const value = std::get_if<Text>(&key.place)) {
            text += in_quotes(settings.*(*value));
        } else if (const Switch* const choice = std::get_if<Switch>(&key.place)) {
            text += settings.*(*choice) ? "true" : "false";
        } else {
            text += std::format("{}", settings.*std::get<Count>(key.place));
        }
        text += '\n';
    }
    return text;
}

}  // namespace cercle::relayd
