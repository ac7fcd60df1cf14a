// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a relay cannot do to the sessions it serves: frames lost, doubled, changed, held back and
// answered wrongly, and inboxes into which it puts what it likes.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "relay/chain.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;
using Texts = std::vector<std::string>;

/// Calls `spoil` for every frame, one in `often`.
template <class Spoil>
town::Operator::ToDevice now_and_then(std::size_t often, Spoil spoil) {
    auto count = std::make_shared<std::size_t>(0);
    return [count, often, spoil](town::Session /*session*/, Bytes frame) {
        if (++*count % often != 0) return std::vector<Bytes>{std::move(frame)};
        return spoil(std::move(frame));
    };
}

/// Twenty messages each way while the operator is at it, and then in peace.
void talk_through(Town& town) {
    Texts said;
    for (int number = 0; number < 10; ++number) {
        for (const auto& [from, to] : {std::pair("alice", "bertrand"), {"bertrand", "alice"}}) {
            const std::string text = std::string(from) + " " + std::to_string(number);
            const auto sent = town.play(from, client::Send{to, text, {}}, 5);
            // Written is written, whatever the relay does.
            if (sent.first<client::Sent>().id.empty()) continue;
            said.push_back(text);
        }
    }
    town.its_operator().be_honest();
    town.pass(std::chrono::minutes(2));
    for (int round = 0; round < 3; ++round) {
        REQUIRE(town.play("alice", client::Sync{0}).done());
        REQUIRE(town.play("bertrand", client::Sync{0}).done());
    }
    auto at_alice = town.read("alice", "bertrand");
    auto at_bertrand = town.read("bertrand", "alice");
    CHECK(at_alice == at_bertrand);
    std::ranges::sort(at_alice);
    std::ranges::sort(said);
    CHECK(at_alice == said);
    CHECK(said.size() > 10);
}

}  // namespace

TEST_CASE("dropped: frames that never arrive cost time and nothing else") {
    auto town = Town::with({"alice", "bertrand"});
    town->its_operator().on_frame_to_device(
        now_and_then(7, [](const Bytes& /*frame*/) { return std::vector<Bytes>{}; }));
    talk_through(*town);
}

TEST_CASE("doubled: answers and news that come twice are taken once") {
    auto town = Town::with({"alice", "bertrand"});
    town->its_operator().on_frame_to_device(
        now_and_then(1, [](const Bytes& frame) { return std::vector<Bytes>{frame, frame}; }));
    talk_through(*town);
}

TEST_CASE("doubled: requests that reach the relay twice are done once") {
    auto town = Town::with({"alice", "bertrand"});
    town->its_operator().on_frame_to_relay(
        now_and_then(1, [](const Bytes& frame) { return std::vector<Bytes>{frame, frame}; }));
    talk_through(*town);
}

TEST_CASE("held back: an answer that comes one frame late is still the right one's") {
    auto town = Town::with({"alice", "bertrand"});
    auto kept = std::make_shared<std::map<town::Session, Bytes>>();
    auto count = std::make_shared<std::size_t>(0);
    town->its_operator().on_frame_to_device([kept, count](town::Session session, Bytes frame) {
        auto found = kept->find(session);
        if (found != kept->end()) {
            std::vector<Bytes> both{std::move(frame), std::move(found->second)};
            kept->erase(found);
            return both;
        }
        if (++*count % 9 != 0) return std::vector<Bytes>{std::move(frame)};
        kept->emplace(session, std::move(frame));
        return std::vector<Bytes>{};
    });
    talk_through(*town);
}

TEST_CASE("changed: a frame with a flipped bit loses the session and nothing else") {
    auto town = Town::with({"alice", "bertrand"});
    auto at = std::make_shared<std::size_t>(0);
    town->its_operator().on_frame_to_device(now_and_then(5, [at](Bytes frame) {
        *at += 37;
        frame[*at % frame.size()] ^= static_cast<std::uint8_t>(1U << *at % 8);
        return std::vector<Bytes>{std::move(frame)};
    }));
    talk_through(*town);
}

TEST_CASE("cut: a frame that ends early loses the session and nothing else") {
    auto town = Town::with({"alice", "bertrand"});
    auto at = std::make_shared<std::size_t>(0);
    town->its_operator().on_frame_to_device(now_and_then(5, [at](Bytes frame) {
        *at += 13;
        frame.resize(*at % frame.size());
        return std::vector<Bytes>{std::move(frame)};
    }));
    talk_through(*town);
}

TEST_CASE("garbage: whatever else a relay says, the device says no to it and goes on") {
    auto town = Town::with({"alice", "bertrand"});
    auto& random = town->random();
    town->its_operator().on_frame_to_device(now_and_then(6, [&random](const Bytes& frame) {
        return std::vector<Bytes>{random.bytes(random.below(400)), frame};
    }));
    talk_through(*town);
}

