// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests: the members that our side of a mixed group consists of. They are asked by objects with
// `do` and `who`, bytes in hexadecimal, and answer with objects; tests/interop/peer.mjs has the
// same vocabulary for the other side. What a member refuses is answered with the rule, and changes
// nothing.

#include <map>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "mls/group.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::interop {

using Json = nlohmann::json;

/// Believes everybody: who is who is not what is tried here.
class Trusting final : public mls::CredentialJudge {
  public:
    [[nodiscard]] Result<void> judge(const mls::Credential& /*credential*/,
                                     BytesView /*signature_key*/) const override {
        return {};
    }
};

/// Pre-shared keys that everybody knows.
class Keyring final : public mls::PskSource {
  public:
    std::map<Bytes, Bytes> keys;

    [[nodiscard]] Result<Secret> external_psk(BytesView id) const override;
};

class Members {
  public:
    explicit Members(std::uint64_t seed)
        : random_(seed) {}

    /// The answer to one question. What is no question of the vocabulary ends the program.
    [[nodiscard]] Json answer(const Json& question);

  private:
    struct Device {
        const mls::Suite* suite;
        crypto::SigningKey key;
        mls::Profile profile;
        std::optional<mls::KeyPackageBundle> package{};
        std::optional<mls::Group> group{};
        /// Made, and not entered.
        std::optional<mls::StagedCommit> staged{};
        std::optional<mls::Group> entering{};
        /// Signature keys of commits and Updates that have not won yet.
        std::vector<crypto::SigningKey> coming{};
    };

    using Question = Result<Json> (Members::*)(Device&, const Json&);
    static const std::map<std::string_view, Question> questions;

    [[nodiscard]] mls::Surroundings around() const;
    [[nodiscard]] Result<std::vector<mls::VerifiedKeyPackage>> packages(const Json& question) const;

    /// The same person with another signature key, if that is asked for.
    [[nodiscard]] std::optional<mls::NewIdentity> renewed(Device& self, const Json& question);
    /// An epoch has begun: the signature key is the one of our leaf.
    static void settle(Device& self);

    Result<Json> package(Device& self, const Json& question);
    Result<Json> found(Device& self, const Json& question);
    Result<Json> join(Device& self, const Json& question);
    Result<Json> commit(Device& self, const Json& question);
    Result<Json> enter(Device& self, const Json& question);
    Result<Json> merge(Device& self, const Json& question);
    Result<Json> receive(Device& self, const Json& question);
    Result<Json> say(Device& self, const Json& question);
    Result<Json> propose(Device& self, const Json& question);
    Result<Json> ask(Device& self, const Json& question);
    Result<Json> info(Device& self, const Json& question);
    Result<Json> branch(Device& self, const Json& question);
    Result<Json> reinitialise(Device& self, const Json& question);
    Result<Json> restart(Device& self, const Json& question);
    Result<Json> look(Device& self, const Json& question);

    vectors::SeededRandom random_;
    Trusting judge_;
    Keyring keyring_;
    std::map<std::string, Device> devices_;
};

}  // namespace cercle::interop
