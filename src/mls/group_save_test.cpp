// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/member.h"

namespace cercle::mls {
namespace {

Group reloaded(const Group& group, const crypto::SigningKey& key) {
    const Saved saved = group.save();
    auto loaded = Group::load(saved.public_part, saved.secret_part, key);
    INFO(rule_of(loaded));
    REQUIRE(loaded);
    CHECK(same_bytes(loaded->save(), saved));
    return *std::move(loaded);
}

TEST_CASE("a stored group goes on as if it had never been away") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris", "Chloé"});
    const Bytes skipped = circle.say(0, "skipped");
    const Bytes second = circle.say(0, "second");
    REQUIRE(circle.groups[1].receive(second, circle.around()));
    auto update = circle.groups[1].propose_update({}, {}, circle.random);
    REQUIRE(update);
    REQUIRE(circle.groups[0].receive(*update, circle.around()));
    REQUIRE(circle.groups[2].receive(*update, circle.around()));
    for (std::size_t at = 0; at < 3; ++at) {
        circle.groups[at] = reloaded(circle.groups[at], circle.people[at].key);
    }
    circle.follow(0, circle.commit(0));
    for (std::size_t at = 0; at < 3; ++at) {
        circle.groups[at] = reloaded(circle.groups[at], circle.people[at].key);
    }
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[1].receive(skipped, circle.around()));
    CHECK(rule_of(circle.groups[1].receive(second, circle.around())) == "mls-already-received");
    circle.follow(1, circle.commit(1));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 6.3.1/state 9.1/used-once
TEST_CASE("a sender never uses a message key twice, stored in between or not") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    for (std::uint32_t at = 0; at < 4; ++at) {
        const auto outcome = circle.groups[1].receive(circle.say(0, "hello"), circle.around());
        REQUIRE(outcome);
        CHECK(std::get<ApplicationMessage>(*outcome).generation.value == at);
        circle.groups[0] = reloaded(circle.groups[0], circle.people[0].key);
    }
}

TEST_CASE("a staged commit survives being stored before it is sent") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Person chloe = Person::called(circle.suite, "Chloé", circle.random);
    Intents intents;
    intents.adds = {circle.verified(circle.package_of(chloe))};
    const StagedCommit staged = circle.commit(0, intents);
    const Saved saved = staged.save();
    auto loaded = StagedCommit::load(saved.public_part, saved.secret_part);
    REQUIRE(loaded);
    CHECK(loaded->commit == staged.commit);
    CHECK(loaded->welcome == staged.welcome);
    CHECK(loaded->commit_hash == staged.commit_hash);
    CHECK(loaded->changes.added.size() == 1);
    CHECK(same_bytes(loaded->save(), saved));
    circle.groups[0] = reloaded(circle.groups[0], circle.people[0].key);
    circle.follow(0, *std::move(loaded));
    REQUIRE(circle.all_agree());
}

TEST_CASE("a stored group opens with its own signature key only") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Saved saved = circle.groups[0].save();
    CHECK(rule_of(Group::load(saved.public_part, saved.secret_part, circle.people[1].key)) ==
          "mls-wrong-signature-key");
}

TEST_CASE("stored bytes of another version, or cut off, are refused") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Saved saved = circle.groups[0].save();
    Bytes newer = saved.public_part;
    newer[1] += 1;
    CHECK(rule_of(Group::load(newer, saved.secret_part, circle.people[0].key)) == "unsupported");
    for (std::size_t size = 0; size < saved.public_part.size(); size += 5) {
        CHECK_FALSE(Group::load(
            BytesView(saved.public_part).first(size), saved.secret_part, circle.people[0].key));
    }
    for (std::size_t size = 0; size < saved.secret_part.size(); size += 5) {
        CHECK_FALSE(Group::load(saved.public_part,
                                Secret::copy_of(saved.secret_part.reveal().first(size)),
                                circle.people[0].key));
    }
    // Flipped bits may change a value that nothing contradicts, but must never crash.
    for (std::size_t at = 0; at < saved.public_part.size(); at += 2) {
        Bytes damaged = saved.public_part;
        damaged[at] ^= 0x41U;
        static_cast<void>(Group::load(damaged, saved.secret_part, circle.people[0].key));
    }
}

