// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// PostFrame: the frame of a Post, encoded once; for each sending its number, its entry's id and the
// payload's beginning are new. So the client's own cost stays small, and the same for all peers.

#include <algorithm>
#include <array>

#include "base/check.h"
#include "bench/relay/town.h"
#include "codec/tls.h"

namespace cercle::bench {

class PostFrame {
  public:
    explicit PostFrame(protocol::Post post) {
        constexpr std::uint8_t marked = 0xa5;
        post.entries.at(0).id.bytes.fill(marked);
        fill_randomly(post.entries.at(0).payload);
        const std::size_t payload = post.entries.at(0).payload.size();
        bytes_ = codec::encode(protocol::Request{{0}, std::move(post)});
        const Bytes id(protocol::EntryId::size, marked);
        const auto found = std::ranges::search(bytes_, id);
        CHECK(!found.empty(), "the frame lost its entry's id");
        id_ = static_cast<std::size_t>(found.begin() - bytes_.begin());
        payload_ = bytes_.size() - payload;
    }

    /// Lives until the next one.
    [[nodiscard]] BytesView next() {
        ++number_;
        constexpr unsigned byte = 8;
        for (std::size_t at = 0; at < sizeof(number_); ++at) {
            bytes_.at(at) =
                static_cast<std::uint8_t>(number_ >> (byte * (sizeof(number_) - 1 - at)));
        }
        fill_randomly(std::span(bytes_).subspan(id_, protocol::EntryId::size));
        fill_randomly(std::span(bytes_).subspan(payload_, protocol::EntryId::size));
        return bytes_;
    }

    /// The same for another log than the one it was made for.
    [[nodiscard]] BytesView next_to(const protocol::LogId& log, BytesView token) {
        // Request: number, kind; Post: log, epoch, the token's length, the token.
        constexpr std::size_t log_at = sizeof(std::uint32_t) + 1;
        constexpr std::size_t token_at =
            log_at + protocol::LogId::size + sizeof(protocol::Epoch) + 1;
        std::ranges::copy(log.bytes, bytes_.begin() + log_at);
        std::ranges::copy(token, bytes_.begin() + token_at);
        return next();
    }

    [[nodiscard]] std::size_t size() const { return bytes_.size(); }

  private:
    Bytes bytes_;
    std::size_t id_ = 0;
    std::size_t payload_ = 0;
    std::uint32_t number_ = 0;
};

}  // namespace cercle::bench
