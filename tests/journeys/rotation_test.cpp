// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A lost phone knows the secret of every inbox. After it is out, each device has another one, and
// nothing that was on its way is lost by that.

#include "client/rotation.h"

#include <catch2/catch_test_macros.hpp>

#include "client/lost.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "officer/register.h"
#include "relay/chain.h"
#include "tests/town/inboxes.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using Act = officer::ReportLost::Act;
using identity::InboxTurn;

/// With a group of all members.
std::unique_ptr<Town> circle_of(const Texts& names) {
    auto town = Town::with(names);
    REQUIRE(
        town->play(names.front(), client::CreateGroup{"cellule", {names.begin() + 1, names.end()}})
            .done());
    sync_all(*town, names, 1);
    return town;
}

void lose(Town& town, const std::string& who) {
    static_cast<void>(town.officer(officer::ReportLost{who, Act::Do}));
}

std::size_t secrets_kept(Town& town, const std::string& home) {
    const auto row = core_of(town, home)
                         .database.one<std::uint64_t>("SELECT count(*) FROM inbox_secrets_before");
    return std::get<0>(**row);
}

/// As the relay would take it.
void put_letter(Town& town, protocol::LogId inbox, const Bytes& payload) {
    const auto put = town.store().transact([&](relay::LogTables& tables) -> Result<void> {
        TRY(const auto there, tables.find_log(inbox));
        protocol::Entry entry{
            there->head.next(), protocol::EntryKind::Deposit, {}, {1'800'000'000'000}, payload, {}};
        entry.chain = relay::chain_after(there->chain, inbox, entry);
        return tables.append(
            inbox, entry, protocol::EntryId::random(town.random()), relay::content_hash(entry));
    });
    REQUIRE(put.has_value());
}

/// Whether a letter gets from one to the other: a Welcome.
void check_reached(Town& town, const std::string& from, const std::string& to) {
    const std::string name = from + "-" + to + "-" +
                             std::to_string(town.loop().clock().wall().time_since_epoch().count());
    REQUIRE(town.play(from, client::CreateGroup{name, {to}}).done());
    REQUIRE(town.send(from, name, "tu m'entends ?").done());
    REQUIRE(town.play(to, client::Sync{0}).done());
    CHECK(town.read(to, name) == Texts{"tu m'entends ?"});
}

}  // namespace

TEST_CASE("after a device was lost every inbox has another secret, which all others know") {
    auto town = circle_of({"alice", "bertrand", "chloe"});
    const Texts homes = {"officer", "alice", "chloe"};
    std::vector<Secret> stolen;
    for (const auto& home : homes)
        stolen.push_back(known_secret(*town, "bertrand", home));
    lose(*town, "bertrand");
    sync_all(*town, {"alice", "chloe"});
    for (std::size_t at = 0; at < homes.size(); ++at) {
        INFO(homes[at]);
        CHECK(turn_of(*town, homes[at]) == InboxTurn{1});
        CHECK(own_secret(*town, homes[at]) != stolen[at]);
        CHECK_FALSE(opens(*town, homes[at], stolen[at]));
        CHECK(secrets_kept(*town, homes[at]) == 0);
    }
    check_all_agree(*town, homes);
    check_reached(*town, "alice", "chloe");
    check_reached(*town, "chloe", "alice");
}

