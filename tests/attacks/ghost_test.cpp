// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A device that somebody with the circle's root key certifies, logs nowhere, and brings into
// conversations by commits and Welcomes instead of by the directory.

#include <catch2/catch_test_macros.hpp>

#include "client/judge.h"
#include "client/resets.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "relay/chain.h"
#include "tests/attacks/coup.h"

namespace {

using namespace cercle;
using attacks::Coup;
using attacks::Texts;
using namespace std::chrono_literals;

struct Haunting : Coup {
    Haunting()
        : key(new_key()),
          reader(new_key()),
          ghost(ghost_of("bertrand", key)) {}

    crypto::SigningKey new_key() {
        return crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, town->random());
    }

    [[nodiscard]] const mls::Suite& suite() {
        return *client::suite_of(town->core("alice")->self.suite).value();
    }

    [[nodiscard]] mls::Profile profile() const {
        return client::leaf_profile(mls::x509_credential({ghost.certificate}),
                                    client::public_id<protocol::ReaderKey>(reader));
    }

    /// Chloe's device, which is on the thief's side, takes the ghost into the group.
    void add_to_group() {
        client::Core& chloe = *town->core("chloe");
        const WallTime now = chloe.world.clock.wall();
        const auto bundle = mls::make_key_package(
            suite(), key, profile(), mls::Lifetime::of(now - 1h, now + 24h * 30), town->random());
        client::Change change;
        change.packages = {bundle.message()};
        change.take = protocol::EntryId::random(town->random());
        auto transaction = must(chloe.database.begin());
        must(transaction.run(
            "INSERT INTO devices (device, member, certificate, inbox, inbox_secret, added)"
            " VALUES (?1, ?2, ?3, ?4, ?5, 0)",
            ghost.device,
            ghost.member,
            ghost.certificate,
            ghost.inbox,
            ghost.inbox_secret));
        must(client::Outbox::add(transaction,
                                 conversation("chloe")->row.log,
                                 client::OutboxKind::Change,
                                 codec::encode(change),
                                 std::nullopt));
        must(std::move(transaction).commit());
        chloe.work.set();
        town->pass(5s);
    }

    /// As "Bertrand", a direct conversation with Alice, whose key package anybody may take.
    void found_direct() {
        client::Core& alice = *town->core("alice");
        const auto rows =
            must(alice.database.all<Bytes, Secret>("SELECT public, secret FROM key_packages"));
        const auto hers =
            must(mls::KeyPackageBundle::load(std::get<0>(rows.front()), std::get<1>(rows.front())));
        const WallTime now = alice.world.clock.wall();
        const client::Judge judge(alice.self.root, now);
        const protocol::LogId smallest{};
        auto group = must(
            mls::Group::create(suite(),
                               smallest.view(),
                               key,
                               profile(),
                               client::policy_context({1, client::ConversationKind::Direct, {}}),
                               town->random()));
        mls::Intents intents;
        intents.adds.push_back(must(
            mls::VerifiedKeyPackage::verify(hers.package(), client::surroundings(judge, now))));
        auto staged = must(group.stage_commit(intents, {}, town->random()));
        const auto hers_reads = must(client::reader_of(staged.changes.added.front()));
        const envelope::WelcomeLetter letter{1, smallest, {}, {}, staged.welcome};
        const auto keys = identity::inbox_keys(alice.self.inbox_secret);
        const Bytes closed = envelope::close_letter(keys.closing_key, letter, town->random());
        const protocol::LogId inbox = alice.self.inbox;
        must(town->store().transact([&](relay::LogTables& tables) -> Result<void> {
            relay::Log made{};
            made.id = smallest;
            made.kind = relay::LogKind::Conversation;
            TRY_VOID(tables.insert_log(made));
            TRY_VOID(tables.put_reader(smallest, {hers_reads, {}, std::nullopt}));
            TRY(const auto there, tables.find_log(inbox));
            protocol::Entry entry{there->head.next(),
                                  protocol::EntryKind::Deposit,
                                  {},
                                  {1'800'000'000'000},
                                  closed,
                                  {}};
            entry.chain = relay::chain_after(there->chain, inbox, entry);
            return tables.append(inbox,
                                 entry,
                                 protocol::EntryId::random(town->random()),
                                 relay::content_hash(entry));
        }));
        town->close("alice");
        REQUIRE(town->play("alice", client::Sync{0}).done());
    }

    crypto::SigningKey key;
    crypto::SigningKey reader;
    identity::DirectoryDevice ghost;
};

}  // namespace

TEST_CASE("attack: a ghost that a member takes into a group is told no word, and raises an alarm") {
    Haunting haunting;
    haunting.add_to_group();
    REQUIRE(haunting.town->play("alice", client::Sync{0}).done());
    // Whose commit counts is the same for all, whatever each thinks of it.
    CHECK(haunting.members("alice") == 4);
    CHECK(haunting.members("bertrand") == 4);
    CHECK(haunting.alarms("alice") == Texts{"device-unlisted"});
    CHECK(haunting.alarms("bertrand") == Texts{"device-unlisted"});
    CHECK(haunting.town->send("alice", "cellule", "entre nous").outcome.rule == "held");
    // Nobody accepts what stands in no list.
    CHECK_FALSE(haunting.town->play("alice", client::AcceptMember{"bertrand"}).done());
    CHECK(haunting.read("bertrand").empty());
    using Act = client::ChangeGroup::Act;
    REQUIRE(haunting.town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "bertrand"})
                .done());
    REQUIRE(haunting.town->play("alice", client::Sync{0}).done());
    CHECK(haunting.read("chloe") == Texts{"entre nous"});
}

