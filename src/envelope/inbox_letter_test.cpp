// SPDX-License-Identifier: AGPL-3.0-or-later
#include "envelope/inbox_letter.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace cercle::envelope;

WelcomeLetter sample() {
    WelcomeLetter letter;
    letter.seq = {7};
    letter.welcome = to_bytes("a welcome");
    return letter;
}

}  // namespace

TEST_CASE("an inbox letter opens under its key and under no other") {
    crypto::SystemRandom random;
    Secret key(32);
    random.fill(key.expose());
    const Bytes closed = close_letter(key, sample(), random);
    const auto opened = open_letter(key, closed);
    REQUIRE(opened.has_value());
    CHECK(opened->seq.value == 7);
    CHECK(to_text(opened->welcome) == "a welcome");
    CHECK_FALSE(open_letter(Secret(32), closed).has_value());
}

TEST_CASE("an inbox letter with any bit flipped or any byte cut off is forged") {
    crypto::SystemRandom random;
    const Secret key(32);
    const Bytes closed = close_letter(key, sample(), random);
    for (std::size_t size = 0; size < closed.size(); ++size) {
        CHECK(open_letter(key, BytesView(closed).first(size)).error().code == Code::forged);
    }
    for (std::size_t bit = 0; bit < closed.size() * 8; ++bit) {
        Bytes flipped = closed;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK(open_letter(key, flipped).error().code == Code::forged);
    }
}

TEST_CASE("a key package is not taken for a letter, nor the reverse") {
    crypto::SystemRandom random;
    const Secret key(32);
    CHECK_FALSE(open_letter(key, close_package(key, to_bytes("package"), random)).has_value());
    CHECK_FALSE(open_package(key, close_letter(key, sample(), random)).has_value());
}

TEST_CASE("what waits is closed anew for another key, and by its old one alone") {
    crypto::SystemRandom random;
    const Secret before(32);
    Secret now(32);
    random.fill(now.expose());
    const Bytes letter = close_letter(before, sample(), random);
    const auto anew = close_anew(before, now, letter, random);
    REQUIRE(anew.has_value());
    CHECK(open_letter(now, *anew)->welcome == sample().welcome);
    CHECK_FALSE(open_letter(before, *anew).has_value());
    const Bytes word = close_word(before, Word::Report, to_bytes("counts"), random);
    CHECK(to_text(*open_word(now, Word::Report, *close_anew(before, now, word, random))) ==
          "counts");
    CHECK(close_anew(now, before, letter, random).error().code == Code::forged);
}

TEST_CASE("letters of different lengths have one size on the relay") {
    crypto::SystemRandom random;
    const Secret key(32);
    WelcomeLetter longer = sample();
    longer.welcome.resize(100);
    CHECK(close_letter(key, sample(), random).size() == close_letter(key, longer, random).size());
}
