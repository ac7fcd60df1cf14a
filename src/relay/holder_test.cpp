// SPDX-License-Identifier: AGPL-3.0-or-later

// Sessions of those who hold one key and nothing else: an outsider with a card, and a device that
// is locked still; over the injected network, through intake and group commit.

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "tests/stage/calling.h"
#include "tests/stage/locked.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;
using protocol::GuessOutcome;

Code code_of(const auto& result) {
    return result.has_value() ? Code::unknown : result.error().code;
}

/// Ana's phone, with a share at the relay.
struct Phone : Locked {
    explicit Phone(Town& town) {
        Peer ana = town.session(town.ana);
        must(ana.ask(request()).has_value());
    }
};

std::optional<protocol::Guessed> guess(Town& town, const Locked& phone, protocol::Guess request) {
    Peer peer = town.session(phone.pre_unlock);
    auto answer = peer.ask(std::move(request));
    if (!answer.has_value()) return std::nullopt;
    return std::get<protocol::Guessed>(*std::move(answer));
}

}  // namespace

TEST_CASE("a locked device gets its share with its pre-unlock key, over a session of its own") {
    Town town;
    Phone phone(town);
    const auto wrong = guess(town, phone, phone.wrong_guess());
    REQUIRE(wrong.has_value());
    CHECK(wrong->outcome == GuessOutcome::Wrong);
    CHECK(wrong->left == 9);
    // Told at once when it may try again, and not before.
    const auto early = guess(town, phone, phone.right_guess());
    REQUIRE(early.has_value());
    CHECK(early->outcome == GuessOutcome::Early);
    town.loop.run_for(Duration{static_cast<std::int64_t>(early->wait)});
    const auto right = guess(town, phone, phone.right_guess());
    REQUIRE(right.has_value());
    CHECK(right->outcome == GuessOutcome::Right);
    CHECK(static_cast<const Secret&>(*right->share) == phone.share);
}

TEST_CASE(
    "attack: a holder's proof that is forged, or made for another connection, opens nothing") {
    Town town;
    const Visitor zoe;
    Peer other = town.stranger();
    Peer peer = town.stranger();
    CHECK(code_of(peer.hello(other.proof(zoe.key))) == Code::refused);
    Peer again = town.stranger();
    auto proof = again.proof(zoe.key);
    proof.key = as<HolderKey>(Visitor{}.key);
    CHECK(code_of(again.hello(proof)) == Code::refused);
    // Nor is a device's session key one, whose statement has another label.
    Peer device = town.stranger();
    const auto disguised = device.proof(town.ana);
    CHECK(code_of(device.hello(protocol::AsHolder{as<HolderKey>(town.ana.key),
                                                  disguised.signature})) == Code::refused);
}

TEST_CASE("attack: who has no share, a dropped one or an old key, reads one and the same refusal") {
    Town town;
    Phone phone(town);
    const auto frame_for = [&](const SigningKey& key, protocol::Guess request) {
        Peer peer = town.session(key);
        peer.ask_later(std::move(request));
        return must(peer.receive());
    };
    const Locked stranger;
    const Bytes refusal = frame_for(stranger.pre_unlock, stranger.right_guess());
    const auto copied = phone.copy();
    REQUIRE(guess(town, phone, phone.right_guess())->outcome == GuessOutcome::Right);
    phone.move_on();
    CHECK(refusal == frame_for(copied.pre_unlock, phone.wrong_guess()));
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(protocol::DropShare{}).has_value());
    CHECK(refusal == frame_for(phone.pre_unlock, phone.right_guess()));
    // A card that is none reads so, too.
    const Ticket card{town.ana.inbox};
    Peer zoe = town.session(stranger.pre_unlock);
    zoe.ask_later(card.claim("letter"));
    CHECK(refusal == must(zoe.receive()));
    Peer max = town.session(stranger.pre_unlock);
    max.ask_later(card.use("letter"));
    CHECK(refusal == must(max.receive()));
}

TEST_CASE("a guess is counted although the batch that it came in fails, and once") {
    Town town;
    Phone phone(town);
    const auto request = [&] { return phone.guess_at("wrong"); };
    {
        Peer peer = town.session(phone.pre_unlock);
        town.fragile->fails_next = true;
        CHECK(code_of(peer.ask(request())) == Code::unreachable_peer);
    }
    const auto again = guess(town, phone, request());
    REQUIRE(again.has_value());
    CHECK(again->outcome == GuessOutcome::Wrong);
    CHECK(again->wrong == 1);
}

TEST_CASE("the officer's dropping of a device takes its unlock share with it") {
    Town town;
    Phone phone(town);
    Peer officer = town.session(town.officer);
    REQUIRE(
        officer.ask(town.officer.order(protocol::DropDevice{town.ana.device_key()})).has_value());
    CHECK_FALSE(guess(town, phone, phone.right_guess()).has_value());
    town.stop();
    town.fragile.reset();
    const auto store = town.directory.open_store();
    REQUIRE(store
                ->look([&](LogTables& tables) -> Result<void> {
                    TRY(const auto left, tables.unlock_shares()->device_of(phone.key()));
                    CHECK_FALSE(left.has_value());
                    return {};
                })
                .has_value());
}