// As docs/spec/mls-profile.md has them.
struct Departure {
    LeafIndex leaf;
    std::optional<Leaf> was;

    auto fields(this auto& self) { return std::tie(self.leaf, self.was); }
};

struct PastPart {
    Bytes context;
    Epoch epoch;
    std::uint32_t width = 0;
    std::vector<Departure> departures;

    auto fields(this auto& self) {
        return std::tie(self.context, self.epoch, self.width, self.departures);
    }
};

TEST_CASE("what is stored has one form, and another that would mean the same is refused") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    circle.follow(0, circle.commit(0));
    const Saved saved = circle.groups[1].save();
    const auto load = [&](BytesView open, BytesView secret) {
        return rule_of(Group::load(open, Secret::copy_of(secret), circle.people[1].key));
    };
    REQUIRE(load(saved.public_part, saved.secret_part.reveal()) == "accepted");

    const Forge boris = Forge::of(circle.groups[1], circle.people[1].key);
    Bytes secret = to_bytes(saved.secret_part.reveal());
    std::uint8_t& leaves =
        secret[sizeof saved_version + codec::encoded_size(boris.state.secrets) + 3];
    REQUIRE(leaves == 2);
    leaves = 3;  // which also need a tree of four
    CHECK(load(saved.public_part, secret) == "not-canonical");

    codec::Writer current;
    boris.state.write_public(current);
    const std::size_t before = sizeof saved_version + current.bytes().size() + 1;  // no proposals
    codec::Reader rest(BytesView(saved.public_part).subspan(before));
    auto past = codec::read<std::vector<PastPart>>(rest);
    REQUIRE(past);
    const auto with_past = [&] {
        Bytes open = to_bytes(BytesView(saved.public_part).first(before));
        append(open, codec::encode(*past));
        append(open, rest.rest());
        return load(open, saved.secret_part.reveal());
    };
    REQUIRE(with_past() == "accepted");
    std::vector<Departure>& departures = past->at(0).departures;
    REQUIRE(departures.size() == 1);
    departures.push_back(departures[0]);
    CHECK(with_past() == "not-canonical");
    departures = {{{0}, boris.state.tree.leaf({0})->open()}};
    CHECK(with_past() == "not-canonical");
}

TEST_CASE("a stored Update of ours and its keys are there together or not at all") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Saved before = circle.groups[0].save();
    REQUIRE(circle.groups[0].propose_update({}, {}, circle.random));
    const Saved after = circle.groups[0].save();
    CHECK(rule_of(Group::load(before.public_part, after.secret_part, circle.people[0].key)) ==
          "store-corrupt");
    CHECK(rule_of(Group::load(after.public_part, before.secret_part, circle.people[0].key)) ==
          "store-corrupt");
    CHECK(rule_of(Group::load(after.public_part, after.secret_part, circle.people[0].key)) ==
          "accepted");
}

TEST_CASE("what a stored group keeps secret does not stand in its public part") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Saved saved = circle.groups[0].save();
    const Secret& authenticator = circle.groups[0].epoch_authenticator();
    CHECK(std::ranges::search(saved.public_part, authenticator.reveal()).empty());
    CHECK_FALSE(std::ranges::search(saved.secret_part.reveal(), authenticator.reveal()).empty());
}

TEST_CASE("the init secret of an epoch that has ended stands nowhere in the stored group") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const Secret authenticator = circle.groups[0].epoch_authenticator().copy();
    circle.follow(0, circle.commit(0));
    const Saved saved = circle.groups[0].save();
    CHECK(std::ranges::search(saved.secret_part.reveal(), authenticator.reveal()).empty());
}

}  // namespace
}  // namespace cercle::mls
