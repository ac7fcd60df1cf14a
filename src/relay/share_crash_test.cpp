// SPDX-License-Identifier: AGPL-3.0-or-later

// The relay ends at every single write and sync of every change to unlock shares, on the disk or at
// the anchor. No guess is free then, and nothing is frozen by mistake.

#include <catch2/catch_test_macros.hpp>

#include "tests/stage/locked.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::GuessOutcome;
using store::Ending;
using store::SimulatedDisk;
using store::Trouble;
using Standing = UnlockShares::Standing;

struct Play {
    Safe safe;
    Locked phone{};
    bool crashed = false;

    explicit Play(Safe::With anchor = Safe::With::Anchor)
        : safe(anchor) {}

    /// One machine: both disks go down together.
    void plan(SimulatedDisk& disk, Trouble trouble) {
        const Ending ending =
            trouble.kind == Trouble::Kind::Kill ? Ending::Killed : Ending::PowerLost;
        SimulatedDisk& other = &disk == &safe.disk ? safe.anchor_disk : safe.disk;
        disk.set_on_crash([this, &other, ending] {
            crashed = true;
            other.crash(ending);
        });
        disk.plan(trouble);
    }

    void start_again() {
        safe.shares.reset();
        safe.disk.forget_plan();
        safe.anchor_disk.forget_plan();
        safe.disk.revive();
        safe.anchor_disk.revive();
        safe.reopen();
    }
};

/// Plays `prepare` and then `act` with a crash at its first operation, at its second, and so on;
/// after each, once the machine has started again, `judge` hears whether `act` had its answer.
template <class Prepare, class Act, class Judge>
void crash_everywhere(Safe::With anchor, Prepare prepare, Act act, Judge judge) {
    std::size_t crashes = 0;
    for (const auto kind : {Trouble::Kind::Kill, Trouble::Kind::PowerLoss}) {
        for (const bool at_anchor : {false, true}) {
            for (std::uint64_t after = 1;; ++after) {
                INFO("at the anchor: " << at_anchor << ", operation " << after);
                Play play(anchor);
                prepare(play);
                play.plan(at_anchor ? play.safe.anchor_disk : play.safe.disk, {kind, after});
                const bool answered = act(play);
                if (!play.crashed) break;
                ++crashes;
                CHECK_FALSE(answered);
                play.start_again();
                CHECK(play.safe.shares->standing() == Standing::Anchored);
                judge(play);
            }
        }
    }
    // Some on each of the two disks, in each of the two ways.
    CHECK(crashes >= 8);
}

void put(Play& play) {
    REQUIRE(play.safe.put(play.phone).has_value());
}

}  // namespace

TEST_CASE("a crash at any step of a wrong guess neither frees a guess nor freezes the shares") {
    crash_everywhere(
        Safe::With::Anchor,
        put,
        [](Play& play) {
            return play.safe.guess(play.phone, play.phone.wrong_guess()).has_value();
        },
        [](Play& play) {
            // The same again: counted then, or counted now, and only once.
            play.phone.wrong_pins = 0;
            const auto again = play.safe.guess(play.phone, play.phone.wrong_guess());
            REQUIRE(again.has_value());
            CHECK(again->outcome == GuessOutcome::Wrong);
            CHECK(again->wrong == 1);
            play.start_again();
            const auto next = play.safe.guess(play.phone, play.phone.wrong_guess());
            REQUIRE(next.has_value());
            CHECK(next->outcome == GuessOutcome::Early);
            CHECK(next->wrong == 1);
        });
}

TEST_CASE("a crash at any step of a right guess leaves it a right guess") {
    crash_everywhere(
        Safe::With::Anchor,
        put,
        [](Play& play) {
            return play.safe.guess(play.phone, play.phone.right_guess()).has_value();
        },
        [](Play& play) {
            const auto again = play.safe.guess(play.phone, play.phone.right_guess());
            REQUIRE(again.has_value());
            CHECK(again->outcome == GuessOutcome::Right);
            CHECK(static_cast<const Secret&>(*again->share) == play.phone.share);
            play.phone.move_on();
            CHECK(play.safe.guess(play.phone, play.phone.right_guess())->outcome ==
                  GuessOutcome::Right);
        });
}

