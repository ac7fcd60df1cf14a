// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The relay gets another key: devices follow the old key's word at once, and say that the officer
// has not confirmed the new one until he has.

#include <catch2/catch_test_macros.hpp>

#include "client/relay_word.h"
#include "identity/relay_word.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;
using namespace std::chrono_literals;

bool is_confirmed(Town& town, const std::string& home) {
    REQUIRE(town.play(home, client::Sync{0}).done());
    return town.play(home, client::ShowStatus{}).first<client::Status>().relay_confirmed != 0;
}

/// Whoever is connected learns of another key when he comes back.
void rotate(Town& town) {
    town.rotate_relay_key();
    town.network().cut({"relay", 7443});
    town.pass(2min);
}

}  // namespace

TEST_CASE("who follows the relay to another key says so until the officer has confirmed it") {
    auto town = Town::with({"alice", "bertrand"});
    CHECK(is_confirmed(*town, "alice"));
    rotate(*town);
    // Nobody is stranded.
    REQUIRE(town->send("alice", "bertrand", "bonjour").done());
    CHECK_FALSE(is_confirmed(*town, "alice"));
    CHECK_FALSE(is_confirmed(*town, "bertrand"));
    REQUIRE(town->officer(officer::ConfirmRelay{town->relay_key()}).done());
    for (const char* home : {"alice", "bertrand"})
        CHECK(is_confirmed(*town, home));
    rotate(*town);
    CHECK_FALSE(is_confirmed(*town, "alice"));
    REQUIRE(town->officer(officer::ConfirmRelay{town->relay_key()}).done());
    CHECK(is_confirmed(*town, "alice"));
}

TEST_CASE("the officer confirms no key but the one that his own machine has followed to") {
    auto town = Town::with({"alice"});
    const std::string before = town->relay_key();
    rotate(*town);
    const auto old = town->officer(officer::ConfirmRelay{before});
    CHECK(old.outcome.rule == "relay-key-mismatch");
    const auto none = town->officer(officer::ConfirmRelay{"none"});
    CHECK(none.outcome.rule == "invalid-argument");
    CHECK_FALSE(is_confirmed(*town, "alice"));
}

TEST_CASE("who comes in after a confirmed change by an older invitation hears the word, too") {
    auto town = Town::with({"alice"});
    const client::Join invitation = town->invite("bertrand");
    rotate(*town);
    REQUIRE(town->officer(officer::ConfirmRelay{town->relay_key()}).done());
    REQUIRE(town->play("bertrand", invitation).done());
    town->pass(1min);
    CHECK(is_confirmed(*town, "bertrand"));
}

TEST_CASE("attack: a word on the relay's key that is forged, or older, changes nothing") {
    auto town = Town::with({"alice"});
    rotate(*town);
    REQUIRE(town->officer(officer::ConfirmRelay{town->relay_key()}).done());
    REQUIRE(is_confirmed(*town, "alice"));
    client::Core& core = *town->core("alice");
    const auto word = client::relay_word::last(core.database);
    REQUIRE((word.has_value() && word->has_value()));
    const auto take = [&core](const Bytes& signed_word) {
        auto transaction = core.database.begin();
        REQUIRE(transaction.has_value());
        const auto taken = client::relay_word::take(core, *transaction, signed_word);
        REQUIRE(std::move(*transaction).commit().has_value());
        return taken.has_value();
    };
    auto forged = codec::decode<identity::SignedRelayWord>(**word);
    REQUIRE(forged.has_value());
    identity::RelayWord other = *codec::decode<identity::RelayWord>(forged->word);
    other.key.bytes[0] ^= 1U;
    other.since.value += 1'000;
    forged->word = codec::encode(other);
    CHECK_FALSE(take(codec::encode(*forged)));
    CHECK(is_confirmed(*town, "alice"));
    // The next one stands over it, whenever it comes.
    rotate(*town);
    REQUIRE(town->officer(officer::ConfirmRelay{town->relay_key()}).done());
    REQUIRE(is_confirmed(*town, "alice"));
    CHECK(take(**word));
    CHECK(is_confirmed(*town, "alice"));
}
