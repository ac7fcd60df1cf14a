// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a lost phone cannot do with the relay's help, and what a relay cannot do about a lost phone.

#include "client/lost.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "officer/register.h"
#include "relay/chain.h"
#include "tests/attacks/scene.h"
#include "tests/must.h"
#include "tests/stage/forger.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using attacks::Scene;
using attacks::Texts;
using Act = officer::ReportLost::Act;
using namespace std::chrono_literals;

struct Theft : Scene {
    Theft()
        : Scene({"alice", "bertrand", "chloe"}) {
        say("alice", "avant");
        REQUIRE(read("bertrand") == Texts{"avant"});
        REQUIRE(read("chloe") == Texts{"avant"});
    }

    town::Played lose(const std::string& which) {
        return town->officer(officer::ReportLost{which, Act::Do});
    }

    [[nodiscard]] identity::RevocationNumber held(const std::string& home) {
        return client::lost::holding(town->core(home)->database).value().held;
    }

    [[nodiscard]] identity::RevocationNumber newest(const std::string& home) {
        return client::lost::holding(town->core(home)->database).value().newest;
    }

    /// A letter that somebody who knows an inbox's secret has made, put there by the relay.
    void put_letter(const std::string& home, Bytes payload) {
        const protocol::LogId inbox = town->core(home)->self.inbox;
        const auto put = town->store().transact([&](relay::LogTables& tables) -> Result<void> {
            TRY(const auto there, tables.find_log(inbox));
            protocol::Entry entry{there->head.next(),
                                  protocol::EntryKind::Deposit,
                                  {},
                                  {1'800'000'000'000},
                                  std::move(payload),
                                  {}};
            entry.chain = relay::chain_after(there->chain, inbox, entry);
            return tables.append(inbox,
                                 entry,
                                 protocol::EntryId::random(town->random()),
                                 relay::content_hash(entry));
        });
        REQUIRE(put.has_value());
        town->close(home);
        REQUIRE(town->play(home, client::Sync{0}).done());
    }

    [[nodiscard]] Secret closing_key(const std::string& home) {
        return identity::inbox_keys(town->core(home)->self.inbox_secret).closing_key;
    }
};

}  // namespace

TEST_CASE(
    "attack: a lost device's commit before its Remove counts for all alike, its words for none") {
    Theft theft;
    auto& town = *theft.town;
    REQUIRE(town.enrol("denise").done());
    theft.keep_away("alice");
    theft.keep_away("chloe");
    // The relay's clock is ahead, so that the thief is still let in after the officer's word.
    town.relay_machine().clock.jump(1h);
    using Change = client::ChangeGroup;
    REQUIRE(town.play("bertrand", Change{Change::Act::Add, "cellule", "denise"}).done());
    REQUIRE(town.send("bertrand", "cellule", "c'est bien moi").done());
    static_cast<void>(theft.lose("bertrand"));
    for (const std::string home : {"alice", "chloe"}) {
        REQUIRE(town.play(home, client::Sync{0}).done());
        CHECK(theft.read(home) == Texts{"avant"});
        CHECK(theft.gaps(home) == Texts{"revoked"});
    }
    REQUIRE(town.play("denise", client::Sync{0}).done());
    // Alice, Chloe and Denise stand in one epoch, without him.
    for (const std::string home : {"alice", "chloe", "denise"}) {
        REQUIRE(town.play(home, client::Sync{0}).done());
        CHECK(theft.members(home) == 3);
    }
    theft.say("alice", "entre nous");
    CHECK(theft.read("chloe") == Texts{"avant", "entre nous"});
    CHECK(theft.read("denise").back() == "entre nous");
}