TEST_CASE("a crash at any step of the tenth guess leaves the share gone, or the guess to be made") {
    crash_everywhere(
        Safe::With::Anchor,
        [](Play& play) {
            put(play);
            for (int at = 0; at < protocol::most_guesses - 1; ++at) {
                const auto wrong = play.safe.guess(play.phone, play.phone.wrong_guess());
                REQUIRE(wrong->outcome == GuessOutcome::Wrong);
                play.safe.now.value += wrong->wait;
            }
        },
        [](Play& play) {
            return play.safe.guess(play.phone, play.phone.wrong_guess()).has_value();
        },
        [](Play& play) {
            --play.phone.wrong_pins;
            const auto again = play.safe.guess(play.phone, play.phone.wrong_guess());
            REQUIRE(again.has_value());
            CHECK(again->wrong == protocol::most_guesses);
            CHECK(again->left == 0);
            CHECK(play.safe.guess(play.phone, play.phone.right_guess())->outcome ==
                  GuessOutcome::Spent);
        });
}

TEST_CASE("a crash at any step of putting or dropping a share leaves it as it was, or done") {
    crash_everywhere(
        Safe::With::Anchor,
        [](Play&) {},
        [](Play& play) { return play.safe.put(play.phone).has_value(); },
        [](Play& play) {
            put(play);
            CHECK(play.safe.guess(play.phone, play.phone.right_guess())->outcome ==
                  GuessOutcome::Right);
        });
    crash_everywhere(
        Safe::With::Anchor,
        put,
        [](Play& play) {
            return play.safe.shares->drop(play.phone.device, play.safe.now).has_value();
        },
        [](Play& play) {
            CHECK(play.safe.shares->drop(play.phone.device, play.safe.now).has_value());
            CHECK(play.safe.refusal(play.phone, play.phone.right_guess()) == Code::refused);
        });
}

TEST_CASE("a crash at any step of the first anchoring leaves the shares to be anchored") {
    crash_everywhere(
        Safe::With::NoAnchor,
        put,
        [](Play& play) { return play.safe.try_open(Safe::With::Anchor).has_value(); },
        [](Play& play) {
            CHECK(play.safe.guess(play.phone, play.phone.right_guess())->outcome ==
                  GuessOutcome::Right);
        });
}

TEST_CASE("a crash at any step of a re-arming leaves the shares frozen, or re-armed") {
    for (const auto kind : {Trouble::Kind::Kill, Trouble::Kind::PowerLoss}) {
        for (const bool at_anchor : {false, true}) {
            for (std::uint64_t after = 1;; ++after) {
                Play play;
                put(play);
                const auto before = play.safe.data();
                REQUIRE(play.safe.guess(play.phone, play.phone.wrong_guess()).has_value());
                play.safe.bring_back(before);
                play.plan(at_anchor ? play.safe.anchor_disk : play.safe.disk, {kind, after});
                const bool done = play.safe.shares->rearm().has_value();
                if (!play.crashed) break;
                CHECK_FALSE(done);
                play.start_again();
                CHECK(play.safe.shares->standing() != Standing::Unanchored);
                // The officer's order was not carried out: he repeats it.
                REQUIRE(play.safe.shares->rearm().has_value());
                play.safe.reopen();
                CHECK(play.safe.shares->standing() == Standing::Anchored);
                play.safe.bring_back(before);
                CHECK(play.safe.shares->standing() == Standing::Frozen);
            }
        }
    }
}

TEST_CASE("a disk that is full, or fails, answers no guess and frees none") {
    for (const auto kind : {Trouble::Kind::Full, Trouble::Kind::Fault}) {
        for (const bool at_anchor : {false, true}) {
            for (std::uint64_t after = 1; after < 20; ++after) {
                INFO("at the anchor: " << at_anchor << ", operation " << after);
                Play play;
                put(play);
                (at_anchor ? play.safe.anchor_disk : play.safe.disk).plan({kind, after});
                const auto guess = play.phone.wrong_guess();
                const auto answer = play.safe.guess(play.phone, guess);
                if (answer.has_value()) CHECK(answer->wrong == 1);
                play.safe.disk.forget_plan();
                play.safe.anchor_disk.forget_plan();
                const auto again = play.safe.guess(play.phone, guess);
                REQUIRE(again.has_value());
                CHECK(again->wrong == 1);
                play.safe.reopen();
                CHECK(play.safe.shares->standing() == Standing::Anchored);
                CHECK(play.safe.guess(play.phone, play.phone.wrong_guess())->wrong == 1);
            }
        }
    }
}
