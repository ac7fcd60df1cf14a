// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests: some people and the groups they are in.

#include <map>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "mls/group.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::mls {

inline constexpr ExtensionType reader_key{0xF0C1};
inline constexpr ExtensionType policy{0xF0C2};

/// Believes everybody but who is named here, and that nobody becomes another but who is.
class PickyJudge final : public CredentialJudge {
  public:
    std::string disbelieved;
    std::map<std::string, std::string> renamed;

    [[nodiscard]] Result<void> judge(const Credential& credential,
                                     BytesView /*signature_key*/) const override {
        if (credential == basic_credential(view_of(disbelieved))) {
            return fail(Code::certificate_untrusted, "disbelieved");
        }
        return {};
    }

    [[nodiscard]] Result<void> judge_successor(const Credential& before,
                                               const Credential& after) const override {
        for (const auto& [old_name, new_name] : renamed) {
            if (before == basic_credential(view_of(old_name)) &&
                after == basic_credential(view_of(new_name))) {
                return {};
            }
        }
        return CredentialJudge::judge_successor(before, after);
    }
};

/// Pre-shared keys, by their names.
class Keyring final : public PskSource {
  public:
    std::map<Bytes, Bytes> external;
    std::map<std::pair<Bytes, Epoch>, Bytes> resumption;

    [[nodiscard]] Result<Secret> external_psk(BytesView id) const override {
        return value_of(external, to_bytes(id));
    }

    [[nodiscard]] Result<Secret> resumption_psk(BytesView group_id, Epoch epoch) const override {
        return value_of(resumption, std::pair(to_bytes(group_id), epoch));
    }

  private:
    template <class Names, class Name>
    [[nodiscard]] static Result<Secret> value_of(const Names& names, const Name& name) {
        const auto found = names.find(name);
        if (found == names.end()) return fail(Code::psk_unknown, "not in this ring");
        return Secret::copy_of(found->second);
    }
};

/// Values that nobody knows (section 13.5), in every place where a leaf may have them.
[[nodiscard]] inline Profile greased(Profile profile) {
    profile.claimed.suites = {SuiteId{0x0A0A}};
    profile.claimed.extensions = {ExtensionType{0x2A2A}, ExtensionType{0x4A4A}};
    profile.claimed.proposals = {ProposalType{0x3A3A}};
    profile.claimed.credentials = {CredentialType{0x5A5A}};
    profile.leaf_extensions.push_back({ExtensionType{0xEAEA}, Bytes(3, 7)});
    return profile;
}

/// One person with a device.
struct Person {
    std::string name;
    crypto::SigningKey key;
    Profile profile;

    [[nodiscard]] static Person called(const Suite& suite,
                                       const std::string& name,
                                       Random& random) {
        return {name,
                crypto::SigningKey::generate(suite.signature, random),
                {basic_credential(view_of(name)),
                 {{reader_key, to_bytes("reader key of " + name)}},
                 {policy}}};
    }
};

/// Several people in one group, all in the same epoch.
struct Circle {
    explicit Circle(SuiteId id = SuiteId::X25519Aes128Sha256Ed25519)
        : suite(**find_suite(id)) {}

    const Suite& suite;
    vectors::SeededRandom random{20261122};
    PickyJudge judge;
    WallTime now{std::chrono::days(20000)};
    Openness openness;
    Keyring keyring;
    std::vector<Person> people;
    std::vector<Group> groups;

    [[nodiscard]] Surroundings around() const { return {judge, now, &keyring, openness}; }

    [[nodiscard]] Lifetime lifetime() const {
        return Lifetime::of(now - std::chrono::hours(1), now + std::chrono::hours(24));
    }

    [[nodiscard]] KeyPackageBundle package_of(const Person& person) {
        return make_key_package(suite, person.key, person.profile, lifetime(), random);
    }

    [[nodiscard]] VerifiedKeyPackage verified(const KeyPackageBundle& bundle) const {
        auto package = VerifiedKeyPackage::verify(bundle.package(), around());
        REQUIRE(package.has_value());
        return *std::move(package);
    }

