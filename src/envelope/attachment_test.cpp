// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/attachment.h"

#include <set>

#include <catch2/catch_test_macros.hpp>

#include "base/utf8.h"
#include "codec/cbor.h"
#include "envelope/content.h"
#include "envelope/padding.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::envelope;
namespace cbor = codec::cbor;

Secret a_key(std::uint8_t filling = 3) {
    Secret key(file_key_size);
    for (std::uint8_t& byte : key.expose())
        byte = filling;
    return key;
}

protocol::BlobId a_blob(std::uint8_t filling = 9) {
    protocol::BlobId blob;
    blob.bytes.fill(filling);
    return blob;
}

Attachment sample() {
    Attachment attachment;
    attachment.blob = a_blob();
    attachment.key = a_key();
    attachment.size = 5'000'001;
    attachment.sha256.fill(0xab);
    attachment.name = "Compte rendu \u00e9t\u00e9.pdf";
    attachment.type = "application/pdf";
    attachment.expires = 1'900'000'000;
    return attachment;
}

Content with_file(std::string_view text) {
    Content content;
    content.id.bytes.fill(5);
    content.counter = {42};
    content.type = std::string(text_type);
    content.body = to_bytes(text);
    content.attachment = sample();
    return content;
}

void expect_sample(const Content& content) {
    REQUIRE(content.attachment.has_value());
    const Attachment& got = *content.attachment;
    const Attachment wanted = sample();
    CHECK(got.blob == wanted.blob);
    CHECK(got.key == wanted.key);
    CHECK(got.size == wanted.size);
    CHECK(got.sha256 == wanted.sha256);
    CHECK(got.name == wanted.name);
    CHECK(got.type == wanted.type);
    CHECK(got.expires == wanted.expires);
}

/// The parts of a message, as somebody else may write them.
Content read_parts(cbor::Value nested) {
    const cbor::Map extensions{{{std::string("cercle-counter")}, {std::int64_t{1}}}};
    const cbor::Array mimi{{Bytes(16, 1)},
                           {cbor::Null{}},
                           {Bytes{}},
                           {cbor::Null{}},
                           {cbor::Null{}},
                           {extensions},
                           std::move(nested)};
    Bytes bytes{content_version};
    append(bytes, cbor::encode({mimi}));
    auto content = decode_content(bytes);
    REQUIRE(content.has_value());
    return *std::move(content);
}

cbor::Array text_part(std::string_view text) {
    return {{std::int64_t{1}},
            {std::string()},
            {std::int64_t{1}},
            {std::string(text_type)},
            {to_bytes(text)}};
}

/// A file, with one field replaced.
cbor::Array file_part(std::size_t at = 99, cbor::Value other = {cbor::Null{}}) {
    cbor::Array part{{std::int64_t{6}},
                     {std::string()},
                     {std::int64_t{2}},
                     {std::string("application/pdf")},
                     {cbor::Tagged{32, {{std::string("cercle-blob:") + a_blob().hex()}}}},
                     {std::int64_t{0}},
                     {std::int64_t{17}},
                     {std::int64_t{0xf001}},
                     {Bytes(32, 3)},
                     {Bytes{}},
                     {Bytes{}},
                     {std::int64_t{1}},
                     {Bytes(32, 4)},
                     {std::string()},
                     {std::string("name")}};
    if (at < part.size()) part[at] = std::move(other);
    return part;
}

cbor::Array several(std::int64_t semantics, cbor::Array parts) {
    return {{std::int64_t{1}}, {std::string()}, {std::int64_t{3}}, {semantics}, {std::move(parts)}};
}

bool degrades(const Content& content) {
    return !content.attachment && readable(content).starts_with("[");
}

}  // namespace

TEST_CASE("a chunk opens to what was closed, filled up with zeros") {
    const ChunkCipher cipher(a_key(), a_blob(), 3);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, chunk_room}) {
        const Bytes plain(size, 7);
        const Bytes closed = cipher.close({1}, plain);
        CHECK(closed.size() == protocol::chunk_size);
        const auto opened = cipher.open({1}, closed);
        REQUIRE(opened.has_value());
        Bytes expected = plain;
        expected.resize(chunk_room, 0);
        CHECK(*opened == expected);
    }
}

