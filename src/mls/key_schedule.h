// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The key schedule: from one epoch's secret to the next (RFC 9420 section 8).
//
//     init_secret_[n-1]
//           |
//     KDF.Extract(commit_secret) -> "joiner", GroupContext_[n] = joiner_secret
//           |
//     KDF.Extract(psk_secret) = member secret  --> "welcome" = welcome_secret
//           |
//     "epoch", GroupContext_[n] = epoch_secret --> sender data, encryption, exporter, external,
//           |                                      confirm, membership, resumption,
//     "init" = init_secret_[n]                     authentication

#include <span>

#include "mls/proposal.h"

namespace cercle::mls {

struct EpochSecrets {
    Secret sender_data;
    Secret encryption;
    Secret exporter;
    Secret external;
    Secret confirmation;
    Secret membership;
    Secret resumption;
    Secret authenticator;
    Secret init;

    auto fields(this auto& self) {
        return std::tie(self.sender_data,
                        self.encryption,
                        self.exporter,
                        self.external,
                        self.confirmation,
                        self.membership,
                        self.resumption,
                        self.authenticator,
                        self.init);
    }
};

/// `context` is the encoded GroupContext of the epoch that begins, here and below.
[[nodiscard]] Secret derive_joiner_secret(const Suite& suite,
                                          const Secret& init_secret,
                                          const Secret& commit_secret,
                                          BytesView context);

[[nodiscard]] Secret derive_member_secret(const Suite& suite,
                                          const Secret& joiner_secret,
                                          const Secret& psk_secret);

[[nodiscard]] Secret derive_welcome_secret(const Suite& suite, const Secret& member_secret);

[[nodiscard]] Secret derive_epoch_secret(const Suite& suite,
                                         const Secret& member_secret,
                                         BytesView context);

[[nodiscard]] EpochSecrets derive_epoch_secrets(const Suite& suite, const Secret& epoch_secret);

/// The key pair to which external joiners encapsulate (section 8.3).
[[nodiscard]] crypto::KemKey external_key(const Suite& suite, const Secret& external_secret);

/// An init secret that somebody outside of the group has made for it (section 8.3).
struct ExternalStart {
    Bytes kem_output;
    Secret init_secret;
};

/// Errors: invalid_key.
[[nodiscard]] Result<ExternalStart> start_externally(const Suite& suite,
                                                     BytesView external_pub,
                                                     Random& random);
/// The same init secret, at a member of the group. Errors: forged, invalid_key.
[[nodiscard]] Result<Secret> external_init_secret(const Suite& suite,
                                                  const Secret& external_secret,
                                                  BytesView kem_output);

/// MLS-Exporter (section 8.5).
[[nodiscard]] Secret export_from(const Suite& suite,
                                 const Secret& exporter_secret,
                                 std::string_view label,
                                 BytesView context,
                                 std::size_t size);

struct Psk {
    PskId id;
    Secret value;
};

/// psk_secret of section 8.4; zeros when there are none.
[[nodiscard]] Secret combine_psks(const Suite& suite, std::span<const Psk> psks);

}  // namespace cercle::mls
