// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// One function per kind of MLS vector, in the order of the RFC. See mls_kinds.h.

#include "base/bytes.h"
#include "base/secret.h"
#include "mls/credential.h"
#include "mls/suite.h"
#include "tests/vectors/mls_kinds.h"

namespace cercle::vectors {

[[nodiscard]] Secret unhex_secret(const Json& hex);
/// Private keys as the vectors write them. Errors: invalid_key.
[[nodiscard]] Result<crypto::KemKey> kem_key(const mls::Suite& suite, const Json& hex);
[[nodiscard]] Result<crypto::SigningKey> signing_key(const mls::Suite& suite, Bytes secret);
[[nodiscard]] bool same(const Secret& ours, const Json& hex);

/// Believes everybody, and lets everybody change.
class CredulousJudge final : public mls::CredentialJudge {
  public:
    Result<void> judge(const mls::Credential& /*credential*/, BytesView /*key*/) const override {
        return {};
    }

    Result<void> judge_successor(const mls::Credential& /*before*/,
                                 const mls::Credential& /*after*/) const override {
        return {};
    }
};

void try_tree_math(const Json& entry, Trial& trial);
void try_deserialization(const Json& entry, Trial& trial);
void try_messages(const Json& entry, Trial& trial);
void try_crypto_basics(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_secret_tree(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_message_protection(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_key_schedule(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_psk_secret(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_transcript_hashes(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_welcome(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_tree_operations(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_tree_validation(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_treekem(const mls::Suite& suite, const Json& entry, Trial& trial);
void try_passive_client(const mls::Suite& suite, const Json& entry, Trial& trial);

}  // namespace cercle::vectors
