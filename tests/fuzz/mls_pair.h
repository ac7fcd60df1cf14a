// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Two people in a group, and one who is about to join: always the same, so that a corpus of
// their messages stays meaningful.

#include "mls/group.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::mls {

class Believer final : public CredentialJudge {
  public:
    Result<void> judge(const Credential& /*credential*/, BytesView /*key*/) const override {
        return {};
    }
};

struct Pair {
    const Suite& suite = *must(find_suite(SuiteId::X25519Aes128Sha256Ed25519));
    vectors::SeededRandom random{1};
    Believer judge;
    WallTime now{std::chrono::days(20000)};
    Lifetime lifetime = Lifetime::of(now, now + std::chrono::hours(1));
    crypto::SigningKey anna_key = crypto::SigningKey::generate(suite.signature, random);
    crypto::SigningKey boris_key = crypto::SigningKey::generate(suite.signature, random);
    crypto::SigningKey chloe_key = crypto::SigningKey::generate(suite.signature, random);
    KeyPackageBundle boris_package = make_key_package(
        suite, boris_key, {basic_credential(view_of("b")), {}, {}}, lifetime, random);
    KeyPackageBundle chloe_package = make_key_package(
        suite, chloe_key, {basic_credential(view_of("c")), {}, {}}, lifetime, random);
    Group anna = must(Group::create(
        suite, view_of("g"), anna_key, {basic_credential(view_of("a")), {}, {}}, {}, random));
    Group boris = add_boris();

    [[nodiscard]] Surroundings around() const { return {judge, now, nullptr, whole_rfc}; }

    [[nodiscard]] VerifiedKeyPackage verified(const KeyPackageBundle& bundle) const {
        return must(VerifiedKeyPackage::verify(bundle.package(), around()));
    }

    /// Of Boris's, not entered.
    [[nodiscard]] StagedCommit a_commit() const {
        vectors::SeededRandom chance(2);
        return must(boris.stage_commit({}, {}, chance));
    }

    [[nodiscard]] Group add_boris() {
        Intents intents;
        intents.adds = {verified(boris_package)};
        StagedCommit staged = must(anna.stage_commit(intents, {}, random));
        Group joined = must(Group::join(staged.welcome, boris_package, boris_key, around()));
        must(anna.merge(std::move(staged)));
        return joined;
    }
};

}  // namespace cercle::mls
