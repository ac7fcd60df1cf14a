// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/bytes.h"

#include <catch2/catch_test_macros.hpp>

namespace cercle {

TEST_CASE("hexadecimal comes back as the bytes it was made from") {
    Bytes all;
    for (int byte = 0; byte < 256; ++byte)
        all.push_back(static_cast<std::uint8_t>(byte));
    const std::string text = to_hex(all);
    CHECK(text.size() == 512);
    CHECK(text.starts_with("000102"));
    CHECK(text.ends_with("fdfeff"));
    CHECK(from_hex(text) == all);
    CHECK(from_hex("DEADbeef") == Bytes{0xde, 0xad, 0xbe, 0xef});
    CHECK(from_hex("") == Bytes{});
}

TEST_CASE("what is not hexadecimal is refused") {
    for (const char* const text :
         {"0", "000", "0g", "g0", "0x", " 00", "00 ", "-1", "0/", "0:", "@0"}) {
        INFO(text);
        CHECK(!from_hex(text));
    }
    CHECK(!from_hex(std::string_view("0\0", 2)));
}

// RFC 4648 section 10.
TEST_CASE("base64 is the one that RFC 4648 prints") {
    CHECK(to_base64(view_of("")).empty());
    CHECK(to_base64(view_of("f")) == "Zg==");
    CHECK(to_base64(view_of("fo")) == "Zm8=");
    CHECK(to_base64(view_of("foo")) == "Zm9v");
    CHECK(to_base64(view_of("foob")) == "Zm9vYg==");
    CHECK(to_base64(view_of("fooba")) == "Zm9vYmE=");
    CHECK(to_base64(view_of("foobar")) == "Zm9vYmFy");
    CHECK(to_base64(Bytes{0xfb, 0xff, 0xfe}) == "+//+");
}

TEST_CASE("bytes are equal only in every byte and in length") {
    const Bytes tag = to_bytes("0123456789abcdef");
    CHECK(equal_in_constant_time(tag, to_bytes(tag)));
    CHECK(equal_in_constant_time({}, {}));
    for (std::size_t size = 0; size < tag.size(); ++size) {
        CHECK(!equal_in_constant_time(tag, BytesView(tag).first(size)));
        CHECK(!equal_in_constant_time(BytesView(tag).first(size), tag));
    }
    for (std::size_t bit = 0; bit < tag.size() * 8; ++bit) {
        Bytes other = tag;
        other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1U << (bit % 8)));
        CHECK(!equal_in_constant_time(tag, other));
    }
}

TEST_CASE("text becomes bytes and comes back") {
    const std::string text("caf\xc3\xa9\0!", 7);
    CHECK(to_text(to_bytes(text)) == text);
    CHECK(view_of(text).size() == 7);
    Bytes bytes = to_bytes("one");
    append(bytes, view_of("two"));
    append(bytes, {});
    CHECK(to_text(bytes) == "onetwo");
}

}  // namespace cercle
