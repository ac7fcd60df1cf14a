// SPDX-License-Identifier: AGPL-3.0-or-later
#include "protocol/frames.h"

#include <catch2/catch_test_macros.hpp>

#include "base/slab.h"
#include "codec/tls.h"
#include "protocol/chain.h"

namespace {

using namespace cercle;
using namespace cercle::protocol;

Bytes sample_post() {
    Post post;
    post.log.bytes.fill(7);
    post.epoch = {3};
    post.token = Secret(32);
    post.entries.push_back({EntryId{}, to_bytes("payload")});
    return codec::encode(Request{{9}, std::move(post)});
}

}  // namespace

TEST_CASE("a frame decodes to what was encoded, and encodes to what was decoded") {
    const Bytes bytes = sample_post();
    const auto request = codec::decode<Request>(bytes);
    REQUIRE(request.has_value());
    const auto* post = std::get_if<Post>(&request->body);
    REQUIRE(post != nullptr);
    CHECK(request->number.value == 9);
    CHECK(post->epoch.value == 3);
    CHECK(to_text(post->entries.at(0).payload) == "payload");
    CHECK(codec::encode(*request) == bytes);
}

TEST_CASE("a frame cut off at any length is refused") {
    const Bytes bytes = sample_post();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(codec::decode<Request>(BytesView(bytes).first(size)).has_value());
    }
}

TEST_CASE("a frame with bytes behind its end is refused") {
    Bytes bytes = sample_post();
    bytes.push_back(0);
    const auto request = codec::decode<Request>(bytes);
    REQUIRE_FALSE(request.has_value());
    CHECK(request.error().code == Code::trailing_bytes);
}

TEST_CASE("a request of a kind that this version does not know is refused") {
    Bytes bytes = sample_post();
    bytes[4] = 200;
    CHECK_FALSE(codec::decode<Request>(bytes).has_value());
}

TEST_CASE("every refusal that travels comes back as the code it was made of") {
    for (const Code code : {Code::refused,
                            Code::stale,
                            Code::id_reused,
                            Code::log_full,
                            Code::too_large,
                            Code::too_many,
                            Code::relay_claimed,
                            Code::no_key_package}) {
        CHECK(to_code(to_refusal(code)) == code);
    }
    CHECK(to_refusal(Code::forged) == Refusal::Refused);
}

TEST_CASE("a relay that is closing, or whose disk fails, reads as one that cannot be reached") {
    // As closing it would end the device's own work, and nothing would connect again. As a fault
    // of the disk it would pass for one of the device's own disk.
    for (const Code code : {Code::closing, Code::disk_fault, Code::disk_full}) {
        CHECK(to_code(to_refusal(code)) == Code::unreachable_peer);
    }
}

TEST_CASE("which chunks of a blob are there is one bit for each, and none behind the end") {
    Blob blob;
    CHECK_FALSE(is_filled(blob, {0}));
    for (const std::uint32_t number : {0U, 7U, 8U, 17U})
        set_filled(blob, {number});
    CHECK(blob.filled == Bytes{0x81, 0x80, 0x40});
    for (std::uint32_t number = 0; number < 40; ++number) {
        const bool set = number == 0 || number == 7 || number == 8 || number == 17;
        CHECK(is_filled(blob, {number}) == set);
    }
    CHECK_FALSE(is_filled(blob, {0xffffffff}));
}

TEST_CASE("a token of another size is refused before it takes any locked memory") {
    for (const std::size_t size : {0U, 31U, 33U, 64U, 4096U}) {
        GetStep request;
        request.token = Secret(size);
        Bytes bytes = codec::encode(Request{{1}, std::move(request)});
        const std::size_t before = slab::in_use();
        CHECK_FALSE(codec::decode<Request>(bytes).has_value());
        CHECK(slab::in_use() == before);
    }
}
