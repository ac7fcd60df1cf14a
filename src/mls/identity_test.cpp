// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A member gets a new signature key, or another credential, or both, by a commit of its own or by
// an Update that another commits.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/member.h"

namespace cercle::mls {
namespace {

struct Three : Circle {
    explicit Three(SuiteId id = SuiteId::X25519Aes128Sha256Ed25519)
        : Circle(id) {
        found("Anna");
        add(0, {"Boris", "Chloé"});
        judge.renamed["Anna"] = "Anna Martin";
    }

    crypto::SigningKey fresh = crypto::SigningKey::generate(suite.signature, random);
    NewIdentity identity{fresh, basic_credential(view_of("Anna Martin")), judge};

    [[nodiscard]] Intents renewing() const {
        Intents intents;
        intents.leaf.identity = &identity;
        return intents;
    }

    void propose_renewal() {
        const auto update = groups[0].propose_update({&identity}, {}, random);
        REQUIRE(update);
        REQUIRE(groups[1].receive(*update, around()));
        REQUIRE(groups[2].receive(*update, around()));
    }

    [[nodiscard]] Member heard_by(std::size_t hearer, BytesView message) {
        auto heard = groups[hearer].receive(message, around());
        INFO(rule_of(heard));
        REQUIRE(heard);
        return std::get<ApplicationMessage>(*heard).sender;
    }

    /// Loads Anna from what she stored.
    [[nodiscard]] std::string_view reload(const crypto::SigningKey& key) {
        const Saved saved = groups[0].save();
        auto loaded = Group::load(saved.public_part, saved.secret_part, key);
        if (!loaded) return rule_of(loaded);
        CHECK(same_bytes(loaded->save(), saved));
        groups[0] = *std::move(loaded);
        return "accepted";
    }

