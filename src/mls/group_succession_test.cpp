// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/group_succession.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/member.h"
#include "mls/forge/opened.h"

namespace cercle::mls {
namespace {

const Suite& hybrid = **find_suite(SuiteId::XWingAes256Sha384Ed25519);

struct Moving : Circle {
    ReInit plan{to_bytes("next"), ProtocolVersion::Mls10, hybrid.id, {{policy, to_bytes("new")}}};

    Moving() {
        openness = whole_rfc;
        found("Anna");
        add(0, {"Boris", "Chloé"});
    }

    void close_by_reinit() {
        Intents intents;
        intents.reinit = plan;
        StagedCommit staged = commit(0, intents);
        CHECK(staged.next.reinit() == plan);
        follow(0, std::move(staged));
        REQUIRE(all_agree());
    }

    KeyPackageBundle package_for(const Suite& other, std::size_t who) {
        return make_key_package(other, people[who].key, people[who].profile, lifetime(), random);
    }

    /// Anna and whoever else: fresh key packages of that suite.
    std::vector<KeyPackageBundle> bundles(const Suite& other, std::vector<std::size_t> members) {
        std::vector<KeyPackageBundle> made;
        for (const std::size_t who : members)
            made.push_back(package_for(other, who));
        return made;
    }

    Succession succession(const std::vector<KeyPackageBundle>& others) const {
        Succession made{people[0].key, people[0].profile, {}};
        for (const KeyPackageBundle& bundle : others)
            made.members.push_back(verified(bundle));
        return made;
    }

