// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a stolen directory is worth once its device was reported lost, and what a member can say of
// another's inbox: nothing.

#include "client/rotation.h"

#include <catch2/catch_test_macros.hpp>

#include "client/compose.h"
#include "client/daily.h"
#include "client/lost.h"
#include "envelope/inbox_letter.h"
#include "tests/attacks/scene.h"
#include "tests/must.h"
#include "tests/town/inboxes.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using attacks::Scene;
using attacks::Texts;
using identity::InboxTurn;
using namespace std::chrono_literals;

struct Theft : Scene {
    Theft()
        : Scene({"alice", "bertrand", "chloe"}) {}

    void lose(const std::string& which) {
        static_cast<void>(town->officer(officer::ReportLost{which, officer::ReportLost::Act::Do}));
        sync_all(*town, {"alice", "chloe"});
    }

    [[nodiscard]] protocol::LogId directory() {
        return must(town->core("alice")->conversations.directory())->log;
    }

    /// What a member's device says somewhere, whatever it is.
    void say_of_inbox(const std::string& home,
                      protocol::LogId where,
                      std::uint64_t turn,
                      std::uint8_t filled) {
        identity::InboxAnnouncement said;
        said.turn = {turn};
        said.secret = Secret(32);
        std::ranges::fill(said.secret.expose(), filled);
        must(client::write_content(core_of(*town, home),
                                   where,
                                   envelope::inbox_type,
                                   codec::encode_secret(said).reveal()));
        sync_all(*town, {"alice", "chloe"});
    }

    [[nodiscard]] std::vector<protocol::Entry> inbox_of(const std::string& home) {
        return attacks::FakeLog(*town, core_of(*town, home).self.inbox).entries;
    }

    [[nodiscard]] bool is_filled_with(const Secret& secret, std::uint8_t value) {
        return std::ranges::all_of(secret.reveal(), [value](auto byte) { return byte == value; });
    }
};

}  // namespace

TEST_CASE("attack: the tokens of a stolen directory are refused at every inbox that was online") {
    Theft theft;
    auto& town = *theft.town;
    const Texts homes = {"officer", "chloe"};
    std::vector<std::pair<protocol::LogId, Secret>> stolen;
    for (const auto& home : homes) {
        stolen.emplace_back(town.core(home)->self.inbox, known_secret(town, "bertrand", home));
    }
    theft.lose("bertrand");
    // An accomplice who is a member still, and lends the thief a session.
    client::Core& accomplice = *town.core("alice");
    auto transaction = must(accomplice.database.begin());
    for (const auto& [inbox, secret] : stolen) {
        must(transaction.run(
            "INSERT INTO deposits (inbox, token, entry, payload) VALUES (?1, ?2, ?3, ?4)",
            inbox,
            identity::inbox_keys(secret).deposit_token,
            protocol::EntryId::random(town.random()),
            Bytes(100, 7)));
    }
    must(std::move(transaction).commit());
    const auto before = theft.inbox_of("chloe").size();
    static_cast<void>(town.play("alice", client::Sync{0}, 5));
    CHECK(accomplice.refused_letters.size() == stolen.size());
    for (const auto& [letter, error] : accomplice.refused_letters)
        CHECK(error.code == Code::refused);
    CHECK(theft.inbox_of("chloe").size() == before);
}

TEST_CASE("attack: the keys of a stolen directory open nothing that comes to an inbox afterwards") {
    Theft theft;
    auto& town = *theft.town;
    const auto stolen = identity::inbox_keys(known_secret(town, "bertrand", "chloe"));
    theft.lose("bertrand");
    const auto before = theft.inbox_of("chloe").size();
    REQUIRE(town.play("alice", client::CreateGroup{"entre nous", {"chloe"}}).done());
    REQUIRE(town.play("chloe", client::Sync{0}).done());
    const auto letters = theft.inbox_of("chloe");
    REQUIRE(letters.size() > before);
    std::size_t opened_by_her = 0;
    const auto own = identity::inbox_keys(own_secret(town, "chloe"));
    for (std::size_t at = before; at < letters.size(); ++at) {
        const Bytes& payload = letters[at].payload;
        CHECK(envelope::open_letter(stolen.closing_key, payload).error().code == Code::forged);
        if (envelope::open_letter(own.closing_key, payload)) ++opened_by_her;
    }
    CHECK(opened_by_her == 1);
}

TEST_CASE(
    "attack: a relay that hides the Remove has nobody tell a secret that the lost one can read") {
    Theft theft;
    auto& town = *theft.town;
    const auto alice = town.device_key("alice");
    const auto directory = theft.directory();
    theft.keep_away("alice");
    static_cast<void>(town.officer(officer::ReportLost{"bertrand", officer::ReportLost::Act::Do}));
    bool hides = true;
    town.its_operator().on_request(
        [&](Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* read = std::get_if<protocol::Read>(&request);
            if (!hides || read == nullptr || read->log != directory) return std::nullopt;
            if (town.its_operator().device(session) != alice) return std::nullopt;
            return protocol::Entries{{}, read->after};
        });
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    // She knows of it by the letter.
    CHECK(must(client::lost::holding(core_of(town, "alice").database)).held ==
          identity::RevocationNumber{1});
    CHECK(turn_of(town, "alice") == InboxTurn{0});
    hides = false;
    town.pass(2min);
    CHECK(turn_of(town, "alice") == InboxTurn{1});
}

TEST_CASE("attack: a member announces an inbox for nobody else, and none anew by an earlier turn") {
    Theft theft;
    auto& town = *theft.town;
    const Secret alices = known_secret(town, "chloe", "alice");
    theft.say_of_inbox("chloe", theft.directory(), 5, 0x55);
    // It was of her own, and of nobody else's.
    CHECK(known_secret(town, "chloe", "alice") == alices);
    CHECK(own_secret(town, "alice") == alices);
    CHECK(theft.is_filled_with(known_secret(town, "alice", "chloe"), 0x55));
    CHECK(known_secret(town, "alice", "bertrand") == own_secret(town, "bertrand"));
    theft.say_of_inbox("chloe", theft.directory(), 5, 0x66);
    CHECK(theft.is_filled_with(known_secret(town, "alice", "chloe"), 0x55));
    theft.say_of_inbox("chloe", theft.directory(), 4, 0x66);
    CHECK(theft.is_filled_with(known_secret(town, "alice", "chloe"), 0x55));
}

TEST_CASE("attack: an inbox is announced in the directory and nowhere else") {
    Theft theft;
    theft.say_of_inbox("chloe", theft.log, 5, 0x55);
    CHECK(known_secret(*theft.town, "alice", "chloe") == own_secret(*theft.town, "chloe"));
    CHECK(theft.gaps("alice") == Texts{"policy-violated"});
}

TEST_CASE("attack: nobody but the officer says how the circle stands") {
    Theft theft;
    auto& town = *theft.town;
    const identity::CircleStatus status{1, {1'800'000'000'000}, {7}, {9}};
    must(client::write_content(
        *town.core("chloe"), theft.directory(), envelope::status_type, codec::encode(status)));
    must(client::write_content(
        *town.core("chloe"), theft.log, envelope::status_type, codec::encode(status)));
    sync_all(town, {"chloe", "alice"});
    CHECK_FALSE(must(client::daily::last(town.core("alice")->database)).has_value());
}
