// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/websocket_reader.h"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace cercle;
using namespace cercle::net;

using Kind = WebSocketReader::Kind;

constexpr std::uint8_t last = 0x80;
constexpr std::size_t largest = 70'000;

/// As a client sends it, in the fewest bytes.
Bytes frame(std::uint8_t first, BytesView body) {
    Bytes bytes = websocket_head(first & 0xfU, body.size());
    bytes[0] = first;
    bytes[1] |= 0x80U;
    const Bytes mask{0x11, 0xfe, 0x00, 0x7a};
    bytes.insert(bytes.end(), mask.begin(), mask.end());
    for (std::size_t at = 0; at < body.size(); ++at)
        bytes.push_back(body[at] ^ mask[at % 4]);
    return bytes;
}

Bytes frame(std::uint8_t first, std::string_view body) {
    return frame(first, to_bytes(body));
}

Bytes joined(const std::vector<Bytes>& parts) {
    Bytes all;
    for (const Bytes& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

struct Said {
    std::vector<WebSocketReader::Heard> heard;
    std::optional<Code> refused;
};

Said read(BytesView bytes, std::size_t step, std::size_t bound = largest) {
    WebSocketReader reader(bound);
    Said said;
    while (!bytes.empty()) {
        BytesView piece = bytes.first(std::min(step, bytes.size()));
        bytes = bytes.subspan(piece.size());
        while (true) {
            auto heard = reader.take(piece);
            if (!heard.has_value()) {
                said.refused = heard.error().code;
                return said;
            }
            if (!*heard) break;
            said.heard.push_back(*std::move(*heard));
        }
        CHECK(piece.empty());
    }
    return said;
}

std::optional<Code> refusal_of(const Bytes& bytes) {
    const auto whole = read(bytes, bytes.size()).refused;
    CHECK(read(bytes, 1).refused == whole);
    return whole;
}

}  // namespace

TEST_CASE("what a WebSocket carries beside its messages is counted, however it is cut") {
    const Bytes ping = frame(last | 9, "ping");
    const Bytes pong = frame(last | 10, "");
    const Bytes first = frame(2, "o");
    const Bytes part = frame(0, "");
    const Bytes rest = frame(last | 0, "ne");
    const Bytes all = joined({ping, frame(last | 2, "one"), first, part, pong, part, rest});
    const std::size_t idle =
        ping.size() + pong.size() + 2 * part.size() + first.size() - 1 + rest.size() - 2;
    for (const std::size_t step : {all.size(), std::size_t{1}}) {
        WebSocketReader reader(largest);
        BytesView bytes = all;
        while (!bytes.empty()) {
            BytesView piece = bytes.first(std::min(step, bytes.size()));
            bytes = bytes.subspan(piece.size());
            while (reader.take(piece).value()) {
            }
        }
        CHECK(reader.take_idle() == idle);
        CHECK(reader.take_idle() == 0);
    }
}

TEST_CASE("a WebSocket's messages are the same, however their bytes arrive") {
    const Bytes all = joined({frame(last | 2, "one"),
                              frame(2, "tw"),
                              frame(last | 9, "ping"),
                              frame(0, ""),
                              frame(last | 0, "o"),
                              frame(last | 2, Bytes(125, 'a')),
                              frame(last | 2, Bytes(126, 'b')),
                              frame(last | 2, Bytes(65'536, 'c')),
                              frame(last | 10, ""),
                              frame(last | 8, "\x03\xe8")});
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{4096}, all.size()}) {
        const Said said = read(all, step);
        CHECK_FALSE(said.refused);
        REQUIRE(said.heard.size() == 8);
        CHECK(said.heard[0].body == to_bytes("one"));
        CHECK(said.heard[1].kind == Kind::Ping);
        CHECK(said.heard[1].body == to_bytes("ping"));
        CHECK(said.heard[2].kind == Kind::Message);
        CHECK(said.heard[2].body == to_bytes("two"));
        CHECK(said.heard[3].body == Bytes(125, 'a'));
        CHECK(said.heard[4].body == Bytes(126, 'b'));
        CHECK(said.heard[5].body == Bytes(65'536, 'c'));
        CHECK(said.heard[6].kind == Kind::Pong);
        CHECK(said.heard[7].kind == Kind::Close);
    }
}

TEST_CASE("a WebSocket's message over the bound is told from its head") {
    const Bytes large = frame(last | 2, Bytes(101, 'x'));
    CHECK(read(BytesView(large).first(6), 1, 100).refused == Code::too_large);
    CHECK_FALSE(read(large, 1, 101).refused);
    const Bytes parts = joined({frame(2, Bytes(60, 'x')), frame(last | 0, Bytes(41, 'x'))});
    CHECK(read(parts, 1, 100).refused == Code::too_large);
    CHECK(read(parts, 1, 101).heard.size() == 1);
    const Bytes claimed{last | 2, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0};
    CHECK(refusal_of(claimed) == Code::too_large);
}

TEST_CASE("what RFC 6455 forbids a client ends its WebSocket") {
    const Bytes unmasked{last | 2, 0x01, 'a'};
    CHECK(refusal_of(unmasked) == Code::malformed);
    // A reserved bit, and kinds of frames that are not known.
    for (const std::uint8_t first : Bytes{0x92, 0xa2, 0xc2, 0x83, 0x87, 0x8b, 0x8f})
        CHECK(refusal_of(frame(first, "a")) == Code::malformed);
    CHECK(refusal_of(frame(last | 1, "a text")) == Code::unsupported);
    CHECK(refusal_of(frame(last | 0, "of nothing")) == Code::malformed);
    CHECK(refusal_of(joined({frame(2, "a"), frame(last | 2, "b")})) == Code::malformed);
    CHECK(refusal_of(frame(9, "in parts")) == Code::malformed);
    CHECK(refusal_of(frame(last | 8, Bytes(126, 'x'))) == Code::malformed);
    const Bytes two_for_125{last | 2, 0xfe, 0x00, 125, 0, 0, 0, 0};
    CHECK(refusal_of(two_for_125) == Code::malformed);
    const Bytes eight_for_65535{last | 2, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
    CHECK(refusal_of(eight_for_65535) == Code::malformed);
}