TEST_CASE("attack: a ghost of a member who is out of sight is told no word either") {
    Haunting haunting;
    auto& town = *haunting.town;
    REQUIRE(town.officer(officer::SetSections{"bertrand", {"south"}, {}}).done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    REQUIRE(town.send("alice", "bertrand", "encore là ?").outcome.rule == "unknown");
    haunting.add_to_group();
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(haunting.members("alice") == 4);
    // No page says which devices he has; but the log says that this is none.
    CHECK(haunting.alarms("alice") == Texts{"device-unlisted"});
    CHECK(town.send("alice", "cellule", "entre nous").outcome.rule == "held");
}

TEST_CASE("attack: a ghost that founds a direct conversation in a member's name is told no word") {
    Haunting haunting;
    haunting.found_direct();
    client::Core& alice = *haunting.town->core("alice");
    REQUIRE(alice.conversations.all().value().front().log == protocol::LogId{});
    CHECK(haunting.alarms("alice") == Texts{"device-unlisted"});
    // What is said to Bertrand goes to him, though the ghost's conversation has the smaller id.
    REQUIRE(haunting.town->send("alice", "bertrand", "pour toi").done());
    CHECK(haunting.town->read("bertrand", "alice") == Texts{"pour toi"});
    CHECK(client::resets::holds(*haunting.town->core("alice"), protocol::LogId{}).value());
}

TEST_CASE("a newcomer whose page comes late raises no alarm, and is written to once it is there") {
    Coup circle;
    auto& town = *circle.town;
    const auto directory = town.core("alice")->conversations.directory().value()->log;
    const auto alice = town.device_key("alice");
    town.its_operator().on_request(
        [&](town::Session session,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* read = std::get_if<protocol::Read>(&request);
            if (read == nullptr || read->log != directory) return std::nullopt;
            if (town.its_operator().device(session) != alice) return std::nullopt;
            // As if the relay were slow today.
            return protocol::Refused{protocol::Refusal::TooMany};
        });
    REQUIRE(town.enrol("denise").done());
    using Act = client::ChangeGroup::Act;
    REQUIRE(town.play("chloe", client::ChangeGroup{Act::Add, "cellule", "denise"}).done());
    REQUIRE(town.play("denise", client::Sync{0}).done());
    circle.say("denise", "me voici");
    static_cast<void>(town.play("alice", client::Sync{0}, 20));
    CHECK(circle.alarms("alice").empty());
    // What the newcomer says meanwhile is read, and bears a mark.
    CHECK(circle.read("alice") == Texts{"me voici"});
    CHECK(circle.gaps("alice") == Texts{"device-unlisted"});
    town.its_operator().be_honest();
    town.close("alice");
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(circle.alarms("alice").empty());
    circle.say("alice", "bienvenue");
    CHECK(circle.read("denise").back() == "bienvenue");
}

TEST_CASE("attack: a ghost beside a member's new device is not accepted with it") {
    Haunting haunting;
    auto& town = *haunting.town;
    haunting.add_to_group();
    // Bertrand has a new phone; the ghost is logged as well this time.
    auto phone = haunting.ghost_of("bertrand");
    auto ghost = haunting.ghost_of("bertrand", haunting.key);
    ghost.device = haunting.ghost.device;
    ghost.certificate = haunting.ghost.certificate;
    std::vector<identity::TransparencyLeaf> leaves;
    identity::DirectoryPage page;
    for (auto* device : {&phone, &ghost}) {
        leaves.push_back(
            identity::leaf_of_device(device->member, device->device, device->certificate));
        page.devices.push_back(std::move(*device));
    }
    haunting.publish(std::move(page), leaves);
    CHECK(town.send("alice", "cellule", "entre nous").outcome.rule == "held");
    const auto listed = town.play("alice", client::ListRequests{});
    std::vector<client::RequestShown> requests;
    for (const auto& event : listed.events) {
        const auto* request = std::get_if<client::RequestShown>(&event);
        if (request != nullptr) requests.push_back(*request);
    }
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].words != requests[1].words);
    CHECK_FALSE(requests[0].words.empty());
    // By his name alone nobody says which of them is meant.
    CHECK(town.play("alice", client::AcceptMember{"bertrand"}).outcome.rule == "ambiguous");
    const auto words = client::resets::words_of(haunting.ghost.device, haunting.key.public_key());
    const bool ghost_first = requests[0].words == words;
    CHECK(requests[ghost_first ? 0 : 1].words == words);
    REQUIRE(town.play("alice", client::AcceptMember{requests[ghost_first ? 1 : 0].request}).done());
    CHECK(town.send("alice", "cellule", "et toi ?").outcome.rule == "held");
    REQUIRE(town.play("alice", client::AcceptMember{requests[ghost_first ? 0 : 1].request}).done());
    CHECK(haunting.read("chloe") == Texts{"entre nous", "et toi ?"});
}
