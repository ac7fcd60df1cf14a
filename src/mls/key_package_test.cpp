// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/key_package.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"
#include "mls/labels.h"
#include "tests/vectors/damage.h"

namespace cercle::mls {
namespace {

// A key package wrong in one field, and yet signed: what its maker alone could do.
template <class Spoil>
KeyPackage spoiled(Circle& circle, const Person& person, const Spoil& spoil) {
    auto leaf_key = crypto::KemKey::generate(circle.suite.hpke.kem, circle.random);
    KeyPackageFields fields;
    fields.suite = circle.suite.id;
    fields.init_key = crypto::KemKey::generate(circle.suite.hpke.kem, circle.random).public_key();
    LeafNode leaf = describe(person.profile, leaf_key.public_key());
    leaf.origin = {LeafNodeSource::KeyPackage, circle.lifetime(), {}};
    spoil(fields, leaf);
    fields.leaf = sign_leaf(std::move(leaf), {}, person.key);
    const Bytes encoded = codec::encode(fields);
    fields.signature =
        sign_with_label(person.key, "KeyPackageTBS", BytesView(encoded).first(encoded.size() - 1));
    return KeyPackage(std::move(fields));
}

TEST_CASE("a key package is verified, stored and loaded") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackageBundle bundle = circle.package_of(anna);
    const auto verified = VerifiedKeyPackage::from_message(bundle.message(), circle.around());
    REQUIRE(verified);
    CHECK(verified->ref() == bundle.ref());
    CHECK(verified->credential() == anna.profile.credential);
    const auto* const extension = find_extension(verified->leaf()->extensions, reader_key);
    REQUIRE(extension != nullptr);
    CHECK(extension->data == to_bytes("reader key of Anna"));

    const Saved saved = bundle.save();
    const auto loaded = KeyPackageBundle::load(saved.public_part, saved.secret_part);
    REQUIRE(loaded);
    CHECK(loaded->message() == bundle.message());
    CHECK(same_bytes(loaded->save(), saved));
}

TEST_CASE("a key package is refused in every damaged form") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackageBundle bundle = circle.package_of(anna);
    vectors::require_damage_refused(bundle.message(), [&](const Bytes& bytes) {
        return VerifiedKeyPackage::from_message(bytes, circle.around()).has_value();
    });
}

// RFC 9420: 5.3.1/key-package 7.3/version 7.3/suite 7.3/source-key-package
// RFC 9420: 7.2/extensions-listed 7.2/credential-listed 7.3/extensions 10/init-key 10/leaf-keys
// RFC 9420: 10/version 10/source 10/extensions-listed 10.1/init-key-differs 13.4/unique
TEST_CASE("each rule for key packages has its own refusal") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const auto rule = [&](const auto& spoil) {
        return rule_of(VerifiedKeyPackage::verify(spoiled(circle, anna, spoil), circle.around()));
    };
    CHECK(rule([](KeyPackageFields&, LeafNode&) {}) == "accepted");
    CHECK(rule([](KeyPackageFields& package, LeafNode&) {
              package.version = ProtocolVersion{2};
          }) == "mls-version-unsupported");
    CHECK(rule([](KeyPackageFields& package, LeafNode&) { package.suite = SuiteId{0x0a0a}; }) ==
          "mls-suite-unknown");
    CHECK(rule([](KeyPackageFields& package, LeafNode& leaf) {
              package.init_key = leaf.encryption_key;
          }) == "mls-init-key-reused");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) { leaf.capabilities.versions.clear(); }) ==
          "mls-version-unsupported");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) { leaf.capabilities.suites.clear(); }) ==
          "mls-suite-unsupported");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) { leaf.capabilities.credentials.clear(); }) ==
          "mls-credential-type-unsupported");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) { leaf.capabilities.extensions.clear(); }) ==
          "mls-extension-unlisted");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) {
              leaf.extensions.push_back(leaf.extensions[0]);
          }) == "mls-extension-repeated");
    CHECK(rule([](KeyPackageFields& package, LeafNode&) {
              package.extensions.push_back({ExtensionType{0xF123}, {}});
          }) == "mls-extension-unlisted");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) {
              leaf.origin = {LeafNodeSource::Commit, {}, Bytes(32)};
          }) == "mls-leaf-source");
    CHECK(rule([](KeyPackageFields&, LeafNode& leaf) { leaf.encryption_key.pop_back(); }) ==
          "invalid-key");
    CHECK(rule([](KeyPackageFields& package, LeafNode&) { package.init_key.pop_back(); }) ==
          "invalid-key");
    // RFC 9420: 10/signature
    KeyPackageFields resigned = *spoiled(circle, anna, [](KeyPackageFields&, LeafNode&) {});
    resigned.signature[0] ^= 1U;
    CHECK(rule_of(VerifiedKeyPackage::verify(KeyPackage(resigned), circle.around())) ==
          "mls-key-package-signature");
    circle.judge.disbelieved = "Anna";
    CHECK(rule([](KeyPackageFields&, LeafNode&) {}) == "certificate-untrusted");
}

// RFC 9420: 7.3/lifetime
TEST_CASE("a key package is refused before and after its time") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackageBundle bundle = circle.package_of(anna);
    circle.now += std::chrono::hours(25);
    CHECK(rule_of(VerifiedKeyPackage::verify(bundle.package(), circle.around())) == "mls-lifetime");
    circle.now -= std::chrono::hours(27);
    CHECK(rule_of(VerifiedKeyPackage::verify(bundle.package(), circle.around())) == "mls-lifetime");
}

// RFC 9420: 7.2/longest-lifetime
TEST_CASE("a key package that wants to live too long, or ends before it begins, is refused") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackageBundle bundle = circle.package_of(anna);
    Surroundings strict = circle.around();
    strict.longest_lifetime = std::chrono::hours(25);
    CHECK(VerifiedKeyPackage::verify(bundle.package(), strict));
    strict.longest_lifetime = std::chrono::hours(24);
    CHECK(rule_of(VerifiedKeyPackage::verify(bundle.package(), strict)) == "mls-lifetime-too-long");
    const KeyPackage backwards = spoiled(circle, anna, [](KeyPackageFields&, LeafNode& leaf) {
        std::swap(leaf.origin.lifetime.not_before, leaf.origin.lifetime.not_after);
    });
    CHECK(rule_of(VerifiedKeyPackage::verify(backwards, circle.around())) == "mls-lifetime");
}

// RFC 9420: 7.2/unknown-ignored 13.4/unknown-ignored
TEST_CASE("unknown values in capabilities are carried and do no harm") {
    Circle circle;
    const Person anna = Person::called(circle.suite, "Anna", circle.random);
    const KeyPackage greased = spoiled(circle, anna, [](KeyPackageFields&, LeafNode& leaf) {
        leaf.capabilities.suites.push_back(SuiteId{0x1a1a});
        leaf.capabilities.extensions.push_back(ExtensionType{0x2a2a});
        leaf.capabilities.proposals.push_back(ProposalType{0x3a3a});
        leaf.capabilities.credentials.push_back(CredentialType{0x4a4a});
        leaf.extensions.push_back({ExtensionType{0x2a2a}, to_bytes("grease")});
    });
    CHECK(VerifiedKeyPackage::verify(greased, circle.around()));
}

}  // namespace
}  // namespace cercle::mls
