// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/unlock_shares.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/locked.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::GuessOutcome;
using Standing = UnlockShares::Standing;

}  // namespace

TEST_CASE("a right guess gives the share, and a wrong one says how many are left and how long") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto wrong = safe.guess(phone, phone.wrong_guess());
    REQUIRE(wrong.has_value());
    CHECK(wrong->outcome == GuessOutcome::Wrong);
    CHECK(wrong->wrong == 1);
    CHECK(wrong->left == 9);
    CHECK(wrong->wait == 5'000);
    CHECK_FALSE(wrong->share.has_value());
    safe.now.value += wrong->wait;
    const auto right = safe.guess(phone, phone.right_guess());
    REQUIRE(right.has_value());
    CHECK(right->outcome == GuessOutcome::Right);
    CHECK(right->wrong == 1);
    CHECK(right->left == 10);
    CHECK(right->wait == 0);
    REQUIRE(right->share.has_value());
    CHECK(static_cast<const Secret&>(*right->share) == phone.share);
}

TEST_CASE("guesses wait longer each time, and one that comes too early is not looked at") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    std::uint64_t before = 0;
    for (std::uint8_t at = 1; at < protocol::most_guesses; ++at) {
        const auto wrong = safe.guess(phone, phone.wrong_guess());
        REQUIRE(wrong.has_value());
        REQUIRE(wrong->outcome == GuessOutcome::Wrong);
        CHECK(wrong->left == protocol::most_guesses - at);
        CHECK(wrong->wait > before);
        before = wrong->wait;
        safe.now.value += wrong->wait - 1;
        // Not even the right one.
        const auto early = safe.guess(phone, phone.right_guess());
        REQUIRE(early.has_value());
        CHECK(early->outcome == GuessOutcome::Early);
        CHECK(early->wrong == at);
        CHECK(early->wait == 1);
        CHECK_FALSE(early->share.has_value());
        safe.now.value += 1;
    }
    CHECK(delay_after(0) == Duration{0});
}