TEST_CASE("swapped key package: a device adds whom it meant, or nobody") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    // Whatever key package is asked for, he gives one of Chloe's, or garbage of his own.
    std::optional<Bytes> chloes;
    const auto take = town->play("bertrand", client::Send{"chloe", "bonjour", {}});
    REQUIRE(take.done());
    for (const bool garbage : {false, true}) {
        town->its_operator().on_frame_to_device([&, garbage](town::Session /*session*/,
                                                             Bytes frame) {
            auto said = codec::decode<protocol::FromRelay>(frame);
            auto* response = said ? std::get_if<protocol::Response>(&*said) : nullptr;
            auto* package = response ? std::get_if<protocol::Package>(&response->body) : nullptr;
            if (package == nullptr) return std::vector<Bytes>{std::move(frame)};
            if (garbage) {
                package->package = town->random().bytes(1024);
            } else if (chloes) {
                package->package = *chloes;
            } else {
                chloes = package->package;
            }
            return std::vector<Bytes>{codec::encode(*said)};
        });
        using client::CreateGroup;
        if (!garbage) REQUIRE(town->play("alice", CreateGroup{"avec chloe", {"chloe"}}).done());
        const auto made = town->play("alice", CreateGroup{"avec bertrand", {"bertrand"}}, 20);
        CHECK_FALSE(made.done());
        const auto members = town->play("alice", client::ListGroupMembers{"avec bertrand"}, 5);
        CHECK(members.events.size() <= 1);
    }
}

TEST_CASE("foreign Welcome: what others put into an inbox takes nobody into anything") {
    auto town = Town::with({"alice", "bertrand"});
    auto elsewhere = std::make_unique<Town>(99);
    REQUIRE(elsewhere->officer(officer::Found{"Ailleurs", "relay:7443", elsewhere->relay_key()})
                .done());
    for (const char* name : {"mallory", "marc"})
        REQUIRE(elsewhere->enrol(name).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    // The relay cannot close a letter; a member who turned against Bertrand can, and lends it to
    // him: a Welcome to a group of another circle, one to a group that is not the letter's, and
    // letters that are none.
    client::Core& core = *town->core("bertrand");
    const auto keys = identity::inbox_keys(core.self.inbox_secret);
    std::vector<Bytes> letters;
    const auto put = [&](envelope::WelcomeLetter letter) {
        letters.push_back(envelope::close_letter(keys.closing_key, letter, town->random()));
    };
    REQUIRE(elsewhere->send("mallory", "marc", "bonjour").done());
    const auto looked = elsewhere->store().look([&](relay::LogTables& tables) -> Result<void> {
        const auto inbox = elsewhere->core("marc")->self.inbox;
        TRY(const auto entries, tables.entries(inbox, {1}, {1000}, 1000, std::size_t{1} << 20U));
        const auto marcs = identity::inbox_keys(elsewhere->core("marc")->self.inbox_secret);
        for (const auto& entry : entries) {
            TRY(auto letter, envelope::open_letter(marcs.closing_key, entry.payload));
            put(letter);
            letter.log = protocol::LogId::random(town->random());
            put(std::move(letter));
        }
        return {};
    });
    REQUIRE(looked.has_value());
    REQUIRE(letters.size() >= 2);
    put({1, core.self.inbox, {1}, {}, to_bytes("no Welcome at all")});
    letters.push_back(town->random().bytes(1024));
    letters.emplace_back();

    const auto before = core.conversations.all().value().size();
    const auto inbox = core.self.inbox;
    const protocol::Stamp now{
        static_cast<std::uint64_t>(core.world.clock.wall().time_since_epoch().count())};
    const auto deposited = town->store().transact([&](relay::LogTables& tables) -> Result<void> {
        for (const Bytes& letter : letters) {
            TRY(const auto log, tables.find_log(inbox));
            protocol::Entry entry{
                log->head.next(), protocol::EntryKind::Deposit, {}, now, letter, {}};
            entry.chain = relay::chain_after(log->chain, inbox, entry);
            const auto id =
                protocol::EntryId::from(entry.chain.view().first(protocol::EntryId::size));
            TRY_VOID(tables.append(inbox, entry, *id, relay::content_hash(entry)));
        }
        return {};
    });
    REQUIRE(deposited.has_value());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->core("bertrand")->conversations.all().value().size() == before);
    // And what comes after them is still read.
    REQUIRE(town->send("alice", "bertrand", "toujours là").done());
    CHECK(town->read("bertrand", "alice") == Texts{"toujours là"});
}