    void found(const std::string& name) {
        people.push_back(Person::called(suite, name, random));
        auto group = Group::create(suite,
                                   view_of("group"),
                                   people.back().key,
                                   people.back().profile,
                                   {{policy, to_bytes("everyone may add")}},
                                   random);
        REQUIRE(group.has_value());
        groups.push_back(*std::move(group));
    }

    /// Everybody but `committer` takes in his commit, and he merges it.
    void follow(std::size_t committer, StagedCommit staged) {
        for (std::size_t at = 0; at < groups.size(); ++at) {
            if (at == committer) continue;
            auto received = groups[at].receive(staged.commit, around());
            REQUIRE(received.has_value());
            auto* const epoch = std::get_if<StagedEpoch>(&*received);
            REQUIRE(epoch != nullptr);
            REQUIRE(groups[at].apply(std::move(*epoch)).has_value());
        }
        REQUIRE(groups[committer].merge(std::move(staged)).has_value());
    }

    [[nodiscard]] StagedCommit commit(std::size_t committer, const Intents& intents = {}) {
        auto staged = groups[committer].stage_commit(intents, {}, random);
        REQUIRE(staged.has_value());
        return *std::move(staged);
    }

    /// `committer` adds the named in one commit.
    void add(std::size_t committer, const std::vector<std::string>& names) {
        std::vector<KeyPackageBundle> bundles;
        Intents intents;
        std::vector<Person> newcomers;
        for (const std::string& name : names) {
            newcomers.push_back(Person::called(suite, name, random));
            bundles.push_back(package_of(newcomers.back()));
            intents.adds.push_back(verified(bundles.back()));
        }
        StagedCommit staged = commit(committer, intents);
        const Bytes welcome = staged.welcome;
        follow(committer, std::move(staged));
        for (std::size_t at = 0; at < names.size(); ++at) {
            auto joined = Group::join(welcome, bundles[at], newcomers[at].key, around());
            REQUIRE(joined.has_value());
            groups.push_back(*std::move(joined));
            people.push_back(std::move(newcomers[at]));
        }
    }

    /// What somebody outside learns from a member.
    [[nodiscard]] VerifiedGroupInfo seen_from_outside(std::size_t who) const {
        auto message = groups[who].group_info();
        REQUIRE(message.has_value());
        auto info = VerifiedGroupInfo::from_message(*message, around());
        REQUIRE(info.has_value());
        return *std::move(info);
    }

    /// Everybody takes in a commit from outside, and its author becomes the last of us.
    void let_in(Person person, ExternalJoin join) {
        for (Group& group : groups) {
            auto received = group.receive(join.commit, around());
            REQUIRE(received.has_value());
            auto* const epoch = std::get_if<StagedEpoch>(&*received);
            REQUIRE(epoch != nullptr);
            REQUIRE(group.apply(std::move(*epoch)).has_value());
        }
        groups.push_back(std::move(join.group));
        people.push_back(std::move(person));
    }

    [[nodiscard]] Bytes say(std::size_t sender, std::string_view text) {
        auto message = groups[sender].protect(view_of(text), {}, 0, random);
        REQUIRE(message.has_value());
        return *std::move(message);
    }

    [[nodiscard]] bool all_agree() const {
        for (const Group& group : groups) {
            if (group.epoch() != groups[0].epoch() ||
                group.epoch_authenticator() != groups[0].epoch_authenticator() ||
                group.export_secret("label", view_of("context"), 32) !=
                    groups[0].export_secret("label", view_of("context"), 32) ||
                group.roster().size() != groups[0].roster().size()) {
                return false;
            }
        }
        return true;
    }
};

/// The rule that refused, for comparing.
template <class T>
[[nodiscard]] std::string_view rule_of(const Result<T>& result) {
    return result ? "accepted" : rule_name(result.error().code);
}

[[nodiscard]] inline bool same_bytes(const Saved& left, const Saved& right) {
    return left.public_part == right.public_part && left.secret_part == right.secret_part;
}

}  // namespace cercle::mls
