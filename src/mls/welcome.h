// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What a newcomer receives (RFC 9420 sections 8.1, 12.4.3 and 12.4.3.1): the group's context, in
// a signed GroupInfo, encrypted in a Welcome; and per newcomer the secrets to open it.

#include <optional>
#include <vector>

#include "mls/key_package.h"
#include "mls/proposal.h"

namespace cercle::mls {

/// struct { ProtocolVersion version = mls10; CipherSuite cipher_suite; opaque group_id<V>;
/// uint64 epoch; opaque tree_hash<V>; opaque confirmed_transcript_hash<V>;
/// Extension extensions<V>; } GroupContext;
struct GroupContext {
    ProtocolVersion version = ProtocolVersion::Mls10;
    SuiteId suite{};
    Bytes group_id;
    Epoch epoch;
    Bytes tree_hash;
    Bytes confirmed_transcript_hash;
    Extensions extensions;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.suite,
                        self.group_id,
                        self.epoch,
                        self.tree_hash,
                        self.confirmed_transcript_hash,
                        self.extensions);
    }

    /// Errors: version_unsupported.
    [[nodiscard]] Result<void> check() const;
};

/// struct { GroupContext group_context; Extension extensions<V>; MAC confirmation_tag;
/// uint32 signer; opaque signature<V>; } GroupInfo;
struct GroupInfoFields {
    GroupContext context;
    Extensions extensions;
    Bytes confirmation_tag;
    LeafIndex signer;
    Bytes signature;

    auto fields(this auto& self) {
        return std::tie(
            self.context, self.extensions, self.confirmation_tag, self.signer, self.signature);
    }
};

using GroupInfo = Original<GroupInfoFields>;

[[nodiscard]] GroupInfo sign_group_info(GroupInfoFields info, const crypto::SigningKey& key);
/// Errors: group_info_signature.
[[nodiscard]] Result<void> verify_group_info(const Suite& suite,
                                             const GroupInfo& info,
                                             BytesView signature_key);

/// struct { opaque path_secret<V>; } PathSecret;
struct PathSecret {
    Secret path_secret;

    auto fields(this auto& self) { return std::tie(self.path_secret); }
};

/// struct { opaque joiner_secret<V>; optional<PathSecret> path_secret; PreSharedKeyID psks<V>; }
/// GroupSecrets;
struct GroupSecrets {
    Secret joiner_secret;
    std::optional<PathSecret> path_secret;
    std::vector<PskId> psks;

    auto fields(this auto& self) {
        return std::tie(self.joiner_secret, self.path_secret, self.psks);
    }
};

/// struct { KeyPackageRef new_member; HPKECiphertext encrypted_group_secrets; }
/// EncryptedGroupSecrets;
struct EncryptedGroupSecrets {
    Bytes new_member;
    HpkeCiphertext encrypted_group_secrets;

    auto fields(this auto& self) { return std::tie(self.new_member, self.encrypted_group_secrets); }
};

/// struct { CipherSuite cipher_suite; EncryptedGroupSecrets secrets<V>;
/// opaque encrypted_group_info<V>; } Welcome;
struct Welcome {
    SuiteId suite{};
    std::vector<EncryptedGroupSecrets> secrets;
    Bytes encrypted_group_info;

    auto fields(this auto& self) {
        return std::tie(self.suite, self.secrets, self.encrypted_group_info);
    }
};

/// The GroupInfo under the key that welcome_secret gives (section 12.4.3.1).
[[nodiscard]] Bytes encrypt_group_info(const Suite& suite,
                                       const Secret& welcome_secret,
                                       const GroupInfo& info);
/// Errors: forged, malformed and the like.
[[nodiscard]] Result<GroupInfo> decrypt_group_info(const Suite& suite,
                                                   const Secret& welcome_secret,
                                                   Bytes encrypted);

}  // namespace cercle::mls