TEST_CASE("after ten wrong guesses the share is gone, and not for the right guess either") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    std::uint8_t left = protocol::most_guesses;
    while (left > 0) {
        const auto wrong = safe.guess(phone, phone.wrong_guess());
        REQUIRE(wrong.has_value());
        REQUIRE(wrong->outcome == GuessOutcome::Wrong);
        CHECK(wrong->left == --left);
        safe.now.value += wrong->wait;
    }
    const auto spent = safe.guess(phone, phone.right_guess());
    REQUIRE(spent.has_value());
    CHECK(spent->outcome == GuessOutcome::Spent);
    CHECK_FALSE(spent->share.has_value());
    CHECK_FALSE(safe.holds(phone.share));
    // The device, opened by its passphrase, may put another.
    REQUIRE(safe.put(phone).has_value());
    CHECK(safe.guess(phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("the same guess once more costs no second count, and is answered alike") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto guess = phone.wrong_guess();
    REQUIRE(safe.guess(phone, guess)->wrong == 1);
    safe.now.value += 1'000;
    const auto again = safe.guess(phone, guess);
    REQUIRE(again.has_value());
    CHECK(again->outcome == GuessOutcome::Wrong);
    CHECK(again->wrong == 1);
    CHECK(again->wait == 4'000);
}

TEST_CASE("a right guess puts the next pre-unlock key in the place of the old one") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    auto copied = phone.copy();
    copied.next = new_key();  // the copy was made before the phone chose its next key
    const auto guess = phone.right_guess();
    REQUIRE(safe.guess(phone, guess)->outcome == GuessOutcome::Right);
    // Its answer was lost: the same again, under the old key, is answered again.
    const auto again = safe.guess(phone, guess);
    REQUIRE(again.has_value());
    CHECK(again->outcome == GuessOutcome::Right);
    CHECK(static_cast<const Secret&>(*again->share) == phone.share);
    // But who has a copy of the disk of before gets no guess, not even the right one.
    CHECK(safe.refusal(copied, copied.right_guess()) == Code::refused);
    CHECK(safe.refusal(copied, copied.wrong_guess()) == Code::refused);
    phone.move_on();
    const auto next = safe.guess(phone, phone.right_guess());
    REQUIRE(next.has_value());
    CHECK(next->outcome == GuessOutcome::Right);
    // And from then on the oldest guess is nothing any more.
    CHECK(safe.refusal(copied, guess) == Code::refused);
}

TEST_CASE("attack: what a right guess says cannot be had by naming another one's key as the next") {
    Safe safe;
    Locked phone;
    Locked other;
    REQUIRE(safe.put(phone).has_value());
    REQUIRE(safe.put(other).has_value());
    for (const auto& key : {phone.key(), other.key()}) {
        auto right = phone.right_guess();
        right.next_key = key;
        auto wrong = phone.wrong_guess();
        wrong.next_key = key;
        CHECK(safe.refusal(phone, right) == Code::refused);
        CHECK(safe.refusal(phone, wrong) == Code::refused);
    }
    CHECK(safe.guess(phone, phone.wrong_guess())->wrong == 1);
    // Nor may a share be put under it.
    Locked thief;
    auto request = thief.request();
    request.key = phone.key();
    CHECK(safe.shares->put(thief.device, request, safe.now).error().code == Code::refused);
}

TEST_CASE("a clock that is set back makes nobody wait longer than the delay, and frees no guess") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    safe.now.value += 1'000'000'000;
    const auto wrong = safe.guess(phone, phone.wrong_guess());
    REQUIRE(wrong->wait == 5'000);
    safe.now.value -= 900'000'000;
    const auto early = safe.guess(phone, phone.right_guess());
    REQUIRE(early.has_value());
    CHECK(early->outcome == GuessOutcome::Early);
    CHECK(early->wait == 5'000);
    safe.now.value += early->wait;
    CHECK(safe.guess(phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("a share that its device drops, or the officer with its device, is gone from the disk") {
    for (const bool by_officer : {false, true}) {
        Safe safe;
        Locked phone;
        REQUIRE(safe.put(phone).has_value());
        REQUIRE(safe.holds(phone.share));
        REQUIRE((by_officer ? safe.shares->forget(phone.device)
                            : safe.shares->drop(phone.device, safe.now))
                    .has_value());
        CHECK(safe.refusal(phone, phone.right_guess()) == Code::refused);
        CHECK_FALSE(safe.holds(phone.share));
    }
}

TEST_CASE("what a store keeps of a share is no guess, and gives none away") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
    REQUIRE(safe.holds(phone.share));
    CHECK_FALSE(safe.holds(phone.guess_of(phone.pin)));
}

TEST_CASE("without an anchor shares work, and it is said that no rollback is resisted") {
    Safe safe(Safe::With::NoAnchor);
    CHECK(safe.shares->standing() == Standing::Unanchored);
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    CHECK(safe.guess(phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("attack: a disk of before, brought back for fresh guesses, has the shares frozen") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto before = safe.data();
    REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
    safe.bring_back(before);
    CHECK(safe.shares->standing() == Standing::Frozen);
    CHECK(safe.refusal(phone, phone.right_guess()) == Code::frozen);
    CHECK(safe.put(phone).error().code == Code::frozen);
    CHECK(safe.shares->drop(phone.device, safe.now).error().code == Code::frozen);
    // Strangers do not hear of it.
    Locked stranger;
    CHECK(safe.refusal(stranger, stranger.right_guess()) == Code::refused);
    // It stays so over a restart, until the officer says otherwise.
    safe.reopen();
    CHECK(safe.shares->standing() == Standing::Frozen);
    REQUIRE(safe.shares->rearm().has_value());
    CHECK(safe.shares->standing() == Standing::Anchored);
    safe.reopen();
    CHECK(safe.shares->standing() == Standing::Anchored);
    CHECK(safe.guess(phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("attack: neither the state before nor the one after a re-arming can be brought back") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto before = safe.data();
    REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
    const auto after = safe.data();
    safe.bring_back(before);
    REQUIRE(safe.shares->rearm().has_value());
    for (const auto& state : {after, before}) {
        safe.bring_back(state);
        CHECK(safe.shares->standing() == Standing::Frozen);
    }
}

TEST_CASE("attack: an anchor that is taken away, damaged or another's has the shares frozen") {
    for (const auto& change :
         {Safe::Harm::Removed, Safe::Harm::Damaged, Safe::Harm::Older, Safe::Harm::OfAnother}) {
        Safe safe;
        Locked phone;
        REQUIRE(safe.put(phone).has_value());
        safe.harm_anchor(change, [&] {
            REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
            safe.now.value += 5'000;
            REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
        });
        CHECK(safe.shares->standing() == Standing::Frozen);
        CHECK(safe.refusal(phone, phone.right_guess()) == Code::frozen);
        REQUIRE(safe.shares->rearm().has_value());
        safe.reopen();
        CHECK(safe.shares->standing() == Standing::Anchored);
    }
}

TEST_CASE("attack: shares that had an anchor are frozen when the relay is started without it") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    safe.reopen(Safe::With::NoAnchor);
    CHECK(safe.shares->standing() == Standing::Frozen);
    CHECK(safe.refusal(phone, phone.right_guess()) == Code::frozen);
    REQUIRE(safe.shares->rearm().has_value());
    CHECK(safe.shares->standing() == Standing::Unanchored);
    CHECK(safe.guess(phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("shares that are given an anchor later have it from then on") {
    Safe safe(Safe::With::NoAnchor);
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto unanchored = safe.data();
    safe.reopen(Safe::With::Anchor);
    CHECK(safe.shares->standing() == Standing::Anchored);
    REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
    safe.bring_back(unanchored);
    CHECK(safe.shares->standing() == Standing::Frozen);
}

TEST_CASE("new shares, where others had an anchor, are frozen: a bare directory counts nothing") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    safe.bring_back({});
    CHECK(safe.shares->standing() == Standing::Frozen);
    REQUIRE(safe.shares->rearm().has_value());
    CHECK(safe.put(phone).has_value());
}

TEST_CASE("the officer's dropping of a device takes its share while the shares are frozen, too") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto before = safe.data();
    REQUIRE(safe.guess(phone, phone.wrong_guess()).has_value());
    safe.bring_back(before);
    REQUIRE(safe.shares->forget(phone.device).has_value());
    CHECK(safe.shares->standing() == Standing::Frozen);
    CHECK(safe.refusal(phone, phone.right_guess()) == Code::refused);
}

TEST_CASE("a guess is not answered until its anchor has it, and is counted once") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const auto guess = phone.right_guess();
    safe.anchor_fails = true;
    CHECK(safe.refusal(phone, guess) == Code::disk_fault);
    // Nor is anything else done meanwhile.
    CHECK(safe.refusal(phone, guess) == Code::disk_fault);
    CHECK(safe.put(phone).error().code == Code::disk_fault);
    safe.anchor_fails = false;
    const auto answer = safe.guess(phone, guess);
    REQUIRE(answer.has_value());
    CHECK(answer->outcome == GuessOutcome::Right);
    CHECK(answer->wrong == 0);
    safe.reopen();
    CHECK(safe.shares->standing() == Standing::Anchored);
}

TEST_CASE("an anchor that is away stops no order of the officer's") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    safe.anchor_fails = true;
    CHECK(safe.refusal(phone, phone.wrong_guess()) == Code::disk_fault);
    REQUIRE(safe.shares->forget(phone.device).has_value());
    CHECK(safe.refusal(phone, phone.right_guess()) == Code::refused);
    safe.anchor_fails = false;
    safe.reopen();
    CHECK(safe.shares->standing() == Standing::Anchored);
    CHECK(safe.refusal(phone, phone.right_guess()) == Code::refused);
}

TEST_CASE("shares that cannot be written fail their asker, and nobody else in the batch") {
    Safe safe;
    Locked phone;
    REQUIRE(safe.put(phone).has_value());
    const Directory directory;
    const auto store = must(open_sqlite_store(directory.place(), chance(), std::move(safe.shares)));
    safe.anchor_fails = true;
    const auto done = store->transact([&](LogTables& tables) -> Result<void> {
        TRY_VOID(tables.insert_device({phone.device, LogId::random(chance())}));
        const auto answer = decide(tables, phone.asker(), phone.wrong_guess(), safe.now);
        REQUIRE_FALSE(answer.has_value());
        CHECK_FALSE(is_store_fault(answer.error().code));
        CHECK(refusal_for(answer.error().code) == protocol::Refusal::StoreFault);
        return {};
    });
    CHECK(done.has_value());
}

TEST_CASE("attack: a device that changes its share over and over is held back, and nobody else") {
    Safe safe;
    Locked phone;
    Locked other;
    for (std::uint32_t at = 0; at < bounds::share_changes_per_minute; ++at) {
        REQUIRE(safe.put(phone).has_value());
    }
    CHECK(safe.put(phone).error().code == Code::too_many);
    CHECK(safe.shares->drop(phone.device, safe.now).error().code == Code::too_many);
    CHECK(safe.put(other).has_value());
    safe.now.value += 60'000;
    CHECK(safe.put(phone).has_value());
}
