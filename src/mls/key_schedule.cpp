// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/key_schedule.h"

namespace cercle::mls {
namespace {

// kem_output, context = SetupBaseS(external_pub, "")
// init_secret = context.export("MLS 1.0 external init secret", KDF.Nh)
//
// Section 8.3 goes on: "the info input to HPKE is set to the GroupInfo for the previous epoch",
// which contradicts the "" of its own formula, and which members could not do: a GroupInfo has a
// signer and extensions of the signer's choice, and members do not know which one the joiner had.
// The formula is what implementations agree upon.
constexpr std::string_view external_init_label = "MLS 1.0 external init secret";

}  // namespace

Secret derive_joiner_secret(const Suite& suite,
                            const Secret& init_secret,
                            const Secret& commit_secret,
                            BytesView context) {
    const Secret extracted = extract(suite, init_secret, commit_secret);
    return expand_with_label(suite, extracted, "joiner", context, suite.digest_size());
}

Secret derive_member_secret(const Suite& suite,
                            const Secret& joiner_secret,
                            const Secret& psk_secret) {
    return extract(suite, joiner_secret, psk_secret);
}

Secret derive_welcome_secret(const Suite& suite, const Secret& member_secret) {
    return derive_secret(suite, member_secret, "welcome");
}

Secret derive_epoch_secret(const Suite& suite, const Secret& member_secret, BytesView context) {
    return expand_with_label(suite, member_secret, "epoch", context, suite.digest_size());
}

EpochSecrets derive_epoch_secrets(const Suite& suite, const Secret& epoch_secret) {
    const Derivation epoch(suite, epoch_secret);
    return {.sender_data = epoch.derive("sender data"),
            .encryption = epoch.derive("encryption"),
            .exporter = epoch.derive("exporter"),
            .external = epoch.derive("external"),
            .confirmation = epoch.derive("confirm"),
            .membership = epoch.derive("membership"),
            .resumption = epoch.derive("resumption"),
            .authenticator = epoch.derive("authentication"),
            .init = epoch.derive("init")};
}

crypto::KemKey external_key(const Suite& suite, const Secret& external_secret) {
    return crypto::KemKey::derive(suite.hpke.kem, external_secret.reveal());
}

Result<ExternalStart> start_externally(const Suite& suite, BytesView external_pub, Random& random) {
    TRY(auto made,
        crypto::hpke_send_export(suite.hpke,
                                 external_pub,
                                 {},
                                 view_of(external_init_label),
                                 suite.digest_size(),
                                 random));
    return ExternalStart{std::move(made.encapsulation), std::move(made.exported)};
}

Result<Secret> external_init_secret(const Suite& suite,
                                    const Secret& external_secret,
                                    BytesView kem_output) {
    return crypto::hpke_receive_export(suite.hpke,
                                       external_key(suite, external_secret),
                                       {},
                                       kem_output,
                                       view_of(external_init_label),
                                       suite.digest_size());
}

Secret export_from(const Suite& suite,
                   const Secret& exporter_secret,
                   std::string_view label,
                   BytesView context,
                   std::size_t size) {
    const Secret labelled = derive_secret(suite, exporter_secret, label);
    return expand_with_label(
        suite, labelled, "exported", crypto::hash(suite.hash(), {context}), size);
}

Secret combine_psks(const Suite& suite, std::span<const Psk> psks) {
    // psk_extracted_[i] = KDF.Extract(0, psk_[i])
    // psk_input_[i]     = ExpandWithLabel(psk_extracted_[i], "derived psk", PSKLabel, KDF.Nh)
    // psk_secret_[0]    = 0
    // psk_secret_[i]    = KDF.Extract(psk_input_[i-1], psk_secret_[i-1])
    const Secret zero(suite.digest_size());
    Secret combined(suite.digest_size());
    std::uint16_t index = 0;
    for (const Psk& psk : psks) {
        // struct { PreSharedKeyID id; uint16 index; uint16 count; } PSKLabel;
        codec::Writer label;
        codec::write(label, psk.id);
        label.number(index++);
        label.number(static_cast<std::uint16_t>(psks.size()));
        const Secret input = expand_with_label(suite,
                                               extract(suite, zero, psk.value),
                                               "derived psk",
                                               label.bytes(),
                                               suite.digest_size());
        combined = extract(suite, input, combined);
    }
    return combined;
}

}  // namespace cercle::mls