TEST_CASE(
    "attack: a message of a lost device that the relay dates back is passed over behind a later "
    "one") {
    Theft theft;
    auto& town = *theft.town;
    theft.keep_away("chloe");
    // What the thief's device closes, the relay will put behind what Alice says afterwards.
    client::Core& core = *town.core("bertrand");
    auto& conversation = *core.conversations.load(theft.log).value();
    const auto closed = conversation.group.protect(
        envelope::encode_content({envelope::MessageId::random(town.random()),
                                  {1},
                                  std::string(envelope::text_type),
                                  to_bytes("c'est bien moi")}),
        codec::encode(envelope::Seen{1, conversation.seq, conversation.chain}),
        0,
        town.random());
    REQUIRE(closed.has_value());
    const protocol::Epoch then{conversation.group.epoch().value};
    // Alice has not heard of it yet and says something, in the same epoch.
    town.pass(1min);
    const auto lost_at = town.loop().clock().wall();
    theft.say("alice", "quelqu'un ?");
    FakeLog fake(town, theft.log);
    protocol::Entry late = fake.entries.back();
    REQUIRE(late.epoch == then);
    late.payload = *closed;
    late.stamp = {1};
    fake.entries.push_back(late);
    // The officer's clock says that it was lost before Alice spoke.
    town.machine("officer").clock.jump(lost_at - 1s - town.loop().clock().wall());
    static_cast<void>(theft.lose("bertrand"));
    fake.show_to();
    // She learns of it by the letter in her inbox, which is read first.
    CHECK(theft.read("chloe") == Texts{"avant", "quelqu'un ?"});
    CHECK(theft.gaps("chloe") == Texts{"revoked"});
}

TEST_CASE("attack: a Welcome of a lost device, given out after the word about it, leads nowhere") {
    Theft theft;
    auto& town = *theft.town;
    const protocol::LogId inbox = town.core("alice")->self.inbox;
    theft.keep_away("alice");
    REQUIRE(town.play("bertrand", client::CreateGroup{"piège", {"alice"}}).done());
    static_cast<void>(theft.lose("bertrand"));
    FakeLog letters(town, inbox);
    REQUIRE(letters.entries.size() >= 2);
    std::swap(letters.entries.at(letters.entries.size() - 1),
              letters.entries.at(letters.entries.size() - 2));
    letters.show_to();
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(theft.held("alice") == identity::RevocationNumber{1});
    CHECK_FALSE(town.core("alice")->conversations.group("piège").has_value());
}

TEST_CASE(
    "attack: a relay that withholds the page, or the letters, keeps no revocation from anybody") {
    Theft theft;
    auto& town = *theft.town;
    // Alice gets no letter, Chloe no page.
    const protocol::LogId inbox = town.core("alice")->self.inbox;
    const auto page_log = town.core("chloe")->conversations.directory().value()->log;
    const auto alice = town.device_key("alice");
    const auto chloe = town.device_key("chloe");
    theft.keep_away("alice");
    theft.keep_away("chloe");
    static_cast<void>(theft.lose("bertrand"));
    town.its_operator().on_request(
        [&](town::Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* read = std::get_if<protocol::Read>(&request);
            if (read == nullptr) return std::nullopt;
            const auto device = town.its_operator().device(session);
            const bool hides = (device == alice && read->log == inbox) ||
                               (device == chloe && read->log == page_log);
            if (!hides) return std::nullopt;
            return protocol::Entries{{}, read->after};
        });
    REQUIRE(town.play("alice", client::Sync{0}).done());
    REQUIRE(town.play("chloe", client::Sync{0}).done());
    CHECK(theft.held("alice") == identity::RevocationNumber{1});
    CHECK(theft.held("chloe") == identity::RevocationNumber{1});
    CHECK(theft.members("alice") == 2);
    CHECK(theft.members("chloe") == 2);
}

