// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/extension.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/forge/circle.h"

namespace cercle::mls {
namespace {

// RFC 9420: 7.2/unknown-ignored 10/unknown-ignored 13.4/unknown-ignored 13.5/no-special-rules
TEST_CASE("members who claim what nobody knows live in one group like others") {
    Circle circle;
    circle.openness = whole_rfc;
    // Every field that section 13.5 lists, from the founder's leaf on.
    Person anna = Person::called(circle.suite, "Anna", circle.random);
    anna.profile = greased(std::move(anna.profile));
    auto group =
        Group::create(circle.suite, view_of("group"), anna.key, anna.profile, {}, circle.random);
    REQUIRE(group);
    circle.groups.push_back(*std::move(group));
    circle.people.push_back(std::move(anna));
    Person boris = Person::called(circle.suite, "Boris", circle.random);
    boris.profile = greased(std::move(boris.profile));
    const KeyPackageBundle bundle = circle.package_of(boris);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    intents.welcome_extensions = {{ExtensionType{0xDADA}, Bytes(17, 1)}};
    StagedCommit staged = circle.commit(0, intents);
    const Bytes welcome = staged.welcome;
    circle.follow(0, std::move(staged));
    auto joined = Group::join(welcome, bundle, boris.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    circle.people.push_back(std::move(boris));
    REQUIRE(circle.all_agree());
    circle.follow(1, circle.commit(1));
    const Extensions extensions = circle.groups[0].member({1})->leaf_extensions;
    CHECK(find_extension(extensions, ExtensionType{0xEAEA}) != nullptr);
    circle.add(0, {"Chloé"});
    PublishedInfo published;
    published.extensions = {{ExtensionType{0x7A7A}, {}}};
    auto info =
        VerifiedGroupInfo::from_message(*circle.groups[0].group_info(published), circle.around());
    REQUIRE(info);
    Person dina = Person::called(circle.suite, "Dina", circle.random);
    dina.profile = greased(std::move(dina.profile));
    auto join = Group::join_externally(*info, dina.key, dina.profile, {}, circle.random);
    REQUIRE(join);
    circle.let_in(std::move(dina), *std::move(join));
    REQUIRE(circle.all_agree());
}

// RFC 9420: 13.4/advertised 13.5/own-list
TEST_CASE("a client's own capabilities contain what it can, and the RFC's own types nowhere") {
    const Capabilities own = own_capabilities({policy, ExtensionType::ApplicationId, policy});
    CHECK(own.extensions == std::vector{policy});
    CHECK(own.proposals.empty());
    CHECK(own.credentials == std::vector{CredentialType::Basic, CredentialType::X509});
    CHECK(own.suites.size() == all_suites().size());
    CHECK(own.supports(ProposalType::ReInit));
    CHECK(own.supports(ExtensionType::ExternalSenders));
    CHECK_FALSE(own.supports(ProposalType{0x3A3A}));
    CHECK_FALSE(own.supports(ExtensionType{0x2A2A}));
}

TEST_CASE("an application id is carried in the leaf, for who asks") {
    Circle circle;
    circle.found("Anna");
    Person boris = Person::called(circle.suite, "Boris", circle.random);
    boris.profile.leaf_extensions.push_back(application_id(view_of("Boris's telephone")));
    const KeyPackageBundle bundle = circle.package_of(boris);
    const auto verified = circle.verified(bundle);
    CHECK(application_id_of(verified.leaf()->extensions).value() == to_bytes("Boris's telephone"));
    CHECK(application_id_of({}).value() == std::nullopt);
    CHECK(rule_of(application_id_of({{ExtensionType::ApplicationId, Bytes{9}}})) == "malformed");
}

TEST_CASE("a certificate chain is carried as it is, compared, and judged by the house") {
    Circle circle;
    circle.found("Anna");
    Person boris = Person::called(circle.suite, "Boris", circle.random);
    boris.profile.credential = x509_credential({to_bytes("leaf"), to_bytes("issuer")});
    const KeyPackageBundle bundle = circle.package_of(boris);
    Intents intents;
    intents.adds = {circle.verified(bundle)};
    StagedCommit staged = circle.commit(0, intents);
    const Bytes welcome = staged.welcome;
    circle.follow(0, std::move(staged));
    auto joined = Group::join(welcome, bundle, boris.key, circle.around());
    REQUIRE(joined);
    circle.groups.push_back(*std::move(joined));
    CHECK(circle.groups[0].member({1})->credential == boris.profile.credential);
    CHECK(circle.groups[0].member({1})->credential !=
          x509_credential({to_bytes("leaf"), to_bytes("another issuer")}));
    CHECK(rule_of(circle.judge.judge_successor(boris.profile.credential,
                                               x509_credential({to_bytes("leaf")}))) ==
          "mls-credential-not-a-successor");
}

// RFC 9420: 7.3/required-capabilities 11.1/context-change
TEST_CASE("required capabilities of every kind are asked of every member") {
    Circle circle;
    circle.found("Anna");
    circle.add(0, {"Boris"});
    const auto rule = [&](const RequiredCapabilities& required) {
        Intents intents;
        intents.context_extensions =
            Extensions{{policy, to_bytes("x")}, required_capabilities(required)};
        return rule_of(circle.groups[0].stage_commit(intents, {}, circle.random));
    };
    CHECK(rule({{policy, ExtensionType::ExternalSenders},
                {ProposalType::ReInit},
                {CredentialType::Basic, CredentialType::X509}}) == "accepted");
    CHECK(rule({{ExtensionType{0xF0C9}}, {}, {}}) == "mls-required-capabilities");
    CHECK(rule({{}, {ProposalType{0xF001}}, {}}) == "mls-required-capabilities");
    CHECK(rule({{}, {}, {CredentialType{0xF001}}}) == "mls-required-capabilities");
}

}  // namespace
}  // namespace cercle::mls
