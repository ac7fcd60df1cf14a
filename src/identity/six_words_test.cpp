// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/six_words.h"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

#include "tests/stage/meeting.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using stage::Meeting;

/// Whether one is the other with a letter more, less or else.
bool sounds_near(std::string_view one, std::string_view other) {
    if (one.size() > other.size()) std::swap(one, other);
    if (other.size() - one.size() > 1) return false;
    const auto [at, beside] = std::ranges::mismatch(one, other);
    const auto same = static_cast<std::size_t>(at - one.begin());
    const std::size_t skipped = one.size() == other.size() ? 1 : 0;
    return one.substr(std::min(one.size(), same + skipped)) ==
           other.substr(std::min(other.size(), same + 1));
}

}  // namespace

TEST_CASE("no word of the list is another one with a letter more, less or else") {
    const auto& list = word_list();
    CHECK(std::ranges::is_sorted(list));
    for (std::size_t at = 0; at < list.size(); ++at) {
        CHECK(list[at].size() >= 3);
        CHECK(list[at].size() <= 8);
        CHECK(plain_words(list[at]) == list[at]);
        for (std::size_t other = at + 1; other < list.size(); ++other) {
            if (sounds_near(list[at], list[other])) FAIL_CHECK(list[at] << " " << list[other]);
        }
    }
}

TEST_CASE("six words take the first 66 bits of a hash, 11 each") {
    const auto& list = word_list();
    const auto repeated = [](std::string_view word) {
        std::string six(word);
        for (int more = 0; more < 5; ++more)
            six += " " + std::string(word);
        return six;
    };
    CHECK(six_words(Bytes(9, 0)) == repeated(list.front()));
    CHECK(six_words(Bytes(32, 0xff)) == repeated(list.back()));
    // 00000000001 00000000010 ... : the words with the numbers 1, 2, 4, 8, 16 and 32.
    const Bytes bits{0x00, 0x20, 0x08, 0x02, 0x00, 0x80, 0x20, 0x08, 0x00};
    std::string expected;
    for (const std::size_t number : {1U, 2U, 4U, 8U, 16U, 32U})
        expected += (expected.empty() ? "" : " ") + std::string(list.at(number));
    CHECK(six_words(bits) == expected);
    // The bits behind them change nothing.
    Bytes longer = bits;
    longer.back() = 0x3f;
    longer.push_back(0xff);
    CHECK(six_words(longer) == expected);
}

TEST_CASE("words are the same however they were typed") {
    for (const std::string_view typed : {"apple beaver cedar",
                                         "  Apple-BEAVER, cedar.\n",
                                         "apple\tbeaver\r\ncedar",
                                         "1. apple 2. beaver 3. cedar"}) {
        CHECK(plain_words(typed) == "apple beaver cedar");
    }
    CHECK(plain_words("").empty());
    CHECK(plain_words(" -\n").empty());
    CHECK(plain_words("applebeaver cedar") != "apple beaver cedar");
}

TEST_CASE("both ends of an enrolment see the same six words, and others in every other one") {
    std::set<std::string> seen;
    Meeting meeting;
    for (int round = 0; round < 20; ++round) {
        const Bytes step0 = meeting.newcomer.step0(meeting.random);
        const Bytes step1 = must(meeting.officer.step1(step0, meeting.authority, meeting.random));
        const Bytes step2 = must(
            meeting.newcomer.step2(step0, step1, meeting.circle(), meeting.key, meeting.random));
        const auto officers = meeting.officer.words(step0, step1, step2);
        REQUIRE(officers.has_value());
        CHECK(*officers == meeting.newcomer.words(step0, step1));
        CHECK(std::ranges::count(*officers, ' ') == 5);
        seen.insert(*officers);
    }
    CHECK(seen.size() == 20);
}

TEST_CASE("attack: a request written anew, to try for other words, has the same ones") {
    Meeting meeting;
    const auto words = must(meeting.officer.words(meeting.step0, meeting.step1, meeting.step2));
    for (int round = 0; round < 10; ++round) {
        const Bytes again = must(meeting.newcomer.step2(
            meeting.step0, meeting.step1, meeting.circle(), meeting.key, meeting.random));
        REQUIRE(again != meeting.step2);
        CHECK(must(meeting.officer.words(meeting.step0, meeting.step1, again)) == words);
    }
}

TEST_CASE(
    "attack: who holds the invitation and answers for the officer shows no newcomer any words") {
    Meeting meeting;
    // His own authority signs what the real one would have.
    const auto mallory = must(Authority::found(Meeting::now, meeting.random));
    const Bytes forged = must(meeting.officer.step1(meeting.step0, mallory, meeting.random));
    const auto step2 = meeting.newcomer.step2(
        meeting.step0, forged, meeting.circle(), meeting.key, meeting.random);
    REQUIRE_FALSE(step2.has_value());
    CHECK(step2.error().code == Code::certificate_untrusted);
    // And the real answer to another newcomer's first step is none to this one's.
    vectors::SeededRandom others(99);
    const auto impostor =
        Newcomer::begin(EnrolmentKeys::derive(meeting.invitation, ""), meeting.request(), others);
    const Bytes instead =
        must(meeting.officer.step1(impostor.step0(others), meeting.authority, meeting.random));
    const auto crossed = meeting.newcomer.step2(
        meeting.step0, instead, meeting.circle(), meeting.key, meeting.random);
    REQUIRE_FALSE(crossed.has_value());
    CHECK(crossed.error().code == Code::forged);
}