TEST_CASE("attack: a revocation that was withheld shows by the number of the next one") {
    Theft theft;
    auto& town = *theft.town;
    REQUIRE(town.enrol("denise").done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    const auto page_log = town.core("alice")->conversations.directory().value()->log;
    const protocol::LogId inbox = town.core("alice")->self.inbox;
    theft.keep_away("alice");
    static_cast<void>(theft.lose("bertrand"));
    static_cast<void>(theft.lose("denise"));
    FakeLog letters(town, inbox);
    // The letter about the first lost device is left out, and every page.
    letters.entries.erase(letters.entries.end() - 2);
    letters.show_to();
    town.its_operator().on_frame_to_relay([&](town::Session session, Bytes frame) {
        static_cast<void>(session);
        const auto request = codec::decode<protocol::Request>(frame);
        const auto* read = request ? std::get_if<protocol::Read>(&request->body) : nullptr;
        if (read != nullptr && read->log == page_log) return std::vector<Bytes>{};
        return std::vector<Bytes>{std::move(frame)};
    });
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    CHECK(theft.held("alice") == identity::RevocationNumber{0});
    CHECK(theft.newest("alice") == identity::RevocationNumber{2});
    // Her person is told.
    const auto status = town.play("alice", client::ShowStatus{}, 0);
    CHECK(status.first<client::Notice>().sentence.contains("kept from this one"));
    // And with the next page, of whatever it tells, she has them all.
    town.its_operator().be_honest();
    theft.keep_away("alice");
    // Her inbox is not the one that she was shown, and says so; the directory is.
    CHECK(town.play("alice", client::Sync{0}).outcome.rule == "chain-broken");
    CHECK(theft.held("alice") == identity::RevocationNumber{2});
}

TEST_CASE("attack: a revocation that the officer did not sign shuts nobody out") {
    Theft theft;
    auto& town = *theft.town;
    const auto another =
        identity::Authority::found(town.loop().clock().wall(), town.random()).value();
    const auto& self = town.core("chloe")->self;
    const auto forged =
        identity::sign_revocation({1, {1}, self.device, self.member, {1'800'000'000'000}}, another);
    theft.put_letter("alice",
                     envelope::close_word(theft.closing_key("alice"),
                                          envelope::Word::Revocation,
                                          codec::encode(forged),
                                          town.random()));
    CHECK(theft.newest("alice") == identity::RevocationNumber{0});
    theft.say("alice", "toujours trois");
    CHECK(theft.read("chloe") == Texts{"avant", "toujours trois"});
}

TEST_CASE("attack: a revocation in a letter that is signed by Ed25519 alone shuts nobody out") {
    Theft theft;
    auto& town = *theft.town;
    REQUIRE(town.officer(officer::ListMembers{}).done());
    const auto genuine = must(officer::Register(town.core("officer")->database).authority());
    const auto forger = stage::forger_of(genuine->authority, town.random());
    const auto& self = town.core("chloe")->self;
    const identity::Revocation lost{1, {1}, self.device, self.member, {1'800'000'000'000}};
    const auto put = [&](const identity::Authority& by) {
        theft.put_letter("alice",
                         envelope::close_word(theft.closing_key("alice"),
                                              envelope::Word::Revocation,
                                              codec::encode(identity::sign_revocation(lost, by)),
                                              town.random()));
    };
    put(forger);
    CHECK(theft.newest("alice") == identity::RevocationNumber{0});
    theft.say("alice", "toujours trois");
    CHECK(theft.read("chloe") == Texts{"avant", "toujours trois"});
    // The same by both keys is the officer's.
    put(genuine->authority);
    CHECK(theft.newest("alice") == identity::RevocationNumber{1});
}

TEST_CASE("attack: a page of before, taken again, brings no lost device back") {
    Theft theft;
    auto& town = *theft.town;
    client::Core& alices = *town.core("alice");
    const auto member = alices.people.resolve("bertrand").value();
    const auto devices = alices.people.devices_of(member);
    REQUIRE(devices.has_value());
    const client::PersonDevice& device = devices->front();
    identity::DirectoryPage before;
    before.number = {1};
    before.circle_name = "Conseil";
    before.devices.push_back({device.device,
                              device.member,
                              device.certificate,
                              device.inbox,
                              device.inbox_secret.copy(),
                              {1}});
    REQUIRE(theft.lose("bertrand").done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    auto again = [&](std::uint64_t number) {
        before.number = {number};
        auto transaction = alices.database.begin();
        REQUIRE(transaction.has_value());
        REQUIRE(client::People::take_page(*transaction, town.random(), before).has_value());
        REQUIRE(std::move(*transaction).commit().has_value());
        return alices.people.device(device.device).value()->revoked.has_value();
    };
    CHECK(again(1));
    // Not even one that would be the newest.
    CHECK(again(1'000'000));
}

TEST_CASE(
    "attack: nobody reports to the officer in another device's name, or goes back to an earlier "
    "report") {
    Theft theft;
    auto& town = *theft.town;
    REQUIRE(theft.lose("bertrand").done());
    const auto& chloe = town.core("chloe")->self;
    const auto& alice = town.core("alice")->self;
    const auto device = town.core("alice")->people.devices_of(
        town.core("alice")->people.resolve("Officer").value());
    REQUIRE(device.has_value());
    const auto keys = identity::inbox_keys(device->front().inbox_secret);
    const protocol::LogId inbox = device->front().inbox;
    const auto put = [&](const identity::SignedReport& report) {
        const Bytes payload = envelope::close_word(
            keys.closing_key, envelope::Word::Report, codec::encode(report), town.random());
        REQUIRE(town.store()
                    .transact([&](relay::LogTables& tables) -> Result<void> {
                        TRY(const auto log, tables.find_log(inbox));
                        protocol::Entry entry{log->head.next(),
                                              protocol::EntryKind::Deposit,
                                              {},
                                              {1'800'000'000'000},
                                              payload,
                                              {}};
                        entry.chain = relay::chain_after(log->chain, inbox, entry);
                        return tables.append(inbox,
                                             entry,
                                             protocol::EntryId::random(town.random()),
                                             relay::content_hash(entry));
                    })
                    .has_value());
    };
    // As Chloe, by Alice's key; and Alice's own of before she had done anything.
    put(identity::sign_report({1, chloe.device, 99, {1}, 0, 7}, alice.signature_key));
    put(identity::sign_report({1, alice.device, 0, {0}, 0, 7}, alice.signature_key));
    town.close("officer");
    const auto told = theft.lose("bertrand");
    REQUIRE(told.done());
    for (const auto& event : told.officer_events) {
        const auto* progress = std::get_if<officer::LostProgress>(&event);
        if (progress != nullptr) CHECK(progress->pending == 0);
    }
}

TEST_CASE("attack: what a lost device says in a direct conversation, dated back, is marked") {
    Theft theft;
    auto& town = *theft.town;
    REQUIRE(town.send("alice", "bertrand", "à nous").done());
    REQUIRE(town.read("bertrand", "alice") == Texts{"à nous"});
    client::Core& core = *town.core("bertrand");
    const auto log = core.conversations.direct_with(town.core("alice")->self.member).value()->log;
    auto& conversation = *core.conversations.load(log).value();
    const auto closed = conversation.group.protect(
        envelope::encode_content({envelope::MessageId::random(town.random()),
                                  {1},
                                  std::string(envelope::text_type),
                                  to_bytes("c'est bien moi")}),
        codec::encode(envelope::Seen{1, conversation.seq, conversation.chain}),
        0,
        town.random());
    REQUIRE(closed.has_value());
    theft.keep_away("alice");
    town.pass(1min);
    static_cast<void>(theft.lose("bertrand"));
    FakeLog fake(town, log);
    protocol::Entry late = fake.entries.back();
    late.epoch = {conversation.group.epoch().value};
    late.kind = protocol::EntryKind::Application;
    late.payload = *closed;
    late.stamp = {1};
    fake.entries.push_back(late);
    // Her Remove, and all else, is kept from her.
    fake.show_to({"alice"});
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    const auto played = town.play("alice", client::Read{"bertrand", 0, 0, client::Follow::No}, 5);
    Texts gaps;
    for (const auto& event : played.events) {
        if (const auto* gap = std::get_if<client::Gap>(&event)) gaps.push_back(gap->reason);
    }
    CHECK(theft.held("alice") == identity::RevocationNumber{1});
    // And that her Remove, which the relay has taken, is not shown is another thing that she sees.
    CHECK(gaps == Texts{"revoked", "chain-broken"});
    CHECK(played.texts() == Texts{"à nous", "c'est bien moi"});
}