    std::string_view refusal(std::size_t who, const Bytes& message) {
        const Saved before = groups[who].save();
        const auto outcome = groups[who].receive(message, around());
        CHECK(same_bytes(groups[who].save(), before));
        return rule_of(outcome);
    }
};

TEST_CASE("a group is reinitialised into another suite, with everybody, by whoever does it") {
    Moving circle;
    circle.close_by_reinit();
    const auto others = circle.bundles(hybrid, {0, 2});
    // Not who committed the ReInit: "these three steps may be done by the same group member or
    // different members" (section 11.2).
    Succession succession{circle.people[1].key, circle.people[1].profile, {}};
    for (const auto& bundle : others)
        succession.members.push_back(circle.verified(bundle));
    auto next = circle.groups[1].reinitialise(succession, circle.judge, circle.random);
    INFO(rule_of(next));
    REQUIRE(next);
    auto anna =
        circle.groups[0].follow(next->welcome, others[0], circle.people[0].key, circle.around());
    INFO(rule_of(anna));
    REQUIRE(anna);
    auto chloe =
        circle.groups[2].follow(next->welcome, others[1], circle.people[2].key, circle.around());
    REQUIRE(chloe);
    CHECK(anna->epoch_authenticator() == next->group.epoch_authenticator());
    CHECK(chloe->epoch_authenticator() == next->group.epoch_authenticator());
    CHECK(anna->epoch() == Epoch{1});
    CHECK(anna->group_id() == circle.plan.group_id);
    CHECK(anna->suite().id == hybrid.id);
    CHECK(anna->context_extensions() == circle.plan.extensions);
}

// RFC 9420: 12.4.2/reinit-silence
TEST_CASE("a group that a ReInit has closed says nothing any more, stored in between or not") {
    Moving circle;
    const StagedCommit before = circle.commit(1);
    const Bytes late = circle.say(1, "before the end");
    circle.close_by_reinit();
    Group& anna = circle.groups[0];
    const Saved saved = anna.save();
    auto loaded = Group::load(saved.public_part, saved.secret_part, circle.people[0].key);
    REQUIRE(loaded);
    CHECK(same_bytes(loaded->save(), saved));
    anna = *std::move(loaded);
    CHECK(anna.reinit() == circle.plan);
    CHECK(rule_of(anna.protect(view_of("x"), {}, 0, circle.random)) == "mls-group-reinitialised");
    CHECK(rule_of(anna.stage_commit({}, {}, circle.random)) == "mls-group-reinitialised");
    CHECK(rule_of(anna.propose_remove({1}, {}, circle.random)) == "mls-group-reinitialised");
    const auto one = circle.bundles(circle.suite, {1});
    CHECK(rule_of(
              anna.branch(view_of("b"), {}, circle.succession(one), circle.judge, circle.random)) ==
          "mls-group-reinitialised");
    // Nor does it listen to members who do not keep to that; late messages still open.
    Forge boris = Forge::of(circle.groups[1], circle.people[1].key);
    CHECK(circle.refusal(0, boris.path_commit()) == "mls-group-reinitialised");
    CHECK(circle.refusal(0, boris.closed(boris.sign(Proposal{Remove{{2}}}))) ==
          "mls-group-reinitialised");
    CHECK(anna.receive(late, circle.around()));
    CHECK(rule_of(circle.groups[1].merge(*[&] {
              const Saved staged = before.save();
              return StagedCommit::load(staged.public_part, staged.secret_part);
          }())) == "mls-stale-commit");
}

// RFC 9420: 12.1.5/version 12.2/reinit-alone 12.4/sender-checks
TEST_CASE("each rule for ReInit has its own refusal") {
    Moving circle;
    Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const auto rule = [&](std::vector<Proposal> list) {
        return circle.refusal(1, anna.closed(anna.bare_commit(std::move(list))));
    };
    CHECK(rule({{circle.plan}, {Remove{{2}}}}) == "mls-reinit-not-alone");
    CHECK(rule({{circle.plan}, {circle.plan}}) == "mls-reinit-not-alone");
    ReInit older = circle.plan;
    older.version = ProtocolVersion{0};
    CHECK(rule({{older}}) == "mls-reinit-version");
    ReInit doubled = circle.plan;
    doubled.extensions.push_back(doubled.extensions[0]);
    CHECK(rule({{doubled}}) == "mls-extension-repeated");
    circle.openness.reinit = Openness::Refuse;
    CHECK(rule({{circle.plan}}) == "mls-reinit-refused");
    Intents intents;
    intents.reinit = circle.plan;
    intents.removes = {{2}};
    CHECK(rule_of(circle.groups[0].stage_commit(intents, {}, circle.random)) ==
          "mls-reinit-not-alone");
}

TEST_CASE("other proposals are preferred to a ReInit, and a removal to an update") {
    Moving circle;
    const auto tell = [&](std::size_t from, const Result<Bytes>& message) {
        REQUIRE(message);
        for (std::size_t at = 0; at < 3; ++at) {
            if (at != from) REQUIRE(circle.groups[at].receive(*message, circle.around()));
        }
    };
    tell(1, circle.groups[1].propose_reinit(circle.plan, {}, circle.random));
    tell(2, circle.groups[2].propose_update({}, {}, circle.random));
    tell(1, circle.groups[1].propose_remove({2}, {}, circle.random));
    StagedCommit staged = circle.commit(0);
    CHECK_FALSE(staged.next.reinit());
    CHECK(staged.changes.removed.size() == 1);
    circle.groups.pop_back();
    circle.people.pop_back();
    circle.follow(0, std::move(staged));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 12.4.1/reinit-group
TEST_CASE("who founds the group that follows keeps to the ReInit") {
    Moving circle;
    const auto both = circle.bundles(hybrid, {1, 2});
    CHECK(rule_of(circle.groups[0].reinitialise(
              circle.succession(both), circle.judge, circle.random)) ==
          "mls-group-not-reinitialised");
    circle.close_by_reinit();
    const auto one = circle.bundles(hybrid, {1});
    CHECK(rule_of(circle.groups[0].reinitialise(
              circle.succession(one), circle.judge, circle.random)) == "mls-succession-members");
    const auto wrong = circle.bundles(circle.suite, {1, 2});
    CHECK(rule_of(circle.groups[0].reinitialise(
              circle.succession(wrong), circle.judge, circle.random)) == "mls-suite-unsupported");
}

// RFC 9420: 11.3/nonce
TEST_CASE("some members branch off, and the others are none the wiser") {
    Moving circle;
    const auto one = circle.bundles(circle.suite, {2});
    auto branch = circle.groups[0].branch(view_of("branch"),
                                          {{policy, to_bytes("two of us")}},
                                          circle.succession(one),
                                          circle.judge,
                                          circle.random);
    REQUIRE(branch);
    auto chloe =
        circle.groups[2].follow(branch->welcome, one[0], circle.people[2].key, circle.around());
    INFO(rule_of(chloe));
    REQUIRE(chloe);
    CHECK(chloe->epoch_authenticator() == branch->group.epoch_authenticator());
    CHECK(chloe->roster().size() == 2);
    circle.follow(1, circle.commit(1));
    REQUIRE(circle.all_agree());
    // A branch of an epoch that has passed meanwhile.
    auto late =
        circle.groups[2].follow(branch->welcome, one[0], circle.people[2].key, circle.around());
    CHECK(late);
    CHECK(rule_of(Group::join(branch->welcome, one[0], circle.people[2].key, circle.around())) ==
          "mls-psk-usage");
    CHECK(rule_of(circle.groups[1].follow(
              branch->welcome, one[0], circle.people[2].key, circle.around())) == "accepted");
}

TEST_CASE("a branch takes nobody in who was not there") {
    Moving circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    Succession succession{circle.people[0].key, circle.people[0].profile, {}};
    succession.members.push_back(circle.verified(circle.package_of(dina)));
    CHECK(rule_of(circle.groups[0].branch(
              view_of("branch"), {}, succession, circle.judge, circle.random)) ==
          "mls-succession-members");
    const auto hybrids = circle.bundles(hybrid, {1});
    CHECK(rule_of(circle.groups[0].branch(
              view_of("branch"), {}, circle.succession(hybrids), circle.judge, circle.random)) ==
          "mls-suite-unsupported");
}

// What `newcomer` makes of a group that its founder set up as `spoil` says.
struct Founding {
    ReInit parameters;
    std::vector<PskId> psks;
    std::vector<std::size_t> members{1, 2};
    int further_epochs = 0;
    bool stranger = false;
};

template <class Spoil>
std::string_view followed(Moving& circle, ResumptionUsage usage, const Spoil& spoil) {
    const Group& old = circle.groups[0];
    Founding plan{circle.plan, {}, {1, 2}, 0, false};
    if (usage == ResumptionUsage::Branch) plan.parameters.suite = circle.suite.id;
    PskId tie = resumption_psk_id(old.group_id(), old.epoch());
    tie.usage = usage;
    plan.psks = {tie};
    spoil(plan);
    const Suite& suite = **find_suite(plan.parameters.suite);
    auto group = Group::create(suite,
                               plan.parameters.group_id,
                               circle.people[0].key,
                               circle.people[0].profile,
                               plan.parameters.extensions,
                               circle.random);
    REQUIRE(group);
    const auto others = circle.bundles(suite, plan.members);
    Keyring ring;
    ring.external = circle.keyring.external;
    ring.resumption[{old.group_id(), old.epoch()}] =
        to_bytes(old.resumption_psk(old.epoch())->reveal());
    for (int epoch = 0; epoch < plan.further_epochs; ++epoch)
        REQUIRE(group->merge(*group->stage_commit({}, {}, circle.random)));
    Intents intents;
    intents.psks = plan.psks;
    intents.psk_source = &ring;
    for (const auto& bundle : others)
        intents.adds.push_back(circle.verified(bundle));
    const Person dina = Person::called(suite, "Dina", circle.random);
    if (plan.stranger) {
        intents.adds.push_back(circle.verified(
            make_key_package(suite, dina.key, dina.profile, circle.lifetime(), circle.random)));
    }
    auto staged = group->stage_commit(intents, {}, circle.random);
    REQUIRE(staged);
    return rule_of(
        circle.groups[1].follow(staged->welcome, others[0], circle.people[1].key, circle.around()));
}

// RFC 9420: 11.2/parameters 11.2/epoch 11.2/psk 11.2/psk-epoch 12.4.2/reinit-welcome
// RFC 9420: 12.4.3.1/one-tie 12.4.3.1/succession-epoch 12.4.3.1/reinit 12.4.3.1/reinit-members
TEST_CASE("who follows a ReInit compares the new group with it") {
    Moving circle;
    circle.keyring.external[to_bytes("shared")] = to_bytes("by telephone");
    const auto rule = [&](const auto& spoil) {
        return followed(circle, ResumptionUsage::ReInit, spoil);
    };
    CHECK(rule([](Founding&) {}) == "mls-group-not-reinitialised");
    circle.close_by_reinit();
    CHECK(rule([](Founding&) {}) == "accepted");
    CHECK(rule([](Founding& plan) { plan.parameters.group_id = to_bytes("other"); }) ==
          "mls-succession-parameters");
    CHECK(rule([](Founding& plan) {
              plan.parameters.suite = SuiteId::X25519Aes128Sha256Ed25519;
          }) == "mls-succession-parameters");
    CHECK(rule([](Founding& plan) { plan.parameters.extensions = {{policy, to_bytes("old")}}; }) ==
          "mls-succession-parameters");
    CHECK(rule([](Founding& plan) { plan.further_epochs = 1; }) == "mls-succession-epoch");
    CHECK(rule([](Founding& plan) { plan.members = {1}; }) == "mls-succession-members");
    CHECK(rule([](Founding& plan) { plan.psks.clear(); }) == "mls-succession-psk");
    CHECK(rule([](Founding& plan) { plan.psks.push_back(plan.psks[0]); }) == "mls-succession-psk");
    CHECK(rule([](Founding& plan) { plan.psks[0].usage = ResumptionUsage::Application; }) ==
          "mls-succession-psk");
    CHECK(rule([](Founding& plan) { plan.psks.push_back(external_psk_id(view_of("shared"))); }) ==
          "accepted");
}

// RFC 9420: 11.3/parameters 11.3/epoch 11.3/members 12.4.3.1/branch
TEST_CASE("who follows into a branch compares the new group with the old one") {
    Moving circle;
    const auto rule = [&](const auto& spoil) {
        return followed(circle, ResumptionUsage::Branch, spoil);
    };
    CHECK(rule([](Founding& plan) { plan.members = {1}; }) == "accepted");
    CHECK(rule([](Founding& plan) { plan.parameters.suite = hybrid.id; }) ==
          "mls-succession-parameters");
    CHECK(rule([](Founding& plan) { plan.further_epochs = 1; }) == "mls-succession-epoch");
    CHECK(rule([](Founding& plan) { plan.stranger = true; }) == "mls-succession-members");
    CHECK(rule([](Founding& plan) { plan.psks[0].usage = ResumptionUsage{4}; }) == "mls-psk-usage");
}

}  // namespace
}  // namespace cercle::mls