    void check_that_anna_is_new() {
        REQUIRE(all_agree());
        CHECK(reload(people[0].key) == "mls-wrong-signature-key");
        REQUIRE(reload(fresh) == "accepted");
        const Member anna = heard_by(1, say(0, "hello"));
        CHECK(anna.signature_key == fresh.public_key());
        CHECK(anna.credential == identity.credential);
        follow(0, commit(0));
        follow(2, commit(2));
        REQUIRE(all_agree());
    }
};

constexpr std::array both_suites{SuiteId::X25519Aes128Sha256Ed25519,
                                 SuiteId::XWingAes256Sha384Ed25519};

// RFC 9420: 5.1.2/suite-algorithm
TEST_CASE("a commit brings its author's new signature key and credential, and all follow") {
    for (const SuiteId suite : both_suites) {
        Three circle(suite);
        const Bytes late = circle.say(0, "before it");
        const StagedCommit staged = circle.commit(0, circle.renewing());
        REQUIRE(staged.signing_key);
        CHECK(staged.changes.updated.at(0).signature_key == circle.fresh.public_key());
        // Staged, not entered: what she says is still signed as before.
        CHECK(circle.heard_by(1, circle.say(0, "meanwhile")).signature_key ==
              circle.people[0].key.public_key());
        const Saved saved = staged.save();
        REQUIRE(circle.reload(circle.people[0].key) == "accepted");
        auto loaded = StagedCommit::load(saved.public_part, saved.secret_part);
        REQUIRE(loaded);
        CHECK(same_bytes(loaded->save(), saved));
        circle.follow(0, *std::move(loaded));
        CHECK(circle.heard_by(1, late).signature_key == circle.people[0].key.public_key());
        circle.check_that_anna_is_new();
    }
}

TEST_CASE("who is welcomed by a commit with a new signature key sees it in the tree") {
    Three circle;
    const Person dina = Person::called(circle.suite, "Dina", circle.random);
    const KeyPackageBundle package = circle.package_of(dina);
    Intents intents = circle.renewing();
    intents.adds = {circle.verified(package)};
    intents.path = Intents::Path::WhenRequired;  // as it is for a new leaf
    StagedCommit staged = circle.commit(0, intents);
    const auto joined = Group::join(staged.welcome, package, dina.key, circle.around());
    INFO(rule_of(joined));
    REQUIRE(joined);
    CHECK(joined->roster()[0].signature_key == circle.fresh.public_key());
    circle.follow(0, std::move(staged));
    CHECK(joined->epoch_authenticator() == circle.groups[1].epoch_authenticator());
}

TEST_CASE("an Update's new signature key is its author's with the commit that takes it up") {
    for (const SuiteId suite : both_suites) {
        Three circle(suite);
        circle.propose_renewal();
        CHECK(circle.groups[0].member({0})->signature_key == circle.people[0].key.public_key());
        REQUIRE(circle.reload(circle.people[0].key) == "accepted");
        circle.follow(1, circle.commit(1));
        circle.check_that_anna_is_new();
    }
}

TEST_CASE("an Update that nobody takes up leaves its author as before, and no key behind") {
    Three circle;
    circle.propose_renewal();
    const auto stands_in = [&](const Saved& saved) {
        return !std::ranges::search(saved.secret_part.reveal(), circle.fresh.secret().reveal())
                    .empty();
    };
    CHECK(stands_in(circle.groups[0].save()));
    Intents without;
    without.pending = Intents::Pending::LeaveOut;
    circle.follow(1, circle.commit(1, without));
    CHECK_FALSE(stands_in(circle.groups[0].save()));
    REQUIRE(circle.reload(circle.people[0].key) == "accepted");
    circle.follow(0, circle.commit(0));
    REQUIRE(circle.all_agree());
}

TEST_CASE("a commit with a new signature key that is beaten leaves its author as before") {
    Three circle;
    StagedCommit beaten = circle.commit(0, circle.renewing());
    circle.follow(1, circle.commit(1));
    CHECK(rule_of(circle.groups[0].merge(std::move(beaten))) == "mls-stale-commit");
    REQUIRE(circle.reload(circle.people[0].key) == "accepted");
    circle.follow(0, circle.commit(0));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 5.3.1/commit 5.3.1/update 5.3.1/successor 7.3/unique-signature-key 7.5/like-update
// RFC 9420: 5.1.2/suite-algorithm
TEST_CASE("a new identity that others would refuse is not sent, and changes nothing") {
    Three circle;
    const Saved before = circle.groups[0].save();
    const auto rule = [&](const crypto::SigningKey& key, std::string_view name) {
        const NewIdentity identity{key, basic_credential(view_of(name)), circle.judge};
        Intents intents;
        intents.leaf.identity = &identity;
        const auto commit = circle.groups[0].stage_commit(intents, {}, circle.random);
        const auto update = circle.groups[0].propose_update({&identity}, {}, circle.random);
        CHECK(rule_of(commit) == rule_of(update));
        CHECK(same_bytes(circle.groups[0].save(), before));
        return rule_of(commit);
    };
    CHECK(rule(circle.fresh, "Zoé") == "mls-credential-not-a-successor");
    CHECK(rule(circle.people[1].key, "Anna") == "mls-signature-key-repeated");
    const auto other =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::EcdsaP256Sha256, circle.random);
    CHECK(rule(other, "Anna") == "mls-wrong-signature-key");
    circle.judge.disbelieved = "Anna Martin";
    CHECK(rule(circle.fresh, "Anna Martin") == "certificate-untrusted");
}

TEST_CASE("a staged commit without its new signature key is refused, and changes nothing") {
    Three circle;
    const Saved before = circle.groups[0].save();
    StagedCommit staged = circle.commit(0, circle.renewing());
    staged.signing_key.reset();
    CHECK(rule_of(circle.groups[0].merge(std::move(staged))) == "mls-wrong-signature-key");
    CHECK(same_bytes(circle.groups[0].save(), before));
}

// RFC 9420: 6.1/signature
TEST_CASE("a signature key that was replaced speaks for nobody in the next epoch") {
    Three circle;
    circle.follow(0, circle.commit(0, circle.renewing()));
    Forge anna = Forge::of(circle.groups[0], circle.people[0].key);
    const auto heard =
        circle.groups[1].receive(anna.closed(anna.sign(to_bytes("hello"))), circle.around());
    CHECK(rule_of(heard) == "mls-message-signature");
}

}  // namespace
}  // namespace cercle::mls
