// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/tls.h"

#include <catch2/catch_test_macros.hpp>

#include "tests/fuzz/everything.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::codec {
namespace {

using namespace everything;  // NOLINT(google-build-using-namespace): the structs of this test

Everything example() {
    Everything value;
    value.small = 0x01;
    value.medium = 0x0203;
    value.large = 0x04050607;
    value.huge = 0x08090a0b0c0d0e0f;
    value.colour = Colour::Blue;
    value.epoch = {7};
    value.member.bytes.fill(0xee);
    value.three = {1, 2, 3};
    value.bytes = {4, 5};
    value.text = "caf\u00e9";
    value.list = {{1, 2}, {3, 4}};
    value.numbers = {500, 600};
    value.nested = {{}, {1}, Bytes(100, 9)};
    value.maybe = Even{8};
    value.choice = Small{9, 10};
    return value;
}

template <class T>
Code refusal(const Result<T>& result) {
    REQUIRE(!result.has_value());
    return result.error().code;
}

template <class T>
Code refusal_of(std::string_view hex) {
    return refusal(decode<T>(*from_hex(hex)));
}

}  // namespace

TEST_CASE("every kind of field is written as the format says and read back") {
    const Everything value = example();
    const Bytes encoded = encode(value);
    CHECK(to_hex(encoded) ==
          "01"
          "0203"
          "04050607"
          "08090a0b0c0d0e0f"
          "02"
          "0000000000000007"
          "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
          "010203"
          "020405"
          "05636166c3a9"
          "0a01000000020300000004"
          "0401f40258"
          "4069"
          "00"
          "0101"
          "4064" +
              to_hex(Bytes(100, 9)) +
              "010008"
              "01090000000a");
    const auto decoded = decode<Everything>(encoded);
    REQUIRE(decoded.has_value());
    CHECK(*decoded == value);
    CHECK(encoded_size(value) == encoded.size());
    CHECK(to_bytes(encode_secret(value).reveal()) == encoded);
}

TEST_CASE("what is cut off at any length, or has a byte too much, is refused") {
    const Bytes encoded = encode(example());
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        CHECK(refusal(decode<Everything>(BytesView(encoded).first(size))) == Code::malformed);
    }
    Bytes longer = encoded;
    longer.push_back(0);
    CHECK(refusal(decode<Everything>(longer)) == Code::trailing_bytes);
}

TEST_CASE("whatever decodes, encodes to the same bytes") {
    vectors::SeededRandom random(1);
    const Bytes original = encode(example());
    int accepted = 0;
    for (int round = 0; round < 100000; ++round) {
        Bytes mutated = original;
        for (std::size_t count = 1 + random.below(3); count > 0; --count) {
            switch (random.below(4)) {
                case 0:
                    mutated[random.below(mutated.size())] =
                        static_cast<std::uint8_t>(random.below(256));
                    break;
                case 1:
                    mutated[random.below(mutated.size())] ^=
                        static_cast<std::uint8_t>(1U << random.below(8));
                    break;
                case 2:
                    mutated.erase(mutated.begin() +
                                  static_cast<std::ptrdiff_t>(random.below(mutated.size())));
                    break;
                default:
                    mutated.insert(
                        mutated.begin() + static_cast<std::ptrdiff_t>(random.below(mutated.size())),
                        static_cast<std::uint8_t>(random.below(256)));
            }
        }
        const auto decoded = decode<Everything>(mutated);
        if (!decoded) continue;
        ++accepted;
        if (encode(*decoded) != mutated) FAIL_CHECK("round " << round << ": " << to_hex(mutated));
    }
    CHECK(accepted > 1000);
}

TEST_CASE("lengths take the fewest bytes, at each boundary") {
    const auto prefix = [](std::size_t length) {
        Writer writer;
        writer.length(length);
        const Bytes written = std::move(writer).take();
        Reader reader(written);
        CHECK(reader.length().value() == length);
        CHECK(reader.at_end());
        return to_hex(written);
    };
    CHECK(prefix(0) == "00");
    CHECK(prefix(0x3f) == "3f");
    CHECK(prefix(0x40) == "4040");
    CHECK(prefix(0x3fff) == "7fff");
    CHECK(prefix(0x4000) == "80004000");
    CHECK(prefix(0x3fffffff) == "bfffffff");
}

