// SPDX-License-Identifier: AGPL-3.0-or-later
#include "codec/cbor.h"

#include <limits>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/scripted_random.h"

namespace cercle::codec::cbor {
namespace {

Value number(std::int64_t value) {
    return {value};
}

Value text(std::string value) {
    return {std::move(value)};
}

Value nested_arrays(std::size_t depth) {
    Value value = number(1);
    for (std::size_t level = 0; level < depth; ++level) {
        Array around;
        around.push_back(std::move(value));
        value = {std::move(around)};
    }
    return value;
}

Value example() {
    Map map;
    map.emplace_back(number(1), text("caf\u00e9"));
    map.emplace_back(number(-1), Value{Bytes{1, 2, 3}});
    map.emplace_back(text("list"),
                     Value{Array{number(0), number(-500), Value{true}, Value{Null{}}}});
    map.emplace_back(text("tag"), Value{Tagged{.tag = 65536, .content = {text("inside")}}});
    map.emplace_back(text("none"), Value{Map{}});
    return {std::move(map)};
}

Code refusal(std::string_view hex) {
    const auto decoded = decode(*from_hex(hex));
    REQUIRE(!decoded.has_value());
    return decoded.error().code;
}

void check_both_ways(const Value& value, std::string_view hex) {
    INFO(hex);
    CHECK(to_hex(encode(value)) == hex);
    CHECK(decode(*from_hex(hex)).value() == value);
}

}  // namespace

// RFC 8949, appendix A.
TEST_CASE("values are written as RFC 8949 prints them and read back") {
    check_both_ways(number(0), "00");
    check_both_ways(number(23), "17");
    check_both_ways(number(24), "1818");
    check_both_ways(number(1000000), "1a000f4240");
    check_both_ways(number(1000000000000), "1b000000e8d4a51000");
    check_both_ways(number(-1), "20");
    check_both_ways(number(-1000), "3903e7");
    check_both_ways({false}, "f4");
    check_both_ways({true}, "f5");
    check_both_ways({Null{}}, "f6");
    check_both_ways({Bytes{}}, "40");
    check_both_ways({Bytes{1, 2, 3, 4}}, "4401020304");
    check_both_ways(text(""), "60");
    check_both_ways(text("IETF"), "6449455446");
    check_both_ways(text("\u6c34"), "63e6b0b4");
    check_both_ways({Array{}}, "80");
    check_both_ways({Array{number(1), number(2), number(3)}}, "83010203");
    check_both_ways({Map{}}, "a0");
    check_both_ways({Map{{number(1), number(2)}, {number(3), number(4)}}}, "a201020304");
    check_both_ways({Tagged{.tag = 1, .content = {number(1363896240)}}}, "c11a514b67b0");
}

TEST_CASE("integers are those of 64 bits with a sign, and larger ones are refused") {
    check_both_ways(number(std::numeric_limits<std::int64_t>::max()), "1b7fffffffffffffff");
    check_both_ways(number(std::numeric_limits<std::int64_t>::min()), "3b7fffffffffffffff");
    CHECK(refusal("1b8000000000000000") == Code::unsupported);
    CHECK(refusal("3b8000000000000000") == Code::unsupported);
    CHECK(refusal("1bffffffffffffffff") == Code::unsupported);
}

TEST_CASE("a longer form than needed is refused, wherever it stands") {
    for (const char* const hex : {"1800",
                                  "1817",
                                  "190018",
                                  "1900ff",
                                  "1a0000ffff",
                                  "1b00000000ffffffff",
                                  "3800",
                                  "3817",
                                  "5800",
                                  "580101",
                                  "7800",
                                  "9800",
                                  "980101",
                                  "b800",
                                  "d80100",
                                  "a1180000",
                                  "a2001800180001",
                                  "8118ff1800"}) {
        INFO(hex);
        const Code code = refusal(hex);
        CHECK((code == Code::not_canonical || code == Code::trailing_bytes));
    }
    CHECK(refusal("1800") == Code::not_canonical);
    CHECK(refusal("a1180000") == Code::not_canonical);
    CHECK(refusal("d8010a") == Code::not_canonical);
}

TEST_CASE("map keys stand in order, once each, and are integers, texts or bytes") {
    CHECK(refusal("a203040102") == Code::not_canonical);
    CHECK(refusal("a201020103") == Code::not_canonical);
    CHECK(refusal("a2000018000000") == Code::not_canonical);  // 0, and 0 in two bytes
    CHECK(refusal("a1f600") == Code::unsupported);
    CHECK(refusal("a18000") == Code::unsupported);
    CHECK(refusal("a1a000") == Code::unsupported);
    // Written in any order, they come out sorted: 10, 100, -1, h'', "z", "aa".
    const Value unsorted{Map{{text("aa"), number(0)},
                             {number(100), number(0)},
                             {text("z"), number(0)},
                             {number(-1), number(0)},
                             {Value{Bytes{}}, number(0)},
                             {number(10), number(0)}}};
    CHECK(to_hex(encode(unsorted)) ==
          "a60a001864002000400061"
          "7a00626161"
          "00");
}

TEST_CASE("floats, undefined, other simple values and indefinite lengths are refused") {
    for (const char* const hex : {"f97e00",
                                  "f90000",
                                  "fa47c35000",
                                  "fb3ff199999999999a",
                                  "f7",
                                  "e0",
                                  "f0",
                                  "f8ff",
                                  "f820"}) {
        INFO(hex);
        CHECK(refusal(hex) == Code::unsupported);
    }
    for (const char* const hex : {"5f42010243030405ff",
                                  "7f657374726561646d696e67ff",
                                  "9fff",
                                  "9f01ff",
                                  "bfff",
                                  "bf0102ff",
                                  "829fff00"}) {
        INFO(hex);
        CHECK(refusal(hex) == Code::not_canonical);
    }
}

TEST_CASE("what is no CBOR at all is malformed") {
    for (const char* const hex : {"",
                                  "ff",
                                  "1c",
                                  "1d",
                                  "1e",
                                  "1f",
                                  "3c",
                                  "5c",
                                  "7c",
                                  "9c",
                                  "bc",
                                  "dc",
                                  "fc",
                                  "81",
                                  "8201",
                                  "a1",
                                  "a101",
                                  "c1",
                                  "18",
                                  "19ff",
                                  "1a00",
                                  "4401",
                                  "6261",
                                  "81ff",
                                  "a101ff",
                                  "5bffffffffffffffff",
                                  "7bffffffffffffffff00",
                                  "5affffffff00"}) {
        INFO(hex);
        CHECK(refusal(hex) == Code::malformed);
    }
    CHECK(refusal("0000") == Code::trailing_bytes);
    CHECK(refusal("8000") == Code::trailing_bytes);
}

TEST_CASE("a container that claims more than there can be is refused without allocating it") {
    for (const char* const hex :
         {"9affffffff", "9bffffffffffffffff", "baffffffff", "bbffffffffffffffff", "9a7fffffff00"}) {
        INFO(hex);
        const Code code = refusal(hex);
        CHECK((code == Code::malformed || code == Code::too_large));
    }
}

TEST_CASE("a CBOR text is UTF-8") {
    CHECK(refusal("62c328") == Code::invalid_text);
    CHECK(refusal("a162c32800") == Code::invalid_text);
}

TEST_CASE("depth and count are bounded") {
    CHECK(decode(encode(nested_arrays(deepest))).has_value());
    CHECK(refusal(std::string("81818181818181818181818181") + "01") == Code::too_large);
    CHECK(refusal(std::string("c1c1c1c1c1c1c1c1c1c1c1c1c1") + "01") == Code::too_large);
    Bytes bomb(1 << 20, 0x81);
    CHECK(decode(bomb).error().code == Code::too_large);
    const Value full{Array(most_items - 1, number(0))};
    CHECK(decode(encode(full)).has_value());
    const Value over{Array(most_items, number(0))};
    CHECK(decode(encode(over)).error().code == Code::too_large);
}

TEST_CASE("CBOR that is cut off at any length is refused") {
    const Bytes encoded = encode(example());
    REQUIRE(decode(encoded).has_value());
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        const auto decoded = decode(BytesView(encoded).first(size));
        REQUIRE(!decoded.has_value());
        CHECK(decoded.error().code == Code::malformed);
    }
}

TEST_CASE("whatever decodes from CBOR, encodes to the same bytes") {
    vectors::SeededRandom random(1);
    const Bytes original = encode(example());
    int accepted = 0;
    for (int round = 0; round < 100000; ++round) {
        Bytes mutated = original;
        for (std::size_t count = 1 + random.below(3); count > 0; --count) {
            const auto place = static_cast<std::ptrdiff_t>(random.below(mutated.size()));
            const auto byte = static_cast<std::uint8_t>(random.below(256));
            switch (random.below(3)) {
                case 0:
                    mutated[static_cast<std::size_t>(place)] = byte;
                    break;
                case 1:
                    mutated.erase(mutated.begin() + place);
                    break;
                default:
                    mutated.insert(mutated.begin() + place, byte);
            }
        }
        const auto decoded = decode(mutated);
        if (!decoded) continue;
        ++accepted;
        if (encode(*decoded) != mutated) FAIL_CHECK("round " << round << ": " << to_hex(mutated));
    }
    CHECK(accepted > 1000);
}

}  // namespace cercle::codec::cbor
