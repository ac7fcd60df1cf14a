// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/psk.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/member.h"
#include "mls/forge/opened.h"

namespace cercle::mls {
namespace {

struct Shared : Circle {
    Shared() {
        found("Anna");
        add(0, {"Boris", "Chloé"});
        keyring.external[to_bytes("shared")] = to_bytes("by telephone");
        keyring.external[to_bytes("other")] = to_bytes("by letter");
    }

    Intents with(std::vector<PskId> psks) {
        Intents intents;
        intents.psks = std::move(psks);
        intents.psk_source = &keyring;
        return intents;
    }

    std::string_view refusal(const Bytes& message) {
        const Saved before = groups[1].save();
        const auto outcome = groups[1].receive(message, around());
        CHECK(same_bytes(groups[1].save(), before));
        return rule_of(outcome);
    }
};

// RFC 9420: 8.4/same-order 12.4.1/psk-order 12.4.3.1/psks
TEST_CASE("a commit mixes in keys from outside and from earlier epochs, for newcomers too") {
    Shared circle;
    const Epoch earlier = circle.groups[0].epoch();
    const Secret earlier_key = *circle.groups[0].resumption_psk(earlier);
    circle.follow(1, circle.commit(1));
    Intents intents = circle.with({external_psk_id(view_of("other")),
                                   resumption_psk_id(view_of("group"), earlier),
                                   external_psk_id(view_of("shared"))});
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    intents.adds = {circle.verified(bundle)};
    intents.path = Intents::Path::WhenRequired;
    StagedCommit staged = circle.commit(0, intents);
    const Bytes welcome = staged.welcome;
    circle.follow(0, std::move(staged));
    REQUIRE(circle.all_agree());
    // The newcomer was not there at the earlier epoch: somebody must have told her its key.
    CHECK(rule_of(Group::join(welcome, bundle, dina.key, circle.around())) == "mls-psk-unknown");
    circle.keyring.resumption[{to_bytes("group"), earlier}] = to_bytes(earlier_key.reveal());
    auto joined = Group::join(welcome, bundle, dina.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 8.4/fresh-nonce 12.1.4/random
TEST_CASE("one key mixed in twice is two nonces, and another epoch than without it") {
    Shared circle;
    const PskId shared = external_psk_id(view_of("shared"));
    circle.follow(0, circle.commit(0, circle.with({shared, shared})));
    REQUIRE(circle.all_agree());
}

TEST_CASE("keys may be proposed, and are committed by who has them") {
    Shared circle;
    auto proposal =
        circle.groups[1].propose_psk(external_psk_id(view_of("shared")), {}, circle.random);
    REQUIRE(proposal);
    REQUIRE(circle.groups[0].receive(*proposal, circle.around()));
    REQUIRE(circle.groups[2].receive(*proposal, circle.around()));
    const StagedCommit without = circle.commit(0);
    Intents intents;
    intents.psk_source = &circle.keyring;
    StagedCommit with = circle.commit(0, intents);
    CHECK(with.commit.size() > without.commit.size());
    circle.follow(0, std::move(with));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 12.4.2/psks
TEST_CASE("a member without the key does not get into the epoch") {
    Shared circle;
    const StagedCommit staged = circle.commit(0, circle.with({external_psk_id(view_of("shared"))}));
    circle.keyring.external[to_bytes("shared")] = to_bytes("misheard");
    CHECK(circle.refusal(staged.commit) == "mls-confirmation-tag");
    circle.keyring.external.clear();
    CHECK(circle.refusal(staged.commit) == "mls-psk-unknown");
    CHECK(rule_of(circle.groups[0].stage_commit(
              circle.with({external_psk_id(view_of("shared"))}), {}, circle.random)) ==
          "mls-psk-unknown");
}

TEST_CASE("the resumption keys of three past epochs are kept, and no more") {
    Shared circle;
    const Epoch first = circle.groups[0].epoch();
    for (int epoch = 0; epoch < 3; ++epoch)
        circle.follow(0, circle.commit(0));
    CHECK(circle.groups[0].resumption_psk(first));
    circle.follow(0, circle.commit(0, circle.with({resumption_psk_id(view_of("group"), first)})));
    REQUIRE(circle.all_agree());
    CHECK(rule_of(circle.groups[0].resumption_psk(first)) == "mls-psk-unknown");
    CHECK(rule_of(circle.groups[0].stage_commit(
              circle.with({resumption_psk_id(view_of("group"), first)}), {}, circle.random)) ==
          "mls-psk-unknown");
    CHECK(rule_of(circle.groups[0].resumption_psk({99})) == "mls-psk-unknown");
}

// RFC 9420: 11.2/usage-elsewhere 11.3/usage-elsewhere 12.1.4/usage 12.1.4/nonce 12.2/psk-twice
TEST_CASE("each rule for pre-shared keys has its own refusal") {
    Shared circle;
    Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const auto rule = [&](std::vector<PskId> ids) {
        std::vector<Proposal> list;
        for (PskId& id : ids)
            list.push_back({PreSharedKey{std::move(id)}});
        return circle.refusal(anna.closed(anna.bare_commit(std::move(list))));
    };
    PskId psk = external_psk_id(view_of("shared"));
    CHECK(rule({psk}) == "mls-psk-nonce");
    psk.nonce = Bytes(33, 1);
    CHECK(rule({psk}) == "mls-psk-nonce");
    psk.nonce = Bytes(32, 1);
    CHECK(rule({psk, psk}) == "mls-psk-repeated");
    CHECK(rule({psk}) == "mls-confirmation-tag");  // right so far
    psk = resumption_psk_id(view_of("group"), circle.groups[0].epoch());
    psk.nonce = Bytes(32, 1);
    psk.usage = ResumptionUsage::ReInit;
    CHECK(rule({psk}) == "mls-psk-usage");
    psk.usage = ResumptionUsage::Branch;
    CHECK(rule({psk}) == "mls-psk-usage");
    psk.usage = ResumptionUsage{4};
    CHECK(rule({psk}) == "mls-psk-usage");
}

// RFC 9420: 12.4.3.1/psks
TEST_CASE("a Welcome's keys obey the rules for keys") {
    Shared circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    const auto opened =
        OpenedWelcome::open(circle.suite, bundle, circle.commit(0, intents).welcome);
    const auto rule = [&](const auto& spoil) {
        auto secrets = codec::decode<GroupSecrets>(opened.group_secrets.reveal());
        REQUIRE(secrets);
        spoil(*secrets);
        auto sealed = encrypt_with_label(circle.suite,
                                         bundle.init_key().public_key(),
                                         "Welcome",
                                         opened.welcome.encrypted_group_info,
                                         codec::encode_secret(*secrets).reveal(),
                                         circle.random);
        REQUIRE(sealed);
        return rule_of(Group::join(
            opened.with_group_secrets(*std::move(sealed)), bundle, dina.key, circle.around()));
    };
    PskId psk = external_psk_id(view_of("shared"));
    CHECK(rule([](GroupSecrets&) {}) == "accepted");
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk}; }) == "mls-psk-nonce");
    psk.nonce = Bytes(32, 1);
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk, psk}; }) == "mls-psk-repeated");
    // A key that the committer did not mix in gives another welcome_secret.
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk}; }) == "forged");
    psk.external_id = to_bytes("nobody's");
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk}; }) == "mls-psk-unknown");
    psk = resumption_psk_id(view_of("elsewhere"), {7});
    psk.nonce = Bytes(32, 1);
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk}; }) == "mls-psk-unknown");
    psk.usage = ResumptionUsage::Branch;
    CHECK(rule([&](GroupSecrets& secrets) { secrets.psks = {psk}; }) == "mls-psk-usage");
}

}  // namespace
}  // namespace cercle::mls