TEST_CASE("a device that was away has its letters, and another secret once it is back") {
    auto town = circle_of({"alice", "bertrand", "chloe"});
    const Secret stolen = known_secret(*town, "bertrand", "chloe");
    town->close("chloe");
    lose(*town, "bertrand");
    REQUIRE(town->play("alice", client::Sync{0}).done());
    // It is reached under the secret that the lost one knows, until it has been there.
    REQUIRE(town->play("alice", client::CreateGroup{"à deux", {"chloe"}}).done());
    REQUIRE(town->send("alice", "à deux", "en ton absence").done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    CHECK(town->read("chloe", "à deux") == Texts{"en ton absence"});
    CHECK_FALSE(opens(*town, "chloe", stolen));
    sync_all(*town, {"alice", "chloe"});
    check_all_agree(*town, {"officer", "alice", "chloe"});
}

TEST_CASE("a letter that is refused under the old token waits, and goes under the new one") {
    auto town = circle_of({"alice", "bertrand", "chloe"});
    const auto alices = town->device_key("alice");
    const auto directory = town->core("alice")->conversations.directory().value()->log;
    town->close("alice");
    lose(*town, "bertrand");
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    REQUIRE(turn_of(*town, "chloe") == InboxTurn{1});
    // Alice hears nothing of the directory, and takes somebody in by a key package that she has.
    bool hides = true;
    town->its_operator().on_request(
        [&](Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* read = std::get_if<protocol::Read>(&request);
            if (!hides || read == nullptr || read->log != directory) return std::nullopt;
            if (town->its_operator().device(session) != alices) return std::nullopt;
            return protocol::Entries{{}, read->after};
        });
    client::Core& core = core_of(*town, "alice");
    const auto chloe = core.people.device(core_of(*town, "chloe").self.device).value();
    auto transaction = core.database.begin();
    REQUIRE(transaction.has_value());
    const auto keys = identity::inbox_keys(chloe->inbox_secret);
    const auto said = identity::sign_revocation(
        {}, identity::Authority::found(town->loop().clock().wall(), town->random()).value());
    REQUIRE(transaction
                ->run("INSERT INTO deposits (inbox, token, entry, payload, kind)"
                      " VALUES (?1, ?2, ?3, ?4, 1)",
                      chloe->inbox,
                      keys.deposit_token,
                      protocol::EntryId::random(town->random()),
                      envelope::close_word(keys.closing_key,
                                           envelope::Word::Revocation,
                                           codec::encode(said),
                                           town->random()))
                .has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
    const auto waiting = [&core] {
        return std::get<0>(
            **core.database.one<std::int64_t>("SELECT count(*) FROM deposits WHERE kind = 1"));
    };
    static_cast<void>(town->play("alice", client::Sync{0}, 5));
    CHECK(waiting() == 1);
    CHECK_FALSE(core.refused_letters.empty());
    hides = false;
    town->pass(2min);
    CHECK(waiting() == 0);
    sync_all(*town, {"alice", "chloe"});
    check_all_agree(*town, {"officer", "alice", "chloe"});
}

TEST_CASE("a letter that comes at the last moment under the old secret is opened all the same") {
    auto town = circle_of({"alice", "bertrand", "chloe"});
    const auto inbox = core_of(*town, "chloe").self.inbox;
    const Secret old = known_secret(*town, "alice", "chloe");
    auto registered = officer::Register(core_of(*town, "officer").database).authority();
    REQUIRE(registered->has_value());
    // As the officer would write it: about a second device, of which nothing else tells.
    const auto word =
        identity::sign_revocation({1, {2}, {}, {}, {1'800'000'000'000}}, (*registered)->authority);
    bool deposited = false;
    town->its_operator().on_request(
        [&](Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            static_cast<void>(session);
            const auto* rotate = std::get_if<protocol::RotateInbox>(&request);
            if (rotate == nullptr || rotate->inbox != inbox || deposited) return std::nullopt;
            deposited = true;
            put_letter(*town,
                       inbox,
                       envelope::close_word(identity::inbox_keys(old).closing_key,
                                            envelope::Word::Revocation,
                                            codec::encode(word),
                                            town->random()));
            return std::nullopt;
        });
    lose(*town, "bertrand");
    town->pass(1min);
    sync_all(*town, {"alice", "chloe"});
    REQUIRE(deposited);
    CHECK(client::lost::holding(core_of(*town, "chloe").database)->newest ==
          identity::RevocationNumber{2});
    CHECK(turn_of(*town, "chloe").value >= 1);
    CHECK(secrets_kept(*town, "chloe") == 0);
}

TEST_CASE("each lost device has everybody's secret drawn once more") {
    auto town = circle_of({"alice", "bertrand", "chloe", "denise"});
    lose(*town, "bertrand");
    sync_all(*town, {"alice", "chloe", "denise"});
    CHECK(turn_of(*town, "alice") == InboxTurn{1});
    const Secret stolen = known_secret(*town, "denise", "alice");
    lose(*town, "denise");
    sync_all(*town, {"alice", "chloe"});
    CHECK(turn_of(*town, "alice") == InboxTurn{2});
    CHECK(own_secret(*town, "alice") != stolen);
    check_all_agree(*town, {"officer", "alice", "chloe"});
    // A newcomer has them all from his first page, and no reason to have another himself.
    REQUIRE(town->enrol("emile").done());
    sync_all(*town, {"alice", "chloe", "emile"});
    CHECK(turn_of(*town, "emile") == InboxTurn{0});
    check_all_agree(*town, {"officer", "alice", "chloe", "emile"});
    check_reached(*town, "emile", "alice");
}

TEST_CASE("who comes in while others announce their secrets hears them all the same") {
    auto town = circle_of({"alice", "bertrand"});
    // Her last step does not arrive: she is certified, and not in the directory.
    bool holds_back = true;
    town->its_operator().on_request(
        [&](Session /*session*/,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* put = std::get_if<protocol::PutStep>(&request);
            if (!holds_back || put == nullptr || put->step != 4) return std::nullopt;
            return protocol::Refused{protocol::Refusal::StoreFault};
        });
    const auto joining = town->begin("chloe", town->invite("chloe"), 3000);
    town->pass(10s);
    lose(*town, "bertrand");
    REQUIRE(town->play("alice", client::Sync{0}).done());
    REQUIRE(turn_of(*town, "alice") == InboxTurn{1});
    holds_back = false;
    town->pass(5min);
    REQUIRE(joining->end == Errand::End::Ended);
    REQUIRE(joining->played.done());
    sync_all(*town, {"alice", "chloe"});
    town->pass(1min);
    sync_all(*town, {"alice", "chloe"});
    check_all_agree(*town, {"officer", "alice", "chloe"});
    // What the lost device may have been told of her, it knows no more.
    CHECK(turn_of(*town, "chloe") == InboxTurn{1});
}

TEST_CASE("a relay that was restored hears again which token is in force") {
    auto town = circle_of({"alice", "bertrand", "chloe"});
    const Secret stolen = known_secret(*town, "bertrand", "chloe");
    town->stop_relay();
    const auto backup = town->relay_machine().disk.image();
    town->start_relay();
    lose(*town, "bertrand");
    sync_all(*town, {"alice", "chloe"});
    REQUIRE_FALSE(opens(*town, "chloe", stolen));
    town->stop_relay();
    town->restore_relay(backup);
    town->pass(10min);
    sync_all(*town, {"alice", "chloe"});
    CHECK_FALSE(opens(*town, "chloe", stolen));
    CHECK(opens(*town, "chloe", own_secret(*town, "chloe")));
}

TEST_CASE(
    "a device that dies at any write of its rotation has one secret in the end, known to all") {
    std::size_t died = 0;
    for (std::uint64_t at = 1; at < 400; at += 13) {
        auto town = Town::with({"alice", "bertrand", "chloe"});
        town->close("alice");
        lose(*town, "bertrand");
        REQUIRE(town->play("chloe", client::Sync{0}).done());
        // What she is sent meanwhile is closed under the old one.
        REQUIRE(town->play("chloe", client::CreateGroup{"à deux", {"alice"}}).done());
        REQUIRE(town->send("chloe", "à deux", "avant").done());
        town->machine("alice").plan({store::Trouble::Kind::Kill, at});
        static_cast<void>(town->begin("alice", client::Sync{0}));
        town->pass(30s);
        const bool over = !town->machine("alice").is_off();
        if (!over) ++died;
        town->tidy();
        town->machine("alice").disk.forget_plan();
        sync_all(*town, {"alice", "chloe"});
        INFO("at write " << at);
        CHECK(town->read("alice", "à deux") == Texts{"avant"});
        CHECK(turn_of(*town, "alice") == InboxTurn{1});
        CHECK(secrets_kept(*town, "alice") == 0);
        check_all_agree(*town, {"officer", "alice", "chloe"});
        if (over) break;
    }
    CHECK(died > 5);
}

TEST_CASE(
    "a relay that dies while inboxes are rotated has what was said of them, or hears it again") {
    for (int moment = 1; moment <= 6; ++moment) {
        auto town = circle_of({"alice", "bertrand", "chloe"});
        const auto losing = town->begin_officer(officer::ReportLost{"bertrand", Act::Do});
        town->pass(moment * 80ms);
        town->crash_relay(moment % 2 == 0 ? store::Ending::PowerLost : store::Ending::Killed);
        town->pass(2s);
        town->start_relay();
        // Whose question went down with it, asks again after five minutes.
        town->pass(8min);
        sync_all(*town, {"alice", "chloe"});
        INFO("moment " << moment);
        check_all_agree(*town, {"officer", "alice", "chloe"});
        CHECK(turn_of(*town, "alice").value == 1);
    }
}
