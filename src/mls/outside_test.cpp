// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/outside.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/outsider.h"

namespace cercle::mls {
namespace {

// A group that an office may make proposals to.
struct Listening : Circle {
    crypto::SigningKey office = crypto::SigningKey::generate(suite.signature, random);
    ExternalSender sender{office.public_key(), basic_credential(view_of("office"))};

    Listening() {
        openness = whole_rfc;
        found("Anna");
        add(0, {"Boris", "Chloé"});
        Intents intents;
        intents.context_extensions =
            Extensions{{policy, to_bytes("x")}, external_senders({sender})};
        follow(0, commit(0, intents));
    }

    [[nodiscard]] GroupPlace place() const { return {groups[0].group_id(), groups[0].epoch()}; }

    Bytes says(OutsideProposal proposal, std::uint32_t index = 0) {
        return propose_from_outside(
            suite, place(), {index, office}, std::move(proposal), {}, random);
    }

    void hear(const Bytes& message) {
        for (Group& group : groups) {
            const auto outcome = group.receive(message, around());
            INFO(rule_of(outcome));
            REQUIRE(outcome);
            const auto& stored = std::get<StoredProposal>(*outcome);
            CHECK(std::holds_alternative<Outsider>(stored.sender));
        }
    }

    std::string_view refusal(const Bytes& message) {
        const Saved before = groups[1].save();
        const auto outcome = groups[1].receive(message, around());
        CHECK(same_bytes(groups[1].save(), before));
        return rule_of(outcome);
    }
};

// RFC 9420: 12.1.8/public
TEST_CASE("who wants to be added asks, and any member may commit it") {
    Listening circle;
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    const auto asked = ask_to_be_added(circle.place(), bundle.package(), dina.key, {});
    REQUIRE(asked);
    CHECK(peek(*asked)->wire_format == WireFormat::PublicMessage);
    circle.hear(*asked);
    StagedCommit staged = circle.commit(1);
    const Bytes welcome = staged.welcome;
    circle.follow(1, std::move(staged));
    auto joined = Group::join(welcome, bundle, dina.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    REQUIRE(circle.all_agree());
    CHECK(rule_of(ask_to_be_added(circle.place(), bundle.package(), circle.office, {})) ==
          "mls-wrong-signature-key");
}

TEST_CASE("an external sender proposes additions, removals, keys and extensions") {
    Listening circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    circle.keyring.external[to_bytes("shared")] = to_bytes("by telephone");
    circle.hear(circle.says(circle.verified(bundle)));
    circle.hear(circle.says(OutsideRemoval{circle.groups[2].own_index()}));
    circle.hear(circle.says(external_psk_id(view_of("shared"))));
    circle.hear(circle.says(Extensions{{policy, to_bytes("y")}}));
    // Kept through the store.
    const Saved saved = circle.groups[0].save();
    auto loaded = Group::load(saved.public_part, saved.secret_part, circle.people[0].key);
    REQUIRE(loaded);
    CHECK(same_bytes(loaded->save(), saved));
    circle.groups[0] = *std::move(loaded);
    Intents intents;
    intents.psk_source = &circle.keyring;
    StagedCommit staged = circle.commit(0, intents);
    CHECK(staged.changes.added.size() == 1);
    CHECK(staged.changes.removed.size() == 1);
    CHECK(staged.changes.context_changed == 1);
    const Bytes welcome = staged.welcome;
    circle.groups.pop_back();
    circle.people.pop_back();
    circle.follow(0, std::move(staged));
    auto joined = Group::join(welcome, bundle, dina.key, circle.around());
    INFO(rule_of(joined));
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    REQUIRE(circle.all_agree());
}

TEST_CASE("an external sender may ask for another group") {
    Listening circle;
    circle.hear(circle.says(
        ReInit{to_bytes("next"), ProtocolVersion::Mls10, SuiteId::XWingAes256Sha384Ed25519, {}}));
    circle.follow(0, circle.commit(0));
    CHECK(circle.groups[1].reinit().has_value());
}

// RFC 9420: 6.1/external 6.1/new-member-commit 6.1/new-member-proposal 12.4.3.2/sender
// RFC 9420: 12.1.8/kinds
TEST_CASE("each rule for proposals from outside has its own refusal") {
    Listening circle;
    const Forge inside = Forge::of(circle.groups[0], circle.people[0].key);
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    const Bytes removal = circle.says(OutsideRemoval{{2}});
    const Bytes asked = *ask_to_be_added(circle.place(), bundle.package(), dina.key, {});
    const auto rule = [&](const Bytes& message, const crypto::SigningKey& key, const auto& spoil) {
        OpenedOutside opened = OpenedOutside::open(message);
        spoil(opened);
        return circle.refusal(opened.signed_by(key, inside));
    };
    const crypto::SigningKey& office = circle.office;
    CHECK(circle.refusal(circle.says(OutsideRemoval{{2}}, 1)) == "mls-external-sender-unknown");
    CHECK(circle.refusal(circle.says(OutsideRemoval{{9}})) == "mls-leaf-not-a-member");
    CHECK(rule(removal, dina.key, [](OpenedOutside&) {}) == "mls-message-signature");
    CHECK(rule(removal, office, [&](OpenedOutside& opened) {
              opened.proposal() = {Update{inside.state.tree.leaf({2})->open()}};
          }) == "mls-proposal-sender");
    CHECK(rule(removal, office, [](OpenedOutside& opened) {
              opened.proposal() = {ExternalInit{Bytes(32)}};
          }) == "mls-proposal-sender");
    CHECK(rule(removal, office, [](OpenedOutside& opened) {
              opened.framed.content = Commit{};
              opened.auth.confirmation_tag = Bytes(32);
          }) == "mls-sender-type");
    CHECK(rule(removal, office, [](OpenedOutside& opened) {
              opened.framed.content = to_bytes("hello");
          }) == "mls-sender-type");
    CHECK(rule(asked, office, [](OpenedOutside&) {}) == "mls-message-signature");
    CHECK(rule(asked, dina.key, [](OpenedOutside& opened) { opened.proposal() = {Remove{{2}}}; }) ==
          "mls-sender-type");
    CHECK(rule(asked, dina.key, [](OpenedOutside& opened) {
              opened.framed.content = Commit{};
              opened.auth.confirmation_tag = Bytes(32);
          }) == "mls-sender-type");
    CHECK(rule(asked, dina.key, [](OpenedOutside& opened) {
              opened.framed.sender.type = SenderType::NewMemberCommit;
          }) == "mls-sender-type");
    circle.judge.disbelieved = "Dina";
    CHECK(circle.refusal(asked) == "certificate-untrusted");
    circle.follow(0, circle.commit(0));
    CHECK(circle.refusal(removal) == "mls-epoch-past");
}

// RFC 9420: 12.1.8/named 12.1.8/authorized
TEST_CASE("nobody outside is heard where the house does not listen, or the group names nobody") {
    Listening circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    circle.openness = {};
    CHECK(circle.refusal(circle.says(OutsideRemoval{{2}})) == "mls-external-proposal");
    CHECK(circle.refusal(*ask_to_be_added(circle.place(), bundle.package(), dina.key, {})) ==
          "mls-external-proposal");
    circle.openness = whole_rfc;
    Intents intents;
    intents.context_extensions = Extensions{{policy, to_bytes("x")}};
    circle.follow(0, circle.commit(0, intents));
    CHECK(circle.refusal(circle.says(OutsideRemoval{{2}})) == "mls-external-sender-unknown");
}

// RFC 9420: 5.3.1/external-senders
TEST_CASE("external senders are judged when they are named") {
    Listening circle;
    const ExternalSender other{circle.office.public_key(), basic_credential(view_of("other"))};
    Intents intents;
    intents.context_extensions =
        Extensions{{policy, to_bytes("x")}, external_senders({circle.sender, other})};
    const StagedCommit staged = circle.commit(0, intents);
    circle.judge.disbelieved = "other";
    CHECK(circle.refusal(staged.commit) == "certificate-untrusted");
    // Who was there before has been judged.
    circle.judge.disbelieved = "office";
    CHECK(circle.refusal(staged.commit) == "accepted");
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    CHECK(rule_of(VerifiedGroupInfo::from_message(*circle.groups[0].group_info(),
                                                  circle.around())) == "certificate-untrusted");
    Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const Extensions garbage{{ExtensionType::ExternalSenders, Bytes{0x01}}};
    CHECK(circle.refusal(anna.closed(anna.bare_commit({{GroupContextExtensions{garbage}}}))) ==
          "malformed");
}

}  // namespace
}  // namespace cercle::mls