TEST_CASE("a length in a longer form than needed, or of eight bytes, is refused") {
    const auto refused = [](std::string_view hex) {
        const Bytes bytes = *from_hex(hex);
        return refusal(Reader(bytes).length());
    };
    CHECK(refused("4000") == Code::not_canonical);
    CHECK(refused("403f") == Code::not_canonical);
    CHECK(refused("80000000") == Code::not_canonical);
    CHECK(refused("8000003f") == Code::not_canonical);
    CHECK(refused("80003fff") == Code::not_canonical);
    CHECK(refused("c000000000000001") == Code::malformed);
    CHECK(refused("ff") == Code::malformed);
    CHECK(refused("40") == Code::malformed);
    CHECK(refused("800040") == Code::malformed);
    CHECK(refused("") == Code::malformed);
}

TEST_CASE("a vector that claims more than there is allocates nothing and is refused") {
    CHECK(refusal_of<Bytes>("bfffffff00") == Code::malformed);
    CHECK(refusal_of<std::vector<Bytes>>("bfffffff00") == Code::malformed);
    CHECK(refusal_of<std::vector<Bytes>>("0501bfffffff") == Code::malformed);
}

TEST_CASE("an item may not reach over the end of its vector") {
    // Two bytes of vector, but the uint16 list inside would need four.
    CHECK(refusal_of<std::vector<std::uint32_t>>("020000") == Code::malformed);
    CHECK(refusal_of<std::vector<std::uint16_t>>("03000102") == Code::malformed);
}

TEST_CASE("items of no bytes are refused, since one length could stand for endless many") {
    struct Nothing {
        static Result<Nothing> decode_from(Reader& /*reader*/) { return Nothing{}; }
    };

    CHECK(refusal_of<std::vector<Nothing>>("0100") == Code::malformed);
    CHECK(decode<std::vector<Nothing>>(*from_hex("00")).has_value());
}

TEST_CASE("an optional is 0 or 1, and a choice one that is known") {
    CHECK(decode<std::optional<std::uint8_t>>(*from_hex("00")).value() ==
          std::optional<std::uint8_t>{});
    CHECK(decode<std::optional<std::uint8_t>>(*from_hex("0105")).value() ==
          std::optional<std::uint8_t>{5});
    CHECK(refusal_of<std::optional<std::uint8_t>>("0205") == Code::malformed);
    CHECK(refusal_of<std::optional<std::uint8_t>>("ff05") == Code::malformed);
    CHECK(refusal_of<std::optional<std::uint8_t>>("01") == Code::malformed);
    using Choice = std::variant<std::uint8_t, Bytes>;
    CHECK(decode<Choice>(*from_hex("0007")).value() == Choice{std::uint8_t{7}});
    CHECK(refusal_of<Choice>("0200") == Code::malformed);
    CHECK(refusal_of<Choice>("ff00") == Code::malformed);
}

TEST_CASE("a text is UTF-8") {
    CHECK(decode<std::string>(*from_hex("02c3a9")).value() == "\u00e9");
    CHECK(refusal_of<std::string>("02c328") == Code::invalid_text);
}

TEST_CASE("a struct that checks itself is refused when its check says so") {
    CHECK(decode<Even>(*from_hex("0004")).value() == Even{4});
    CHECK(refusal_of<Even>("0005") == Code::invalid_argument);
}

TEST_CASE("a secret travels as bytes do and arrives in locked memory") {
    const Secret secret = Secret::copy_of(view_of("epoch secret"));
    const Secret encoded = encode_secret(secret);
    CHECK(to_hex(encoded.reveal()) == "0c65706f636820736563726574");
    const auto decoded = decode<Secret>(encoded.reveal());
    REQUIRE(decoded.has_value());
    CHECK(*decoded == secret);
    const auto empty = decode<Secret>(*from_hex("00"));
    REQUIRE(empty.has_value());
    CHECK(empty->empty());
}

}  // namespace cercle::codec
