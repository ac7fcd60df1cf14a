// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The story that the journeys of files begin with: two who write to each other, a file, and how
// often each chunk of it was asked for.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "tests/town/desktop.h"
#include "tests/town/town.h"

namespace cercle::town {

inline constexpr std::size_t mebibyte = std::size_t{1} << 20U;
inline constexpr auto message = "00112233445566778899aabbccddeeff";

/// Bytes that no two chunks of share, the same each time.
inline std::string content_of(std::size_t size) {
    std::string content(size, 0);
    std::uint32_t state = 2463534242U;
    for (char& byte : content) {
        state ^= state << 13U;
        state ^= state >> 17U;
        state ^= state << 5U;
        byte = static_cast<char>(state & 0xffU);
    }
    return content;
}

/// What passes between the devices and their relay's code: seen, and changed if a test wants to.
class Passage {
  public:
    explicit Passage(Operator& by) {
        by.on_frame_to_relay([this](Session session, Bytes frame) {
            if (auto request = codec::decode<protocol::Request>(frame); request) {
                if (on_request) on_request(request->body);
                asked_.insert_or_assign({session, request->number.value}, std::move(request->body));
            }
            return std::vector<Bytes>{std::move(frame)};
        });
        by.rewrite([this](Session session, protocol::FromRelay& said) {
            auto* response = std::get_if<protocol::Response>(&said);
            if (response == nullptr) return;
            const auto asked = asked_.find({session, response->number.value});
            if (asked == asked_.end()) return;
            if (on_answer) on_answer(asked->second, response->body);
            asked_.erase(asked);
        });
    }

    std::function<void(const protocol::RequestBody&)> on_request{};
    std::function<void(const protocol::RequestBody&, protocol::ResponseBody&)> on_answer{};

  private:
    std::map<std::pair<Session, std::uint32_t>, protocol::RequestBody> asked_;
};

inline relay::Counts relay_counts(Town& town) {
    relay::Counts counts;
    REQUIRE(town.store()
                .look([&counts](relay::LogTables& tables) -> Result<void> {
                    TRY(counts, tables.counts());
                    return {};
                })
                .has_value());
    return counts;
}

/// Alice and Bertrand, a file, and how often each chunk of it was put and asked for.
struct Story {
    explicit Story(std::size_t size = mebibyte)
        : content(content_of(size)) {
        write_file(source(), content);
        passage.on_request = [this](const protocol::RequestBody& request) {
            if (const auto* put = std::get_if<protocol::PutChunk>(&request)) {
                ++puts[put->number.value];
            }
            if (const auto* get = std::get_if<protocol::GetChunk>(&request)) {
                ++gets[get->number.value];
            }
        };
        REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    }

    [[nodiscard]] std::filesystem::path source() const { return desktop / "Rapport.pdf"; }

    [[nodiscard]] std::filesystem::path target() const { return desktop / "received"; }

    [[nodiscard]] std::filesystem::path part() const { return desktop / "received.part"; }

    Played send(std::uint32_t timeout = 60, const std::string& text = "voici") {
        return town->play(
            "alice", client::Send{"bertrand", text, message, path_bytes(source())}, timeout);
    }

    Played fetch(std::uint32_t timeout = 60) {
        return town->play("bertrand", client::Fetch{message, path_bytes(target())}, timeout);
    }

    std::shared_ptr<Errand> begin_fetch() {
        return town->begin("bertrand", client::Fetch{message, path_bytes(target())}, 600);
    }

    /// Lets time pass until the relay has that part of the chunks, and not all.
    void pass_until_sent(std::uint64_t parts) {
        const std::uint64_t all = content.size() / (64 * 1024);
        while (relay_counts(*town).chunks < all / parts)
            town->pass(Duration{1});
        REQUIRE(relay_counts(*town).chunks < all);
    }

    void pass_until_half_received() {
        while (!std::filesystem::exists(part()) ||
               std::filesystem::file_size(part()) < content.size() / 2) {
            town->pass(Duration{1});
        }
        REQUIRE(std::filesystem::file_size(part()) < content.size());
    }

    [[nodiscard]] client::AttachmentShown shown() {
        const auto read = town->play("bertrand", client::Read{"alice", 0, 0, client::Follow::No});
        for (const auto& event : read.events) {
            const auto* one = std::get_if<client::Message>(&event);
            if (one != nullptr && one->attachment) return *one->attachment;
        }
        return {};
    }

    Desktop desktop{};
    std::unique_ptr<Town> town = Town::with({"alice", "bertrand"});
    Passage passage{town->its_operator()};
    std::string content;
    std::map<std::uint32_t, int> puts{};
    std::map<std::uint32_t, int> gets{};
};

inline bool all_once(const std::map<std::uint32_t, int>& counts) {
    return std::ranges::all_of(counts, [](const auto& one) { return one.second == 1; });
}

}  // namespace cercle::town
