// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Two hundred stories, and a passage crashed at some operations of every disk. They are told in
// parts, so that they can run beside each other. More of both: ./test --long simulation, and
// ./test --long crash.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "tests/simulation/laws.h"
#include "tests/simulation/passage.h"
#include "tests/simulation/story.h"
#include "tests/simulation/telling.h"

namespace {

using namespace cercle;
using namespace cercle::simulation;

constexpr std::uint64_t stories_in_a_part = 25;

std::string lines(const std::vector<std::string>& sentences) {
    std::string all;
    for (const std::string& sentence : sentences)
        all += "  " + sentence + "\n";
    return all;
}

void tell_part(std::uint64_t part, Story::Losses losses = Story::Losses::None) {
    for (std::uint64_t nth = 0; nth < stories_in_a_part; ++nth) {
        const std::uint64_t seed = part * stories_in_a_part + nth;
        const std::string kind = losses == Story::Losses::None ? "story " : "lost ";
        const std::string replay = kind + std::to_string(seed);
        say_before(replay);
        INFO("replay it: simulate " << replay);
        Story story(seed, 60, losses);
        story.tell();
        const auto broken = broken_laws(story.chronicle());
        INFO(lines(broken));
        CHECK(broken.empty());
    }
}

/// Every so many operations of one machine's disk, beginning with another one for each kind.
constexpr std::uint64_t stride = 40;

void crash_now_and_then(std::string_view machine) {
    std::uint64_t crashes = 0;
    for (const auto kind : {store::Trouble::Kind::PowerLoss, store::Trouble::Kind::Kill}) {
        const std::uint64_t first = kind == store::Trouble::Kind::PowerLoss ? 1 : stride / 2;
        for (std::uint64_t at = first;; at += stride) {
            const std::string replay = "crash " + std::string(machine) + " " + std::to_string(at);
            say_before(replay);
            INFO("replay it: simulate " << replay);
            Passage passage(machine, {kind, at});
            passage.play();
            if (!passage.had_its_trouble()) break;
            const auto broken = broken_laws(passage.chronicle());
            INFO(lines(broken));
            CHECK(broken.empty());
            ++crashes;
        }
    }
    CHECK(crashes >= 4);
}

}  // namespace

#define STORIES \
    "nothing is lost, doubled, reordered or read by who is out, whatever happens: stories "

TEST_CASE(STORIES "0 to 24") {
    tell_part(0);
}

TEST_CASE(STORIES "25 to 49") {
    tell_part(1);
}

TEST_CASE(STORIES "50 to 74") {
    tell_part(2);
}

TEST_CASE(STORIES "75 to 99") {
    tell_part(3);
}

TEST_CASE(STORIES "100 to 124") {
    tell_part(4);
}

TEST_CASE(STORIES "125 to 149") {
    tell_part(5);
}

TEST_CASE(STORIES "150 to 174") {
    tell_part(6);
}

TEST_CASE(STORIES "175 to 199") {
    tell_part(7);
}

TEST_CASE(
    "whatever happens while phones are lost, all learn of it and nobody writes to one: stories 0 "
    "to 24") {
    tell_part(0, Story::Losses::Some);
}

TEST_CASE("a relay that crashes at any operation of its disk costs nothing") {
    crash_now_and_then("relay");
}

TEST_CASE("an officer's machine that crashes at any operation of its disk costs nothing") {
    crash_now_and_then("officer");
}

TEST_CASE("a device that crashes at any operation of its disk costs nothing") {
    crash_now_and_then("alice");
    crash_now_and_then("bertrand");
}

TEST_CASE("a device that crashes at any operation while it joins, joins all the same") {
    crash_now_and_then("eve");
}

TEST_CASE("the same seed tells the same story twice") {
    const auto tell = [] {
        Story story(7);
        story.tell();
        CHECK(broken_laws(story.chronicle()).empty());
        return story.chronicle().events();
    };
    CHECK(tell() == tell());
}
