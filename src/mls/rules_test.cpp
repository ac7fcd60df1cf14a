// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Rules of RFC 9420 that have no test elsewhere: what a group refuses, and what it keeps to itself
// (docs/spec/validation.md).
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/opened.h"

namespace cercle::mls {
namespace {

struct Three : Circle {
    Three() {
        found("Anna");
        add(0, {"Boris", "Chloé"});
    }

    Forge forge(std::size_t who) const { return Forge::of(groups[who], people[who].key); }

    std::string_view refusal(std::size_t who, const Bytes& message) {
        const Saved before = groups[who].save();
        const auto outcome = groups[who].receive(message, around());
        CHECK(same_bytes(groups[who].save(), before));
        return rule_of(outcome);
    }
};

// RFC 9420: 6.3.1/padding
TEST_CASE("padding that is not zero is refused, wherever in it") {
    Three circle;
    const Forge boris = circle.forge(1);
    const auto opened = OpenedMessage::open(boris, circle.say(0, "hello"));
    for (const std::size_t at : {0U, 7U, 15U}) {
        Bytes padding(16);
        padding[at] = 1;
        CHECK(circle.refusal(1, opened.with_padding(boris, padding)) == "mls-padding-not-zero");
    }
    CHECK(circle.groups[1].receive(opened.with_padding(boris, Bytes(16)), circle.around()));
}

// RFC 9420: 6.3.1/reuse-guard
TEST_CASE("each message has a reuse guard of its own") {
    Three circle;
    const Forge boris = circle.forge(1);
    const auto first = OpenedMessage::open(boris, circle.say(0, "one")).sender.reuse_guard;
    const auto second = OpenedMessage::open(boris, circle.say(0, "two")).sender.reuse_guard;
    CHECK(first != second);
}

// RFC 9420: 6/version 6/wire-format 13.2/unknown 13.5/only-there 12.2/unknown-type
TEST_CASE(
    "messages of another version or format, and proposals of types that nobody supports, are "
    "refused") {
    Three circle;
    const Forge anna = circle.forge(0);
    const Bytes right = anna.open(anna.sign(Proposal{Remove{{2}}}, WireFormat::PublicMessage));
    const auto with = [&](std::size_t at, std::uint8_t value) {
        Bytes changed = right;
        changed.at(at) = value;
        return changed;
    };
    CHECK(circle.refusal(1, with(1, 2)) == "mls-version-unsupported");
    CHECK(circle.refusal(1, with(3, 9)) == "mls-wire-format");
    CHECK(circle.refusal(1, circle.package_of(circle.people[0]).message()) == "mls-wire-format");
    // The proposal's type stands before `removed`, the signature and the membership tag.
    const Bytes type{0, static_cast<std::uint8_t>(ProposalType::Remove), 0, 0, 0, 2};
    const auto found = std::ranges::search(right, type);
    REQUIRE_FALSE(found.empty());
    const auto at = static_cast<std::size_t>(found.begin() - right.begin());
    Bytes unknown = right;
    unknown[at] = 0x0A;
    unknown[at + 1] = 0x0A;
    CHECK(circle.refusal(1, unknown) == "mls-proposal-type-unknown");
}

// RFC 9420: 6.2/membership-tag
TEST_CASE("a public message without the right membership tag is refused") {
    Three circle;
    const Forge anna = circle.forge(0);
    const auto message = codec::decode<MlsMessage>(
        anna.open(anna.sign(Proposal{Remove{{2}}}, WireFormat::PublicMessage)));
    REQUIRE(message);
    PublicMessage changed = std::get<PublicMessage>(message->content);
    changed.membership_tag->at(0) ^= 1U;
    CHECK(circle.refusal(1, codec::encode(MlsMessage{changed})) == "mls-membership-tag");
    changed.membership_tag = Bytes{};
    CHECK(circle.refusal(1, codec::encode(MlsMessage{changed})) == "mls-membership-tag");
}

// RFC 9420: 7.3/credential-of-all
TEST_CASE("a member whose credential another does not support, or the reverse, is refused") {
    Three circle;
    Forge anna = circle.forge(0);
    const auto adding = [&](const Profile& profile, const auto& spoil) {
        const Person dina = Person::called(circle.suite, "Dina", circle.random);
        auto leaf_key = crypto::KemKey::generate(circle.suite.hpke.kem, circle.random);
        KeyPackageFields package;
        package.suite = circle.suite.id;
        package.init_key =
            crypto::KemKey::generate(circle.suite.hpke.kem, circle.random).public_key();
        LeafNode leaf = describe(profile, leaf_key.public_key());
        leaf.origin = {LeafNodeSource::KeyPackage, circle.lifetime(), {}};
        spoil(leaf);
        package.leaf = sign_leaf(std::move(leaf), {}, dina.key);
        const Bytes encoded = codec::encode(package);
        package.signature = sign_with_label(
            dina.key, "KeyPackageTBS", BytesView(encoded).first(encoded.size() - 1));
        return circle.refusal(
            1, anna.closed(anna.bare_commit({{Add{KeyPackage(std::move(package))}}})));
    };
    const Profile basic = circle.people[0].profile;
    Profile certified = basic;
    certified.credential = x509_credential({to_bytes("certificate")});
    CHECK(adding(basic, [](LeafNode&) {}) == "mls-confirmation-tag");  // right so far
    // The others have basic credentials, which she does not know.
    CHECK(adding(certified, [](LeafNode& leaf) {
              leaf.capabilities.credentials = {CredentialType::X509};
          }) == "mls-credential-type-unsupported");
    // RFC 9420: 13.4/added-member
    CHECK(adding(basic, [](LeafNode& leaf) { leaf.capabilities.extensions = {reader_key}; }) ==
          "mls-extension-unsupported");
    // RFC 9420: 12.2/tree 16.8/distinct
    const Bytes boris = to_bytes(anna.state.tree.encryption_key(node_of({1})));
    CHECK(adding(basic, [&](LeafNode& leaf) { leaf.encryption_key = boris; }) ==
          "mls-encryption-key-repeated");
    CHECK(circle.refusal(1,
                         anna.closed(anna.bare_commit(
                             {{Add{circle.package_of(circle.people[2]).package()}}}))) ==
          "mls-signature-key-repeated");
    // RFC 9420: 12.1.1/key-package 10.1/suite 5.3.1/add
    const Suite& other = **find_suite(SuiteId::X25519ChaCha20Sha256Ed25519);
    const Person emre = Person::called(other, "Emre", circle.random);
    const KeyPackageBundle foreign =
        make_key_package(other, emre.key, emre.profile, circle.lifetime(), circle.random);
    CHECK(circle.refusal(1, anna.closed(anna.sign(Proposal{Add{foreign.package()}}))) ==
          "mls-suite-unsupported");
    const KeyPackageBundle package = circle.package_of(emre);
    circle.judge.disbelieved = "Emre";
    CHECK(circle.refusal(1, anna.closed(anna.sign(Proposal{Add{package.package()}}))) ==
          "certificate-untrusted");
}

// RFC 9420: 12.3/order 12.2/add-of-member
TEST_CASE("proposals apply in the RFC's order, whatever theirs is") {
    Three circle;
    const Forge anna = circle.forge(0);
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const auto by_anna = [](Proposal proposal) {
        return VerifiedProposal::trusted(Sender::member({0}), std::move(proposal));
    };
    const std::vector list{by_anna({Add{circle.package_of(dina).package()}}),
                           by_anna({Remove{{1}}})};
    const auto applied = apply_proposals(*anna.state.context, anna.state.tree, LeafIndex{0}, list);
    REQUIRE(applied);
    REQUIRE(applied->added.size() == 1);
    CHECK(applied->added[0].index == LeafIndex{1});
    // Who is removed may come back in the same commit, and nobody stands there twice.
    const std::vector again{by_anna({Add{circle.package_of(circle.people[1]).package()}}),
                            by_anna({Remove{{1}}})};
    CHECK(apply_proposals(*anna.state.context, anna.state.tree, LeafIndex{0}, again));
    CHECK(rule_of(apply_proposals(
              *anna.state.context, anna.state.tree, LeafIndex{0}, std::span(again).first(1))) ==
          "mls-signature-key-repeated");
}

// RFC 9420: 12.3/new-extensions 12.1.7/required 11.1/context-change
TEST_CASE("new extensions are asked of who is added, and not of who is removed") {
    constexpr ExtensionType novel{0xF0D0};
    Circle circle;
    const auto knowing = [&](const std::string& name) {
        Person person = Person::called(circle.suite, name, circle.random);
        person.profile.understood.push_back(novel);
        return person;
    };
    Person anna = knowing("Anna");
    auto group = Group::create(circle.suite,
                               view_of("group"),
                               anna.key,
                               anna.profile,
                               {{policy, to_bytes("x")}},
                               circle.random);
    REQUIRE(group);
    circle.groups.push_back(*std::move(group));
    circle.people.push_back(std::move(anna));
    circle.add(0, {"Boris"});  // who does not know it
    const Person chloe = knowing("Chloé");
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const auto rule = [&](const Extension& extension, const Person& added, bool without_boris) {
        Intents intents;
        intents.adds = {circle.verified(circle.package_of(added))};
        if (without_boris) intents.removes = {{1}};
        intents.context_extensions = Extensions{{policy, to_bytes("x")}, extension};
        return rule_of(circle.groups[0].stage_commit(intents, {}, circle.random));
    };
    const Extension extension{novel, {}};
    CHECK(rule(extension, chloe, true) == "accepted");
    CHECK(rule(extension, dina, true) == "mls-extension-unsupported");
    CHECK(rule(extension, chloe, false) == "mls-extension-unsupported");
    const Extension required = required_capabilities({{novel}, {}, {}});
    CHECK(rule(required, chloe, true) == "accepted");
    CHECK(rule(required, dina, true) == "mls-required-capabilities");
    CHECK(rule(required, chloe, false) == "mls-required-capabilities");
}

// RFC 9420: 7.5/outdated-deleted 9.2/consumed
TEST_CASE("keys that a commit has replaced stand nowhere in what is stored after it") {
    Three circle;
    circle.follow(0, circle.commit(0));
    const Forge before = circle.forge(0);
    std::vector<Secret> old;
    old.push_back(before.state.keys.leaf()->secret().copy());
    for (const auto& [node, key] : before.state.keys.nodes())
        old.push_back(key->secret().copy());
    old.push_back(before.state.secrets.init.copy());
    old.push_back(before.state.secrets.membership.copy());
    REQUIRE(old.size() > 3);
    const Bytes message = circle.say(1, "once");
    REQUIRE(circle.groups[0].receive(message, circle.around()));
    CHECK(circle.refusal(0, message) == "mls-already-received");
    circle.follow(0, circle.commit(0));
    const Saved saved = circle.groups[0].save();
    for (const Secret& secret : old)
        CHECK(std::ranges::search(saved.secret_part.reveal(), secret.reveal()).empty());
}

// RFC 9420: 10/init-key-unique
TEST_CASE("key packages of one client share no key") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackageBundle first = circle.package_of(anna);
    const KeyPackageBundle second = circle.package_of(anna);
    CHECK(first.package()->init_key != second.package()->init_key);
    CHECK(first.leaf_key().public_key() != second.leaf_key().public_key());
    CHECK(first.package()->init_key != first.leaf_key().public_key());
}

// RFC 9420: 11/initialize
TEST_CASE("a group begins as section 11 says") {
    Circle circle;
    circle.found("Anna");
    const Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const GroupContext& context = *anna.state.context;
    CHECK(context.epoch == Epoch{0});
    CHECK(context.confirmed_transcript_hash.empty());
    CHECK(context.tree_hash == anna.state.tree.root_hash(circle.suite));
    CHECK(anna.state.tree.size().leaves == 1);
    CHECK(anna.state.confirmation_tag ==
          mac(circle.suite, anna.state.secrets.confirmation, BytesView{}));
    CHECK(anna.state.interim_transcript_hash ==
          interim_transcript_hash(circle.suite, {}, anna.state.confirmation_tag));
}

// RFC 9420: 12.4.1/path 12.4/path-present
TEST_CASE("a commit that must have a path has one, wanted or not") {
    Three circle;
    Intents intents;
    intents.path = Intents::Path::WhenRequired;
    CHECK(circle.commit(0, intents).changes.updated.size() == 1);
    intents.removes = {{2}};
    CHECK(circle.commit(0, intents).changes.updated.size() == 1);
    intents = {};
    intents.path = Intents::Path::WhenRequired;
    intents.context_extensions = Extensions{{policy, to_bytes("y")}};
    CHECK(circle.commit(0, intents).changes.updated.size() == 1);
    Forge anna = circle.forge(0);
    CHECK(circle.refusal(1, anna.closed(anna.bare_commit({}))) == "mls-path-required");
}

}  // namespace
}  // namespace cercle::mls