TEST_CASE("no chunk passes for another one, of the same file or of another") {
    const ChunkCipher cipher(a_key(), a_blob(), 3);
    const Bytes closed = cipher.close({1}, to_bytes("one"));
    for (const std::uint32_t number : {0U, 2U, 3U, 257U, 0xffffffffU}) {
        CHECK(cipher.open({number}, closed).error().code == Code::forged);
    }
    CHECK_FALSE(ChunkCipher(a_key(4), a_blob(), 3).open({1}, closed).has_value());
    CHECK_FALSE(ChunkCipher(a_key(), a_blob(8), 3).open({1}, closed).has_value());
}

TEST_CASE("a file that was cut off at a chunk's end does not pass for a whole one") {
    const ChunkCipher whole(a_key(), a_blob(), 3);
    const ChunkCipher cut(a_key(), a_blob(), 2);
    CHECK_FALSE(cut.open({1}, whole.close({1}, to_bytes("x"))).has_value());
    CHECK_FALSE(whole.open({1}, cut.close({1}, to_bytes("x"))).has_value());
    CHECK(cut.open({0}, whole.close({0}, to_bytes("x"))).has_value());
}

TEST_CASE("a chunk that was cut, lengthened or flipped anywhere does not open") {
    const ChunkCipher cipher(a_key(), a_blob(), 1);
    const Bytes closed = cipher.close({0}, to_bytes("content"));
    for (std::size_t size = 0; size < closed.size(); size += 511) {
        CHECK_FALSE(cipher.open({0}, BytesView(closed).first(size)).has_value());
    }
    Bytes longer = closed;
    longer.push_back(0);
    CHECK_FALSE(cipher.open({0}, longer).has_value());
    for (std::size_t at = 0; at < closed.size(); at += 257) {
        Bytes flipped = closed;
        flipped[at] ^= 1;
        CHECK_FALSE(cipher.open({0}, flipped).has_value());
    }
    for (std::size_t at = closed.size() - 16; at < closed.size(); ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes flipped = closed;
            flipped[at] ^= static_cast<std::uint8_t>(1U << bit);
            CHECK_FALSE(cipher.open({0}, flipped).has_value());
        }
    }
}

TEST_CASE("the token by which chunks are fetched says nothing of the key, and is the file's own") {
    const Secret token = get_token_of(a_key());
    CHECK(token.size() == 32);
    CHECK_FALSE(token == a_key());
    CHECK(token == get_token_of(a_key()));
    CHECK_FALSE(token == get_token_of(a_key(4)));
}

TEST_CASE("a file has as many chunks as it needs, and at most an eighth more") {
    CHECK(chunks_of(0) == 1);
    CHECK(chunks_of(1) == 1);
    CHECK(chunks_of(chunk_room) == 1);
    CHECK(chunks_of(chunk_room + 1) == 2);
    CHECK(chunks_of(std::uint64_t{5} << 20U) == 80);
    CHECK(chunks_of(largest_file) == protocol::most_chunks);
    std::set<std::uint32_t> sizes;
    for (std::uint64_t needed = 1; needed <= protocol::most_chunks; ++needed) {
        const std::uint32_t chunks = chunks_of(needed * chunk_room);
        CHECK(chunks >= needed);
        CHECK(chunks <= needed + needed / 8);
        CHECK(chunks <= protocol::most_chunks);
        sizes.insert(chunks);
    }
    CHECK(sizes.size() < 100);
}

TEST_CASE("padding a number keeps its highest bits and never makes it smaller") {
    for (const auto& [count, padded] : std::initializer_list<std::pair<int, int>>{{0, 0},
                                                                                  {1, 1},
                                                                                  {2, 2},
                                                                                  {7, 7},
                                                                                  {8, 8},
                                                                                  {9, 10},
                                                                                  {17, 18},
                                                                                  {33, 36},
                                                                                  {100, 104},
                                                                                  {1000, 1024},
                                                                                  {1025, 1088}}) {
        CHECK(padme(static_cast<std::uint64_t>(count)) == static_cast<std::uint64_t>(padded));
    }
}

TEST_CASE("a file comes back as it was written into a message, with a text and without") {
    for (const char* text : {"", "voici le compte rendu"}) {
        const auto content = decode_content(encode_content(with_file(text)));
        REQUIRE(content.has_value());
        CHECK(content->id == with_file("").id);
        CHECK(content->counter.value == 42);
        CHECK(readable(*content) == text);
        expect_sample(*content);
    }
}

