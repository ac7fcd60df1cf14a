// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Entering a group by a commit of one's own (RFC 9420 section 12.4.3.2), and what members refuse of
// those who try.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/outsider.h"

namespace cercle::mls {
namespace {

struct Open : Circle {
    explicit Open(SuiteId id = SuiteId::X25519Aes128Sha256Ed25519)
        : Circle(id) {
        openness = whole_rfc;
        found("Anna");
        add(0, {"Boris", "Chloé"});
    }

    ExternalJoin enter(const Person& person, const ExternalIntents& intents = {}) {
        auto join = Group::join_externally(
            seen_from_outside(0), person.key, person.profile, intents, random);
        INFO(rule_of(join));
        REQUIRE(join);
        return *std::move(join);
    }

    std::string_view refusal(const Bytes& message, std::size_t who = 1) {
        const Saved before = groups[who].save();
        const auto outcome = groups[who].receive(message, around());
        CHECK(same_bytes(groups[who].save(), before));
        return rule_of(outcome);
    }
};

TEST_CASE("who is outside enters by a commit of his own, in every suite, and all agree") {
    const auto id = GENERATE(SuiteId::X25519Aes128Sha256Ed25519,
                             SuiteId::P256Aes128Sha256P256,
                             SuiteId::X25519ChaCha20Sha256Ed25519,
                             SuiteId::XWingAes256Sha384Ed25519);
    Open circle(id);
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    ExternalJoin join = circle.enter(dina);
    CHECK(join.commit_hash == message_hash(join.commit));
    REQUIRE(join.changes.added.size() == 1);
    CHECK(join.changes.added[0].credential == dina.profile.credential);
    circle.let_in(std::move(dina), std::move(join));
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[0].roster().size() == 4);
    circle.follow(3, circle.commit(3));
    circle.follow(1, circle.commit(1));
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[2].receive(circle.say(3, "here I am"), circle.around()));
}

TEST_CASE("a commit from outside is only staged, and says who enters") {
    Open circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const ExternalJoin join = circle.enter(dina);
    const Saved before = circle.groups[1].save();
    auto outcome = circle.groups[1].receive(join.commit, circle.around());
    REQUIRE(outcome);
    CHECK(same_bytes(circle.groups[1].save(), before));
    const auto& staged = std::get<StagedEpoch>(*outcome);
    CHECK(staged.committer == StagedEpoch::Committer::Newcomer);
    CHECK(staged.sender.credential == dina.profile.credential);
    CHECK(staged.changes.updated.empty());
    REQUIRE(staged.changes.added.size() == 1);
    CHECK(staged.changes.added[0].index == join.group.own_index());
}

TEST_CASE("a group of one in its first epoch can be entered, too") {
    Circle circle;
    circle.openness = whole_rfc;
    circle.found("Anna");
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    auto join = Group::join_externally(
        circle.seen_from_outside(0), dina.key, dina.profile, {}, circle.random);
    REQUIRE(join);
    circle.let_in(std::move(dina), *std::move(join));
    REQUIRE(circle.all_agree());
}

