// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Settings: what an operator decides, in one TOML file of which every key has a default (decision
// 27). settings.cpp holds the one table of all keys: what is not in it is refused, with its line.

#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "relay/terms.h"

namespace cercle::relayd {

struct Settings {
    std::string data = "/var/lib/cercle-relay";
    std::string listen = "127.0.0.1:7443";
    std::string metrics{};      // empty: none
    std::string certificate{};  // both empty: the relay's own key
    std::string key{};
    std::string anchor{};  // empty: none
    bool confine = true;
    std::uint64_t connections = 19'000;
    std::uint64_t handshakes = 256;
    std::uint64_t file_places = relay::bounds::places;
    std::uint64_t file_places_per_device = relay::bounds::places_per_device_and_day;
    std::uint64_t waiting_mebibytes = relay::bounds::bytes_waiting >> 20U;
    std::uint64_t requests_per_second = relay::bounds::requests_per_second;
    std::uint64_t mebibytes_per_second = relay::bounds::bytes_per_second >> 20U;
    std::uint64_t memory_mebibytes = 0;  // 0: no ceiling
    std::uint64_t free_mebibytes = 64;
    std::uint64_t file_days = 30;
    std::uint64_t entry_days = 90;
    std::uint64_t record_days = 0;  // 0: for ever

    /// As data_directory.h wants it.
    [[nodiscard]] std::optional<std::filesystem::path> anchor_path() const {
        if (anchor.empty()) return std::nullopt;
        return anchor;
    }

    friend bool operator==(const Settings&, const Settings&) = default;
};

/// A sentence for the operator, with the line that is meant. About his own file, so it may name
/// what he wrote.
struct Misunderstood {
    std::string sentence;
};

using ReadSettings = std::expected<Settings, Misunderstood>;

/// `name` is the file's, for the sentence.
[[nodiscard]] ReadSettings parse_settings(std::string_view toml, std::string_view name);

/// An empty path gives the defaults.
[[nodiscard]] ReadSettings read_settings(const std::string& path);

/// All keys with their values and what they mean; parse_settings() reads the same from it.
[[nodiscard]] std::string text_of(const Settings& settings);

}  // namespace cercle::relayd
