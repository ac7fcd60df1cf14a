// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/content.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/cbor.h"
#include "envelope/padding.h"

namespace {

using namespace cercle;
using namespace cercle::envelope;

Content sample(std::string_view text) {
    Content content;
    content.id.bytes.fill(5);
    content.counter = {42};
    content.type = std::string(text_type);
    content.body = to_bytes(text);
    return content;
}

}  // namespace

TEST_CASE("content comes back as it was written, in every script") {
    for (const std::string_view text : {"Réunion à l’Élysée à 9 h", "اجتماع غدا", "👍🏽 🇫🇷", ""}) {
        const auto content = decode_content(encode_content(sample(text)));
        REQUIRE(content.has_value());
        CHECK(content->id == sample(text).id);
        CHECK(content->counter.value == 42);
        CHECK(readable(*content) == text);
    }
}

TEST_CASE(
    "content cut off at any length is refused, and with a bit flipped says no more than it holds") {
    const Bytes bytes = encode_content(sample("a text"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(decode_content(BytesView(bytes).first(size)).has_value());
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes flipped = bytes;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto content = decode_content(flipped);
        if (content.has_value()) CHECK(content->body.size() <= bytes.size());
    }
}

TEST_CASE("content of another version is told apart from damaged content") {
    Bytes bytes = encode_content(sample("a text"));
    bytes[0] = content_version + 1;
    CHECK(decode_content(bytes).error().code == Code::unsupported);
}

TEST_CASE("a kind of part that this version does not know degrades to a readable line") {
    namespace cbor = codec::cbor;
    const cbor::Array part{
        {std::int64_t{1}}, {std::string()}, {std::int64_t{3}}, {std::int64_t{2}}};
    const cbor::Map extensions{{{std::string("cercle-counter")}, {std::int64_t{1}}}};
    const cbor::Array mimi{{Bytes(16, 1)},
                           {cbor::Null{}},
                           {Bytes{}},
                           {cbor::Null{}},
                           {cbor::Null{}},
                           {extensions},
                           {part}};
    Bytes bytes{content_version};
    append(bytes, cbor::encode({mimi}));
    const auto content = decode_content(bytes);
    REQUIRE(content.has_value());
    CHECK(readable(*content).starts_with("["));
}

TEST_CASE("what a content answers to comes back with it") {
    Content content = sample("oui");
    CHECK_FALSE(decode_content(encode_content(content))->answers.has_value());
    content.answers = reference_of(sample("?"), encode_content(sample("?")), "alice", "room");
    const auto read = decode_content(encode_content(content));
    REQUIRE(read.has_value());
    CHECK(read->answers == content.answers);
}

TEST_CASE(
    "an answer to something of a shape that this version does not know is read all the same") {
    namespace cbor = codec::cbor;
    for (const cbor::Value& answers : {cbor::Value{Bytes(31, 1)},
                                       cbor::Value{std::string("words")},
                                       cbor::Value{cbor::Array{{Bytes(32, 1)}}}}) {
        const cbor::Array part{{std::int64_t{1}},
                               {std::string()},
                               {std::int64_t{1}},
                               {std::string(text_type)},
                               {to_bytes("oui")}};
        const cbor::Map extensions{{{std::string("cercle-counter")}, {std::int64_t{1}}}};
        const cbor::Array mimi{{Bytes(16, 1)},
                               {cbor::Null{}},
                               {Bytes{}},
                               {cbor::Null{}},
                               answers,
                               {extensions},
                               {part}};
        Bytes bytes{content_version};
        append(bytes, cbor::encode({mimi}));
        const auto content = decode_content(bytes);
        REQUIRE(content.has_value());
        CHECK_FALSE(content->answers.has_value());
        CHECK(readable(*content) == "oui");
    }
}

TEST_CASE("a reference depends on the words, the id, the author and the conversation") {
    const auto reference = [](const Content& content, const char* author, const char* where) {
        return reference_of(content, encode_content(content), author, where);
    };
    const Reference one = reference(sample("oui"), "alice", "room");
    CHECK(one == reference(sample("oui"), "alice", "room"));
    CHECK(one.bytes[0] == 1);  // SHA-256, by its number in MIMI's registry
    CHECK(one != reference(sample("non"), "alice", "room"));
    CHECK(one != reference(sample("oui"), "bertrand", "room"));
    CHECK(one != reference(sample("oui"), "alice", "elsewhere"));
    Content other = sample("oui");
    other.id.bytes.fill(6);
    CHECK(one != reference(other, "alice", "room"));
}

TEST_CASE("a text that is not UTF-8 is never shown as one") {
    Content content = sample("");
    content.body = {0xff, 0xfe};
    CHECK(readable(content) == "[a text that is damaged]");
}

TEST_CASE("short and long words have one size on the wire") {
    CHECK(size_class(1) == size_class(256));
    CHECK(size_class(257) == 1024);
    CHECK(size_class(65536) == 65536);
    CHECK(size_class(65537) == 131072);
}

TEST_CASE("the circle as its author has it comes back with a content") {
    Content content = sample("oui");
    CHECK_FALSE(decode_content(encode_content(content))->circle.has_value());
    content.circle.emplace();
    content.circle->size = 400;
    content.circle->root.fill(7);
    const auto read = decode_content(encode_content(content));
    REQUIRE(read.has_value());
    CHECK(read->circle == content.circle);
    CHECK(read->counter == content.counter);
}