TEST_CASE("who has lost his state enters anew, and his old leaf goes") {
    Open circle;
    const Person boris{
        circle.people[1].name, circle.people[1].key.copy(), circle.people[1].profile};
    ExternalIntents intents;
    intents.replaces = circle.groups[1].own_index();
    ExternalJoin join = circle.enter(boris, intents);
    CHECK(join.changes.removed.size() == 1);
    const auto evicted = circle.groups[1].receive(join.commit, circle.around());
    REQUIRE(evicted);
    CHECK(std::get<Eviction>(*evicted).sender.credential == boris.profile.credential);
    circle.groups.erase(circle.groups.begin() + 1);
    circle.people.erase(circle.people.begin() + 1);
    circle.let_in({boris.name, boris.key.copy(), boris.profile}, std::move(join));
    REQUIRE(circle.all_agree());
    CHECK(circle.groups[0].roster().size() == 3);
    circle.follow(0, circle.commit(0));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 12.2/external-remove-own 12.1.3/member
TEST_CASE("nobody takes another's leaf by entering from outside") {
    Open circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    ExternalIntents intents;
    intents.replaces = circle.groups[1].own_index();
    CHECK(circle.refusal(circle.enter(dina, intents).commit, 0) ==
          "mls-credential-not-a-successor");
    // Without the resync, one signature key does not stand in a group twice.
    CHECK(
        rule_of(Group::join_externally(
            circle.seen_from_outside(0), circle.people[1].key, dina.profile, {}, circle.random)) ==
        "mls-signature-key-repeated");
    intents.replaces = LeafIndex{77};
    CHECK(rule_of(Group::join_externally(
              circle.seen_from_outside(0), dina.key, dina.profile, intents, circle.random)) ==
          "mls-leaf-not-a-member");
}

TEST_CASE("who enters from outside may prove an earlier time by its key") {
    Open circle;
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    const Epoch epoch = circle.groups[0].epoch();
    Keyring ring;
    ring.external[to_bytes("shared")] = to_bytes("by telephone");
    ring.resumption[{to_bytes("group"), epoch}] =
        to_bytes(circle.groups[0].resumption_psk(epoch)->reveal());
    ExternalIntents intents;
    intents.psks = {external_psk_id(view_of("shared")), resumption_psk_id(view_of("group"), epoch)};
    intents.psk_source = &ring;
    ExternalJoin join = circle.enter(dina, intents);
    CHECK(circle.refusal(join.commit) == "mls-psk-unknown");
    circle.keyring.external = ring.external;
    circle.let_in(std::move(dina), std::move(join));
    REQUIRE(circle.all_agree());
    intents.psk_source = nullptr;
    CHECK(rule_of(Group::join_externally(circle.seen_from_outside(0),
                                         Person::called(circle.suite, "Emre", circle.random).key,
                                         circle.people[0].profile,
                                         intents,
                                         circle.random)) == "mls-psk-unknown");
}

// RFC 9420: 12.4.3.2/external-pub 12.4.3/unknown-ignored
TEST_CASE("the tree may come beside the GroupInfo, and the key to enter may be withheld") {
    Open circle;
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    PublishedInfo published;
    published.tree = TreePlace::Beside;
    published.extensions = {{ExtensionType{0x1A1A}, to_bytes("grease")}};
    auto message = circle.groups[0].group_info(published);
    REQUIRE(message);
    CHECK(rule_of(VerifiedGroupInfo::from_message(*message, circle.around())) ==
          "mls-tree-missing");
    const Bytes tree = circle.groups[0].ratchet_tree();
    auto info = VerifiedGroupInfo::from_message(*message, circle.around(), tree);
    REQUIRE(info);
    CHECK(find_extension(info->extensions(), ExtensionType{0x1A1A}) != nullptr);
    CHECK(info->roster().size() == 3);
    CHECK(info->group_id() == to_bytes("group"));
    CHECK(info->epoch() == circle.groups[0].epoch());
    auto join = Group::join_externally(*info, dina.key, dina.profile, {}, circle.random);
    REQUIRE(join);
    circle.let_in(std::move(dina), *std::move(join));
    REQUIRE(circle.all_agree());
    published.external_key = PublishedInfo::ExternalKey::Withheld;
    message = circle.groups[0].group_info(published);
    info =
        VerifiedGroupInfo::from_message(*message, circle.around(), circle.groups[0].ratchet_tree());
    REQUIRE(info);
    CHECK(rule_of(Group::join_externally(
              *info, circle.people[3].key, circle.people[3].profile, {}, circle.random)) ==
          "mls-external-pub-missing");
    published.extensions.push_back(published.extensions[0]);
    CHECK(rule_of(circle.groups[0].group_info(published)) == "mls-extension-repeated");
}

// RFC 9420: 5.3.1/group-info-external 7.2/longest-lifetime 12.4.3/signature 12.4.3/group-id
// RFC 9420: 12.4.3/context-supported
TEST_CASE("a GroupInfo is refused by each of its rules") {
    Open circle;
    const auto message = circle.groups[0].group_info();
    REQUIRE(message);
    const auto info = std::get<GroupInfo>(codec::decode<MlsMessage>(*message)->content);
    const auto rule = [&](const auto& spoil, const crypto::SigningKey& key) {
        GroupInfoFields fields = *info;
        spoil(fields);
        const Bytes changed = codec::encode(MlsMessage{sign_group_info(std::move(fields), key)});
        return rule_of(VerifiedGroupInfo::from_message(changed, circle.around()));
    };
    const crypto::SigningKey& anna = circle.people[0].key;
    CHECK(rule([](GroupInfoFields&) {}, anna) == "accepted");
    CHECK(rule([](GroupInfoFields&) {}, circle.people[1].key) == "mls-group-info-signature");
    CHECK(rule([](GroupInfoFields& fields) { fields.signer = {3}; }, anna) ==
          "mls-leaf-not-a-member");
    CHECK(rule([](GroupInfoFields& fields) { fields.context.tree_hash[0] ^= 1U; }, anna) ==
          "mls-tree-hash");
    CHECK(rule([](GroupInfoFields& fields) { fields.context.version = ProtocolVersion{2}; },
               anna) == "mls-version-unsupported");
    CHECK(rule([](GroupInfoFields& fields) { fields.context.suite = SuiteId{0x0A0A}; }, anna) ==
          "mls-suite-unknown");
    CHECK(rule([](GroupInfoFields& fields) { fields.extensions.push_back(fields.extensions[0]); },
               anna) == "mls-extension-repeated");
    CHECK(rule(
              [](GroupInfoFields& fields) {
                  fields.context.extensions.push_back(fields.context.extensions[0]);
              },
              anna) == "mls-extension-repeated");
    CHECK(rule(
              [](GroupInfoFields& fields) {
                  fields.context.extensions.push_back({ExtensionType{0xF0C9}, {}});
              },
              anna) == "mls-extension-unsupported");
    CHECK(rule_of(VerifiedGroupInfo::from_message(circle.say(0, "hello"), circle.around())) ==
          "mls-wire-format");
    const std::vector<Bytes> groups{to_bytes("group")};
    Surroundings member = circle.around();
    member.groups = groups;
    CHECK(rule_of(VerifiedGroupInfo::from_message(*message, member)) == "mls-group-id-taken");
    Surroundings strict = circle.around();
    strict.longest_lifetime = std::chrono::hours(24);
    CHECK(rule_of(VerifiedGroupInfo::from_message(*message, strict)) == "mls-lifetime-too-long");
    circle.judge.disbelieved = "Chloé";
    CHECK(rule([](GroupInfoFields&) {}, anna) == "certificate-untrusted");
}

// RFC 9420: 5.1.2/suite-algorithm 13.4/joiner
TEST_CASE("who enters must be able to be in the group") {
    Open circle;
    Intents intents;
    RequiredCapabilities required;
    required.credentials = {CredentialType::X509};
    intents.context_extensions =
        Extensions{{policy, to_bytes("x")}, required_capabilities(required)};
    circle.follow(0, circle.commit(0, intents));
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    dina.profile.understood.clear();
    CHECK(rule_of(Group::join_externally(
              circle.seen_from_outside(0), dina.key, dina.profile, {}, circle.random)) ==
          "mls-extension-unsupported");
    const Person nist =
        Person::called(**find_suite(SuiteId::P256Aes128Sha256P256), "Emre", circle.random);
    CHECK(rule_of(Group::join_externally(
              circle.seen_from_outside(0), nist.key, nist.profile, {}, circle.random)) ==
          "mls-wrong-signature-key");
}

// RFC 9420: 12.4.3.2/path 12.4.3.2/references 12.4.3.2/signature 12.4.3.2/init-secret
// RFC 9420: 12.2/external-one-init 12.2/external-one-remove 12.2/external-others
// RFC 9420: 12.4.2/leaf-source 7.3/source-commit 6.1/signature
TEST_CASE("each rule for external commits has its own refusal") {
    Open circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const Forge inside = Forge::of(circle.groups[0], circle.people[0].key);
    const Bytes genuine = circle.enter(dina).commit;
    const auto rule = [&](const auto& spoil) {
        OpenedOutside opened = OpenedOutside::open(genuine);
        spoil(opened);
        return circle.refusal(opened.signed_by(dina.key, inside));
    };
    const auto also = [](Proposal proposal) {
        return
            [proposal](OpenedOutside& opened) { opened.commit().proposals.push_back({proposal}); };
    };
    CHECK(rule([](OpenedOutside&) {}) == "accepted");
    CHECK(rule([](OpenedOutside& opened) { opened.commit().path.reset(); }) == "mls-path-required");
    CHECK(rule([](OpenedOutside& opened) {
              opened.commit().proposals.push_back({Bytes(32, 1)});
          }) == "mls-external-commit-reference");
    CHECK(rule([](OpenedOutside& opened) { opened.commit().proposals.clear(); }) ==
          "mls-external-init");
    CHECK(rule([](OpenedOutside& opened) {
              opened.commit().proposals.push_back(opened.commit().proposals[0]);
          }) == "mls-external-init");
    CHECK(rule([&](OpenedOutside& opened) {
              also({Remove{{1}}})(opened);
              also({Remove{{2}}})(opened);
          }) == "mls-external-commit-list");
    CHECK(rule(also({Remove{{9}}})) == "mls-leaf-not-a-member");
    CHECK(rule(also({Add{circle.package_of(dina).package()}})) == "mls-external-commit-list");
    CHECK(rule(also({GroupContextExtensions{}})) == "mls-external-commit-list");
    CHECK(rule(also({ReInit{}})) == "mls-external-commit-list");
    CHECK(rule(also({Update{inside.state.tree.leaf({0})->open()}})) == "mls-external-commit-list");
    CHECK(rule([](OpenedOutside& opened) {
              auto& init = std::get<Proposal>(opened.commit().proposals[0].content);
              std::get<ExternalInit>(init.content).kem_output.pop_back();
          }) == "invalid-key");
    // Another key is given than the one that the tag was made with.
    CHECK(rule([](OpenedOutside& opened) {
              auto& init = std::get<Proposal>(opened.commit().proposals[0].content);
              std::get<ExternalInit>(init.content).kem_output = Bytes(32, 9);
          }) == "mls-confirmation-tag");
    CHECK(rule([](OpenedOutside& opened) { opened.commit().path->nodes.pop_back(); }) ==
          "mls-path-length");
    CHECK(rule([&](OpenedOutside& opened) {
              LeafNode leaf = *opened.commit().path->leaf;
              leaf.origin = {LeafNodeSource::Update, {}, {}};
              opened.commit().path->leaf =
                  sign_leaf(std::move(leaf), {view_of("group"), {3}}, dina.key);
          }) == "mls-leaf-source");
    CHECK(rule([&](OpenedOutside& opened) {
              LeafNode leaf = *opened.commit().path->leaf;
              opened.commit().path->leaf =
                  sign_leaf(std::move(leaf), {view_of("group"), {2}}, dina.key);
          }) == "mls-leaf-signature");
    CHECK(rule([](OpenedOutside& opened) { opened.auth.confirmation_tag->at(0) ^= 1U; }) ==
          "mls-confirmation-tag");
    OpenedOutside opened = OpenedOutside::open(genuine);
    CHECK(circle.refusal(opened.signed_by(circle.people[2].key, inside)) ==
          "mls-message-signature");
    circle.judge.disbelieved = "Dina";
    CHECK(rule([](OpenedOutside&) {}) == "certificate-untrusted");
}

TEST_CASE("a GroupInfo lets in for one epoch") {
    Open circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const ExternalJoin join = circle.enter(dina);
    circle.follow(0, circle.commit(0));
    CHECK(circle.refusal(join.commit) == "mls-epoch-past");
}

// RFC 9420: 12.4.3.2/policy
TEST_CASE("an external commit is refused where the house does not want one") {
    Open circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const ExternalJoin join = circle.enter(dina);
    circle.openness.external_commits = Openness::Refuse;
    CHECK(circle.refusal(join.commit) == "mls-external-commit");
}

}  // namespace
}  // namespace cercle::mls