TEST_CASE("attack: a share that came back without its device is given to nobody") {
    Town town;
    Phone phone(town);
    // As if the shares' file alone had been brought back after the device was dropped.
    town.stop();
    town.fragile.reset();
    const auto shares = town.directory.path() / "shares.db";
    const auto copy = town.directory.path() / "copy";
    std::filesystem::copy_file(shares, copy);
    town.store = town.directory.open_store();
    REQUIRE(town.ask(town.officer.asker(),
                     town.officer.order(protocol::DropDevice{town.ana.device_key()}))
                .has_value());
    town.store.reset();
    std::filesystem::copy_file(copy, shares, std::filesystem::copy_options::overwrite_existing);
    town.store = town.directory.open_store();
    town.start();
    CHECK_FALSE(guess(town, phone, phone.right_guess()).has_value());
}

TEST_CASE("frozen shares say so to who holds their key, until the officer's order re-arms them") {
    Town town;
    Phone phone(town);
    town.stop();
    town.fragile.reset();
    // Anchored once, and started without: what a disk of before would look like.
    const auto open = [&](std::unique_ptr<Anchor> anchor) {
        auto shares = must(open_sqlite_shares({town.directory.path() / "shares.db"}, chance()));
        return must(UnlockShares::open(std::move(shares), std::move(anchor)));
    };
    CHECK(open(system_anchor(town.directory.path() / "anchor"))->standing() ==
          UnlockShares::Standing::Anchored);
    town.store = town.directory.open_store();
    town.start();
    {
        Peer peer = town.session(phone.pre_unlock);
        CHECK(code_of(peer.ask(phone.right_guess())) == Code::frozen);
        Peer ana = town.session(town.ana);
        CHECK(code_of(ana.ask(phone.request())) == Code::frozen);
        Peer stranger = town.session(Visitor{}.key);
        CHECK(code_of(stranger.ask(phone.right_guess())) == Code::refused);
    }
    // Not everybody's order.
    Peer officer = town.session(town.officer);
    auto forged = town.officer.numbered(town.officer.last + 1, protocol::RearmShares{});
    forged.order.signature.at(0) ^= 1U;
    CHECK(code_of(officer.ask(std::move(forged))) == Code::refused);
    REQUIRE(officer.ask(town.officer.order(protocol::RearmShares{})).has_value());
    CHECK(guess(town, phone, phone.right_guess())->outcome == GuessOutcome::Right);
}

TEST_CASE("an outsider claims a card and uses it, and the owner's device hears of each") {
    Town town;
    const Visitor zoe;
    const Ticket card{town.ana.inbox};
    Peer ana = town.session(town.ana);
    REQUIRE(ana.ask(town.ana.opening(town.ana.inbox, ana.binding())).has_value());
    REQUIRE(ana.ask(card.put()).has_value());
    Peer guest = town.session(zoe.key);
    const auto face = guest.ask(card.read());
    REQUIRE(face.has_value());
    CHECK(std::get<protocol::CardFace>(*face).face == card.face);
    REQUIRE(guest.ask(card.claim("I am Zoe")).has_value());
    REQUIRE(ana.ask(card.bind(town.ana, zoe)).has_value());
    REQUIRE(guest.ask(card.use("letter")).has_value());
    ana.listen();
    REQUIRE_FALSE(ana.news.empty());
    CHECK(std::get<protocol::Grew>(ana.news.back()).head.value == 2);
    const auto read = ana.ask(protocol::Read{town.ana.inbox, {0}});
    REQUIRE(read.has_value());
    const auto& entries = std::get<protocol::Entries>(*read).entries;
    REQUIRE(entries.size() == 2);
    const auto letter = codec::decode<protocol::CardLetter>(entries.at(1).payload);
    REQUIRE(letter.has_value());
    CHECK(letter->tier == protocol::Tier::Ring);
    CHECK(letter->holder == zoe.holder_key());
    // Not in a session that has not opened the inbox.
    Peer second = town.session(town.ana);
    CHECK(code_of(second.ask(protocol::ListCards{town.ana.inbox, {}})) == Code::refused);
}

TEST_CASE("holders are strangers: counted with them, and let go after their time") {
    Town town;
    std::vector<std::unique_ptr<Peer>> strangers;
    for (std::size_t at = 0; at < bounds::strangers; ++at) {
        strangers.push_back(std::make_unique<Peer>(town.stranger()));
        REQUIRE(strangers.back()->hello(protocol::AsNewcomer{}).has_value());
    }
    Peer late = town.stranger();
    CHECK(code_of(late.hello(late.proof(Visitor{}.key))) == Code::too_many);
    town.loop.run_for(bounds::patience_for_strangers + std::chrono::seconds{10});
    CHECK(town.server->sessions() == 0);
}
