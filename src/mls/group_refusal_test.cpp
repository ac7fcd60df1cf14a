// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a group refuses: from strangers, from the relay, and from members who break the rules.
// Every refusal is checked to have changed nothing.
#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/forge/opened.h"
#include "tests/vectors/damage.h"

namespace cercle::mls {
namespace {

struct Three : Circle {
    Three() {
        found("Anna");
        add(0, {"Boris", "Chloé"});
        follow(1, commit(1));
    }
};

std::string_view refusal(Circle& circle, std::size_t who, const Bytes& message) {
    const Saved before = circle.groups[who].save();
    const auto outcome = circle.groups[who].receive(message, circle.around());
    const std::string_view rule = rule_of(outcome);
    CHECK(same_bytes(circle.groups[who].save(), before));
    return rule;
}

Forge forge(const Circle& circle, std::size_t who) {
    return Forge::of(circle.groups[who], circle.people[who].key);
}

TEST_CASE("the forger can make a commit that is right, so that what it spoils is what is refused") {
    Three circle;
    const auto outcome = circle.groups[1].receive(forge(circle, 0).path_commit(), circle.around());
    REQUIRE(outcome);
    CHECK(std::holds_alternative<StagedEpoch>(*outcome));
}

// RFC 9420: 7.5/derived-keys
TEST_CASE("a path key that its secret does not give is refused (section 7.5, step 6)") {
    Three circle;
    for (const bool lowest : {true, false}) {
        Forge anna = forge(circle, 0);
        const Bytes message =
            anna.path_commit([&](LeafNode&, std::vector<Bytes>& keys, PathDraft&) {
                auto& key = lowest ? keys.front() : keys.back();
                key = crypto::KemKey::generate(circle.suite.hpke.kem, *anna.random).public_key();
            });
        // Boris is below both nodes; Chloé, below the upper one only, could not see the lower.
        CHECK(refusal(circle, 1, message) == "mls-path-key-mismatch");
    }
}

// Every length and every bit: tests/tampering.
// RFC 9420: 12.4.2/confirmation-tag
TEST_CASE("a tampered or truncated confirmation tag is refused") {
    Three circle;
    const StagedCommit staged = circle.commit(0);
    const Forge boris = forge(circle, 1);
    const auto opened = OpenedMessage::open(boris, staged.commit);
    for (const std::size_t size : {0U, 1U, 31U, 32U}) {
        ContentAuth changed = opened.auth;
        changed.confirmation_tag->resize(size);
        if (size == 32) changed.confirmation_tag->at(0) ^= 1U;
        CHECK(refusal(circle, 1, opened.with_auth(boris, changed)) == "mls-confirmation-tag");
    }
    CHECK(circle.groups[1].receive(opened.with_auth(boris, opened.auth), circle.around()));
}

// RFC 9420: 7.5/length 7.6/ciphertexts 7.5/parent-hash 7.9.2/commit
TEST_CASE("a path of the wrong shape is refused") {
    Three circle;
    Forge anna = forge(circle, 0);
    anna.spoilers.path = [](auto& nodes) { nodes.pop_back(); };
    CHECK(refusal(circle, 1, anna.path_commit()) == "mls-path-length");
    anna = forge(circle, 0);
    anna.spoilers.path = [](auto& nodes) { nodes[0].encrypted_path_secrets.pop_back(); };
    CHECK(refusal(circle, 1, anna.path_commit()) == "mls-path-ciphertexts");
    anna = forge(circle, 0);
    anna.spoilers.parent_hash = [](Bytes& hash) { hash[0] ^= 1U; };
    CHECK(refusal(circle, 1, anna.path_commit()) == "mls-parent-hash");
}

// RFC 9420: 12.4.2/path-keys 12.4.2/new-key 7.5/like-update
TEST_CASE("a path with a key that the tree has already is refused") {
    Three circle;
    Forge anna = forge(circle, 0);
    const Bytes boris = to_bytes(anna.state.tree.encryption_key(node_of({1})));
    const Bytes own = to_bytes(anna.state.tree.encryption_key(node_of({0})));
    CHECK(refusal(circle, 2, anna.path_commit([&](LeafNode&, std::vector<Bytes>& keys, PathDraft&) {
              keys.back() = boris;
          })) == "mls-path-key-repeated");
    CHECK(refusal(circle,
                  2,
                  anna.path_commit([&](LeafNode& leaf, std::vector<Bytes>& keys, PathDraft&) {
                      keys.back() = leaf.encryption_key;
                  })) == "mls-path-key-repeated");
    CHECK(refusal(circle, 2, anna.path_commit([&](LeafNode& leaf, std::vector<Bytes>&, PathDraft&) {
              leaf.encryption_key = own;
          })) == "mls-encryption-key-repeated");
}

// RFC 9420: 5.3.1/commit 5.3.1/successor 7.5/like-update 7.3/suite
TEST_CASE("a committer's new leaf obeys every rule for leaves") {
    Three circle;
    const auto rule = [&](const auto& spoil) {
        return refusal(circle,
                       1,
                       forge(circle, 0).path_commit(
                           [&](LeafNode& leaf, std::vector<Bytes>&, PathDraft&) { spoil(leaf); }));
    };
    CHECK(rule([](LeafNode& leaf) { leaf.capabilities.suites.clear(); }) ==
          "mls-suite-unsupported");
    CHECK(rule([](LeafNode& leaf) { leaf.capabilities.extensions = {reader_key}; }) ==
          "mls-extension-unsupported");
    CHECK(rule([](LeafNode& leaf) { leaf.credential = basic_credential(view_of("Zoé")); }) ==
          "mls-credential-not-a-successor");
    circle.judge.disbelieved = "Anna";
    CHECK(rule([](LeafNode&) {}) == "certificate-untrusted");
}

// RFC 9420: 12.4.2/path 12.4/path-present
TEST_CASE("a commit without the path that it needs is refused") {
    Three circle;
    Forge anna = forge(circle, 0);
    CHECK(refusal(circle, 1, anna.closed(anna.bare_commit({}))) == "mls-path-required");
    CHECK(refusal(circle, 1, anna.closed(anna.bare_commit({{Remove{{2}}}}))) ==
          "mls-path-required");
    CHECK(refusal(circle, 1, anna.closed(anna.bare_commit({{GroupContextExtensions{}}}))) ==
          "mls-path-required");
}

// RFC 9420: 12.2/individual 12.2/update-by-committer 12.2/remove-of-committer 12.2/one-leaf
// RFC 9420: 12.2/adds-of-one 12.2/add-of-member 12.2/psk-twice 12.2/context-twice
// RFC 9420: 12.2/external-init 12.2/tree 12.1.6/context 12.1.3/member 12.1.4/nonce 12.1.4/usage
// RFC 9420: 12.4.2/psks 13.4/unique 7.3/unique-signature-key
TEST_CASE("each rule for lists of proposals has its own refusal") {
    Three circle;
    Forge anna = forge(circle, 0);
    const auto rule = [&](std::vector<Proposal> list) {
        return refusal(circle, 1, anna.closed(anna.bare_commit(std::move(list))));
    };
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackage package = circle.package_of(dina).package();
    const KeyPackage boris = circle.package_of(circle.people[1]).package();
    CHECK(rule({{Remove{{0}}}}) == "mls-commit-remove-of-self");
    CHECK(rule({{Remove{{2}}}, {Remove{{2}}}}) == "mls-proposal-conflict");
    CHECK(rule({{Remove{{3}}}}) == "mls-leaf-not-a-member");
    CHECK(rule({{Remove{{0xffffffffU}}}}) == "mls-leaf-not-a-member");
    CHECK(rule({{Add{package}}, {Add{circle.package_of(dina).package()}}}) ==
          "mls-signature-key-repeated");
    CHECK(rule({{Add{boris}}}) == "mls-signature-key-repeated");
    CHECK(rule({{GroupContextExtensions{}}, {GroupContextExtensions{}}}) ==
          "mls-context-extensions-repeated");
    CHECK(rule({{GroupContextExtensions{{{policy, {}}, {policy, {}}}}}}) ==
          "mls-extension-repeated");
    CHECK(rule({{GroupContextExtensions{{{ExtensionType{0xF0C9}, {}}}}}}) ==
          "mls-extension-unsupported");
    RequiredCapabilities required;
    required.extensions = {ExtensionType{0xF0C9}};
    CHECK(rule({{GroupContextExtensions{
              {{ExtensionType::RequiredCapabilities, codec::encode(required)}}}}}) ==
          "mls-required-capabilities");
    CHECK(rule({{ReInit{to_bytes("next"), ProtocolVersion::Mls10, circle.suite.id, {}}}}) ==
          "mls-reinit-refused");
    CHECK(rule({{ExternalInit{Bytes(32)}}}) == "mls-external-init");
    PskId psk;
    psk.external_id = to_bytes("shared");
    CHECK(rule({{PreSharedKey{psk}}}) == "mls-psk-nonce");
    psk.nonce = Bytes(32);
    CHECK(rule({{PreSharedKey{psk}}}) == "mls-psk-unknown");
    CHECK(rule({{PreSharedKey{psk}}, {PreSharedKey{psk}}}) == "mls-psk-repeated");
    psk.type = PskType::Resumption;
    psk.usage = ResumptionUsage::Branch;
    CHECK(rule({{PreSharedKey{psk}}}) == "mls-psk-usage");
    const Leaf own = sign_leaf(
        [&] {
            LeafNode leaf = *anna.state.tree.leaf({0})->open();
            leaf.encryption_key = Bytes(32, 9);
            leaf.origin = {LeafNodeSource::Update, {}, {}};
            return leaf;
        }(),
        {anna.state.context->group_id, {0}},
        anna.key);
    CHECK(rule({{Update{own}}}) == "mls-commit-update-of-self");
    circle.judge.disbelieved = "Dina";
    CHECK(rule({{Add{package}}}) == "certificate-untrusted");
}

// RFC 9420: 12.4.2/references
TEST_CASE("a commit of a proposal that did not arrive is refused") {
    Three circle;
    auto proposal = circle.groups[0].propose_update({}, {}, circle.random);
    REQUIRE(proposal);
    REQUIRE(circle.groups[1].receive(*proposal, circle.around()));
    const StagedCommit staged = circle.commit(1);
    CHECK(refusal(circle, 2, staged.commit) == "mls-proposal-missing");
    REQUIRE(circle.groups[2].receive(*proposal, circle.around()));
    CHECK(refusal(circle, 2, staged.commit) == "accepted");
}

// RFC 9420: 7.3/source-update 7.3/update-new-key 7.3/unique-encryption-key 12.1.2/leaf 5.3.1/update
// RFC 9420: 5.3.1/successor
TEST_CASE("an update of a leaf obeys every rule for leaves") {
    Three circle;
    Forge anna = forge(circle, 0);
    const auto rule = [&](const auto& spoil) {
        LeafNode leaf = *anna.state.tree.leaf({0})->open();
        leaf.encryption_key =
            crypto::KemKey::generate(circle.suite.hpke.kem, *anna.random).public_key();
        leaf.origin = {LeafNodeSource::Update, {}, {}};
        LeafPlace place{anna.state.context->group_id, {0}};
        spoil(leaf, place);
        return refusal(
            circle,
            1,
            anna.closed(anna.sign(Proposal{Update{sign_leaf(std::move(leaf), place, anna.key)}})));
    };
    CHECK(rule([&](LeafNode& leaf, LeafPlace&) {
              leaf.encryption_key = to_bytes(anna.state.tree.encryption_key(node_of({0})));
          }) == "mls-encryption-key-repeated");
    CHECK(rule([](LeafNode&, LeafPlace& place) { place.index = {1}; }) == "mls-leaf-signature");
    CHECK(rule([](LeafNode& leaf, LeafPlace&) {
              leaf.origin = {LeafNodeSource::Commit, {}, Bytes(32)};
          }) == "mls-leaf-source");
    CHECK(rule([](LeafNode& leaf, LeafPlace&) {
              leaf.credential = basic_credential(view_of("Zoé"));
          }) == "mls-credential-not-a-successor");
    circle.judge.disbelieved = "Anna";
    CHECK(rule([](LeafNode&, LeafPlace&) {}) == "certificate-untrusted");
}

TEST_CASE("an external commit is refused") {
    Three circle;
    Forge anna = forge(circle, 0);
    FramedContent framed = anna.framed(Commit{});
    framed.sender.type = SenderType::NewMemberCommit;
    const auto content =
        VerifiedContent::sign(
            WireFormat::PublicMessage, std::move(framed), anna.state.context.bytes(), anna.key)
            .with_confirmation_tag(Bytes(32));
    CHECK(refusal(circle, 1, anna.open(content)) == "mls-external-commit");
}

// RFC 9420: 12.1.8/authorized
TEST_CASE("proposals from outside of the group are refused") {
    Three circle;
    Forge anna = forge(circle, 0);
    for (const auto type : {SenderType::External, SenderType::NewMemberProposal}) {
        FramedContent framed = anna.framed(Proposal{Remove{{2}}});
        framed.sender.type = type;
        const auto content = VerifiedContent::sign(
            WireFormat::PublicMessage, std::move(framed), anna.state.context.bytes(), anna.key);
        CHECK(refusal(circle, 1, anna.open(content)) == "mls-external-proposal");
    }
}

// RFC 9420: 12.4.2/epoch 12.4.2/group 12.1/epoch
TEST_CASE("messages of other groups and epochs are refused, each by its rule") {
    Three circle;
    Forge anna = forge(circle, 0);
    const StagedCommit old = circle.commit(0);
    const Bytes old_proposal = anna.closed(anna.sign(Proposal{Remove{{2}}}));
    const Bytes old_public = anna.open(anna.sign(Proposal{Remove{{2}}}, WireFormat::PublicMessage));
    circle.follow(1, circle.commit(1));
    CHECK(refusal(circle, 2, old.commit) == "mls-epoch-past");
    CHECK(refusal(circle, 2, old_proposal) == "mls-epoch-past");
    CHECK(refusal(circle, 2, old_public) == "mls-epoch-past");
    anna = forge(circle, 0);
    GroupContext context = *anna.state.context;
    context.epoch = context.epoch.next();
    anna.state.context = Original<GroupContext>(context);
    CHECK(refusal(circle, 2, anna.closed(anna.sign(to_bytes("x")))) == "mls-epoch-in-future");
    context.group_id = to_bytes("other");
    anna.state.context = Original<GroupContext>(context);
    CHECK(refusal(circle, 2, anna.closed(anna.sign(to_bytes("x")))) == "mls-wrong-group");
}

// RFC 9420: 6.1/signature 6.3.1/auth-data 6.3.2/leaf 12.1/signature
TEST_CASE("a sender may not speak from another's leaf") {
    Three circle;
    Forge anna = forge(circle, 0);
    FramedContent framed = anna.framed(to_bytes("I am Boris"));
    framed.sender.leaf = {1};
    auto content = VerifiedContent::sign(
        WireFormat::PrivateMessage, std::move(framed), anna.state.context.bytes(), anna.key);
    auto found = anna.state.secret_tree.look_up_next(circle.suite, {1}, RatchetKind::Application);
    REQUIRE(found);
    CHECK(refusal(circle,
                  2,
                  codec::encode(MlsMessage{protect_privately(circle.suite,
                                                             content,
                                                             anna.state.secrets.sender_data,
                                                             *found,
                                                             0,
                                                             *anna.random)})) ==
          "mls-message-signature");
    framed = anna.framed(to_bytes("I am nobody"));
    framed.sender.leaf = {3};
    content = VerifiedContent::sign(
        WireFormat::PrivateMessage, std::move(framed), anna.state.context.bytes(), anna.key);
    CHECK(refusal(circle, 2, anna.closed(content)) == "mls-leaf-not-a-member");
}

// RFC 9420: 15.3/generations
TEST_CASE("a claimed generation of 2^32-1, or one far away, is refused at once") {
    Three circle;
    Forge anna = forge(circle, 0);
    CHECK(refusal(circle, 1, anna.with_generation(0xffffffffU)) == "mls-generation-exhausted");
    CHECK(refusal(circle, 1, anna.with_generation(0xfffffffeU)) == "mls-generation-too-far");
    CHECK(refusal(circle, 1, anna.with_generation(1001)) == "mls-generation-too-far");
    CHECK(refusal(circle, 1, anna.with_generation(1000)) == "forged");
}

// RFC 9420: 6/application-private
TEST_CASE("an application message in the open is refused") {
    Three circle;
    const Forge anna = forge(circle, 0);
    const Bytes message = anna.open(anna.sign(to_bytes("hello"), WireFormat::PublicMessage));
    CHECK(refusal(circle, 1, message) == "mls-application-in-public");
}

TEST_CASE("a public message is refused in every damaged form") {
    Three circle;
    const Forge anna = forge(circle, 0);
    const Bytes message = anna.open(anna.sign(Proposal{Remove{{2}}}, WireFormat::PublicMessage));
    const Saved before = circle.groups[1].save();
    vectors::require_damage_refused(message, [&](const Bytes& bytes) {
        auto group = Group::load(before.public_part, before.secret_part, circle.people[1].key);
        REQUIRE(group);
        return group->receive(bytes, circle.around()).has_value();
    });
}

TEST_CASE("a private message is refused in every damaged form, and still opens after that") {
    Three circle;
    const Bytes message = circle.say(0, "hello");
    const Saved before = circle.groups[1].save();
    std::size_t opened = 0;
    vectors::require_damage_refused(message, [&](const Bytes& bytes) {
        if (bytes == message) return true;
        const bool accepted = circle.groups[1].receive(bytes, circle.around()).has_value();
        opened += accepted ? 1 : 0;
        return accepted;
    });
    CHECK(opened == 0);
    CHECK(same_bytes(circle.groups[1].save(), before));
    CHECK(circle.groups[1].receive(message, circle.around()));
}

TEST_CASE("a Welcome is refused in every damaged form") {
    Three circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    const StagedCommit staged = circle.commit(0, intents);
    const auto joins = [&](const Bytes& bytes) {
        return Group::join(bytes, bundle, dina.key, circle.around()).has_value();
    };
    REQUIRE(joins(staged.welcome));
    for (std::size_t size = 0; size < staged.welcome.size(); size += 3) {
        CHECK_FALSE(joins(to_bytes(BytesView(staged.welcome).first(size))));
    }
    for (std::size_t at = 0; at < staged.welcome.size(); ++at) {
        Bytes damaged = staged.welcome;
        damaged[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        CHECK_FALSE(joins(damaged));
    }
}

// RFC 9420: 12.4.3.1/entry
TEST_CASE("a Welcome is only for the key package and key that it was made for") {
    Three circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle bundle = circle.package_of(dina);
    const KeyPackageBundle other = circle.package_of(dina);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    const StagedCommit staged = circle.commit(0, intents);
    CHECK(rule_of(Group::join(staged.welcome, other, dina.key, circle.around())) ==
          "mls-welcome-not-for-us");
    CHECK(rule_of(Group::join(staged.welcome, bundle, circle.people[0].key, circle.around())) ==
          "mls-wrong-signature-key");
    CHECK(rule_of(Group::join(staged.commit, bundle, dina.key, circle.around())) ==
          "mls-wire-format");
    circle.judge.disbelieved = "Chloé";
    CHECK(rule_of(Group::join(staged.welcome, bundle, dina.key, circle.around())) ==
          "certificate-untrusted");
}

}  // namespace
}  // namespace cercle::mls
