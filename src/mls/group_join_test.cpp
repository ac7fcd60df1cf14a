// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a newcomer refuses of a Welcome (RFC 9420 section 12.4.3.1). The Welcome is opened with the
// newcomer's key, changed in one place, and everything around that made right again.
#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/opened.h"

namespace cercle::mls {
namespace {

struct Arriving : Circle {
    Person dina = Person::called(suite, "Dina", random);
    KeyPackageBundle bundle = package_of(dina);

    Arriving() {
        found("Anna");
        add(0, {"Boris", "Chloé"});
        follow(1, commit(1));
    }

    StagedCommit adding(Intents intents = {}) {
        intents.adds = {verified(bundle)};
        return commit(0, intents);
    }

    std::string_view joined(const Bytes& welcome, std::optional<BytesView> tree = {}) const {
        return rule_of(Group::join(welcome, bundle, dina.key, around(), tree));
    }

    /// With the GroupInfo that `spoil` makes of it, signed by Anna.
    template <class Spoil>
    std::string_view with_info(const OpenedWelcome& opened, const Spoil& spoil) {
        GroupInfoFields info = opened.info;
        spoil(info);
        info = *sign_group_info(std::move(info), people[0].key);
        return joined(opened.with_info(std::move(info), random));
    }

    /// The same with another tree inside, and the context's tree_hash right for it.
    template <class Spoil>
    std::string_view with_tree(const OpenedWelcome& opened, const Spoil& spoil) {
        return with_info(opened, [&](GroupInfoFields& info) {
            auto* const inside =
                &*std::ranges::find(info.extensions, ExtensionType::RatchetTree, &Extension::type);
            auto tree = codec::decode<UncheckedTree>(inside->data);
            REQUIRE(tree);
            RatchetTree changed = std::move(*tree).take_stored();
            spoil(changed);
            inside->data = codec::encode(changed);
            info.context.tree_hash = changed.root_hash(suite);
        });
    }
};

// RFC 9420: 12.4.3.1/suite 12.4.3.1/tree-hash 12.4.3.3/hash 12.4.3.1/confirmation-tag
// RFC 9420: 12.4.3/signature 12.4.3/context-supported 13.4/joiner 13.4/unique
TEST_CASE("each rule for a Welcome's GroupInfo has its own refusal") {
    Arriving circle;
    const auto opened = OpenedWelcome::open(circle.suite, circle.bundle, circle.adding().welcome);
    const auto rule = [&](const auto& spoil) { return circle.with_info(opened, spoil); };
    CHECK(rule([](GroupInfoFields&) {}) == "accepted");
    CHECK(rule([](GroupInfoFields& info) {
              info.context.suite = SuiteId::X25519ChaCha20Sha256Ed25519;
          }) == "mls-suite-unsupported");
    CHECK(rule([](GroupInfoFields& info) { info.context.tree_hash[0] ^= 1U; }) == "mls-tree-hash");
    CHECK(rule([](GroupInfoFields& info) { info.signer = {5}; }) == "mls-leaf-not-a-member");
    CHECK(rule([](GroupInfoFields& info) { info.signer = {1}; }) == "mls-group-info-signature");
    CHECK(rule([](GroupInfoFields& info) { info.confirmation_tag[0] ^= 1U; }) ==
          "mls-confirmation-tag");
    CHECK(rule([](GroupInfoFields& info) { info.context.confirmed_transcript_hash[0] ^= 1U; }) ==
          "mls-confirmation-tag");
    CHECK(rule([](GroupInfoFields& info) { info.extensions.push_back(info.extensions.front()); }) ==
          "mls-extension-repeated");
    CHECK(rule([](GroupInfoFields& info) {
              info.context.extensions.push_back({ExtensionType{0xF0C9}, {}});
          }) == "mls-extension-unsupported");
    // RFC 9420: 12.4.3/unknown-ignored 13.4/group-info-ignored
    CHECK(rule([](GroupInfoFields& info) {
              info.extensions.push_back({ExtensionType{0x1234}, Bytes(5)});
          }) == "accepted");
}

// RFC 9420: 12.4.3.1/parent-hash 7.9.2/join 12.4.3.1/leaves
// RFC 9420: 12.4.3.1/parent-keys 12.4.3.1/own-leaf 12.4.3.1/path-secret
TEST_CASE("each rule for a Welcome's tree has its own refusal") {
    Arriving circle;
    // Without a path she is unmerged at the root, and no parent hash is over her leaf.
    Intents intents;
    intents.path = Intents::Path::WhenRequired;
    const auto bare =
        OpenedWelcome::open(circle.suite, circle.bundle, circle.adding(intents).welcome);
    const auto rule = [&](const auto& spoil) { return circle.with_tree(bare, spoil); };
    const Bytes group = to_bytes("group");
    CHECK(rule([](RatchetTree&) {}) == "accepted");
    CHECK(rule([&](RatchetTree& tree) {
              LeafNode leaf = *tree.leaf({0})->open();
              leaf.origin.parent_hash[0] ^= 1U;
              tree.set_leaf({0}, sign_leaf(std::move(leaf), {group, {0}}, circle.people[0].key));
          }) == "mls-parent-hash");
    CHECK(rule([](RatchetTree& tree) {
              LeafNode leaf = *tree.leaf({2})->open();
              leaf.signature[0] ^= 1U;
              tree.set_leaf({2}, Leaf(std::move(leaf)));
          }) == "mls-parent-hash");  // the leaf is below a parent that hashes it
    CHECK(rule([](RatchetTree& tree) {
              LeafNode leaf = *tree.leaf({3})->open();
              leaf.signature[0] ^= 1U;
              tree.set_leaf({3}, Leaf(std::move(leaf)));
          }) == "mls-leaf-signature");
    CHECK(rule([&](RatchetTree& tree) {
              LeafNode leaf = *tree.leaf({3})->open();
              leaf.encryption_key = to_bytes(tree.encryption_key({3}));
              tree.set_leaf({3}, sign_leaf(std::move(leaf), {group, {3}}, circle.dina.key));
          }) == "mls-encryption-key-repeated");
    CHECK(rule([&](RatchetTree& tree) {
              const Person emre = Person::called(circle.suite, "Emre", circle.random);
              tree.set_leaf({3}, circle.package_of(emre).package()->leaf);
          }) == "mls-welcome-leaf-missing");
    // The right path secret of another node.
    const auto opened = OpenedWelcome::open(circle.suite, circle.bundle, circle.adding().welcome);
    auto secrets = codec::decode<GroupSecrets>(opened.group_secrets.reveal());
    REQUIRE(secrets);
    REQUIRE(secrets->path_secret);
    secrets->path_secret->path_secret =
        next_path_secret(circle.suite, secrets->path_secret->path_secret);
    auto sealed = encrypt_with_label(circle.suite,
                                     circle.bundle.init_key().public_key(),
                                     "Welcome",
                                     opened.welcome.encrypted_group_info,
                                     codec::encode_secret(*secrets).reveal(),
                                     circle.random);
    REQUIRE(sealed);
    CHECK(circle.joined(opened.with_group_secrets(*std::move(sealed))) == "mls-path-key-mismatch");
}

// RFC 9420: 12.4.3.1/tree 12.4.3.1/entry 5.3.1/group-info-welcome 12.4.3/group-id
TEST_CASE(
    "a Welcome needs its tree, its key package, a free group id, and members who are believed") {
    Arriving circle;
    Intents intents;
    intents.welcome_tree = TreePlace::Beside;
    StagedCommit staged = circle.adding(intents);
    const Bytes welcome = staged.welcome;
    CHECK(circle.joined(welcome) == "mls-tree-missing");
    const Bytes before = circle.groups[0].ratchet_tree();
    CHECK(circle.joined(welcome, before) == "mls-tree-hash");
    REQUIRE(circle.groups[0].merge(std::move(staged)));
    const Bytes tree = circle.groups[0].ratchet_tree();
    CHECK(circle.joined(welcome, tree) == "accepted");
    const std::vector<Bytes> groups{to_bytes("another"), to_bytes("group")};
    Surroundings member = circle.around();
    member.groups = groups;
    CHECK(rule_of(Group::join(welcome, circle.bundle, circle.dina.key, member, tree)) ==
          "mls-group-id-taken");
    const KeyPackageBundle other = circle.package_of(circle.dina);
    CHECK(rule_of(Group::join(welcome, other, circle.dina.key, circle.around(), tree)) ==
          "mls-welcome-not-for-us");
    circle.judge.disbelieved = "Chloé";
    CHECK(circle.joined(welcome, tree) == "certificate-untrusted");
}

}  // namespace
}  // namespace cercle::mls