TEST_CASE("a file in a message cut off anywhere is refused, and flipped makes nobody stumble") {
    const Bytes bytes = encode_content(with_file("text"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        CHECK_FALSE(decode_content(BytesView(bytes).first(size)).has_value());
    }
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        Bytes flipped = bytes;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto content = decode_content(flipped);
        if (!content.has_value() || !content->attachment) continue;
        CHECK(content->attachment->size <= largest_file);
        CHECK(content->attachment->key.size() == file_key_size);
    }
}

TEST_CASE("a file of a kind, place or size that this version does not know is shown as a line") {
    CHECK(read_parts({file_part()}).attachment.has_value());
    const std::string url = "cercle-blob:" + a_blob().hex();
    const auto link = [](std::string text) { return cbor::Value{cbor::Tagged{32, {{text}}}}; };
    CHECK(degrades(read_parts({file_part(4, link("https://relay.example/file"))})));
    CHECK(degrades(read_parts({file_part(4, link(url + "00"))})));
    CHECK(degrades(read_parts({file_part(4, link("cercle-blob:../../etc/passwd"))})));
    CHECK(degrades(read_parts({file_part(4, {url})})));
    CHECK(degrades(read_parts({file_part(4, {cbor::Tagged{33, {{url}}}})})));
    CHECK(degrades(read_parts({file_part(5, {std::int64_t{0x100000000}})})));
    CHECK(degrades(read_parts({file_part(6, {static_cast<std::int64_t>(largest_file) + 1})})));
    CHECK(degrades(read_parts({file_part(6, {std::int64_t{-1}})})));
    CHECK(degrades(read_parts({file_part(7, {std::int64_t{2}})})));
    CHECK(degrades(read_parts({file_part(8, {Bytes(31, 3)})})));
    CHECK(degrades(read_parts({file_part(11, {std::int64_t{2}})})));
    CHECK(degrades(read_parts({file_part(12, {Bytes(20, 3)})})));
    CHECK(degrades(read_parts({file_part(14, {Bytes(3, 3)})})));
    cbor::Array longer = file_part();
    longer.push_back({cbor::Null{}});
    CHECK(degrades(read_parts({longer})));
}

TEST_CASE("of several parts those that are known are shown, and a line says that there are more") {
    const auto both = read_parts({several(2, {{file_part()}, {text_part("text")}})});
    CHECK(both.attachment.has_value());
    CHECK(readable(both) == "text");
    const auto three = read_parts(
        {several(2, {{text_part("text")}, {file_part()}, {file_part(7, {std::int64_t{9}})}})});
    CHECK(three.attachment.has_value());
    CHECK(readable(three).starts_with("text\n["));
    const auto two_files = read_parts({several(2, {{file_part()}, {file_part()}})});
    CHECK(two_files.attachment.has_value());
    CHECK(readable(two_files).starts_with("["));
    const auto nested = read_parts(
        {several(2, {{text_part("text")}, {several(2, {{text_part("a")}, {file_part()}})}})});
    CHECK_FALSE(nested.attachment.has_value());
    CHECK(readable(nested).starts_with("text\n["));
    CHECK(degrades(read_parts({several(0, {{text_part("a")}, {text_part("b")}})})));
    CHECK(degrades(read_parts({several(2, {})})));
}

TEST_CASE("a file's name is for people: no path, no tricks, never nothing") {
    CHECK(harmless_file_name("Compte rendu.pdf") == "Compte rendu.pdf");
    CHECK(harmless_file_name("../../etc/passwd") == "..\ufffd..\ufffdetc\ufffdpasswd");
    CHECK(harmless_file_name("a\u202efdp.exe") == "a\ufffdfdp.exe");
    CHECK(harmless_file_name("a\nb") == "a\ufffdb");
    for (const char* nothing : {"", ".", ".."})
        CHECK(harmless_file_name(nothing) == "file");
    CHECK(harmless_file_name(std::string(5000, 'x')).size() == 200);
    for (const char* name : {"/", "a/b", "\xff", ".."}) {
        const std::string once = harmless_file_name(name);
        CHECK(is_utf8(once));
        CHECK(harmless_file_name(once) == once);
    }
}

TEST_CASE("a file's kind is known by the end of its name, or is just bytes") {
    CHECK(media_type_of("a.PDF") == "application/pdf");
    CHECK(media_type_of("photo.tar.jpeg") == "image/jpeg");
    for (const char* plain : {"", "a", "a.", "a.unknown", "pdf"}) {
        CHECK(media_type_of(plain) == "application/octet-stream");
    }
}
