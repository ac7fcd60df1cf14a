// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Extensions and capabilities (RFC 9420 sections 7.2 and 13). Unknown ones are carried as they
// came; whether they may stand where they stand is a matter of the members' capabilities.

#include <cstdint>
#include <optional>
#include <vector>

#include "codec/tls.h"
#include "mls/credential.h"
#include "mls/suite.h"

namespace cercle::mls {

enum class ProtocolVersion : std::uint16_t { Mls10 = 1 };

/// Named are the RFC's; others are the application's, 0xF000 and above for private use.
enum class ExtensionType : std::uint16_t {
    ApplicationId = 1,
    RatchetTree = 2,
    RequiredCapabilities = 3,
    ExternalPub = 4,
    ExternalSenders = 5,
};

enum class ProposalType : std::uint16_t {
    Add = 1,
    Update = 2,
    Remove = 3,
    PreSharedKey = 4,
    ReInit = 5,
    ExternalInit = 6,
    GroupContextExtensions = 7,
};

/// struct { ExtensionType extension_type; opaque extension_data<V>; } Extension;
struct Extension {
    ExtensionType type{};
    Bytes data;

    auto fields(this auto& self) { return std::tie(self.type, self.data); }

    friend bool operator==(const Extension&, const Extension&) = default;
};

/// A list in the order in which it was signed.
using Extensions = std::vector<Extension>;

[[nodiscard]] const Extension* find_extension(const Extensions& extensions, ExtensionType type);

/// "there can be at most one extension of each type" (section 13). Errors: extension_repeated.
[[nodiscard]] Result<void> check_unique(const Extensions& extensions);

/// The RFC's own types, which every client understands: "default types MUST NOT be listed"
/// (section 7.2).
[[nodiscard]] bool is_default(ExtensionType type);
[[nodiscard]] bool is_default(ProposalType type);

/// struct { ProtocolVersion versions<V>; CipherSuite cipher_suites<V>; ExtensionType
/// extensions<V>; ProposalType proposals<V>; CredentialType credentials<V>; } Capabilities;
struct Capabilities {
    std::vector<ProtocolVersion> versions;
    std::vector<SuiteId> suites;
    std::vector<ExtensionType> extensions;
    std::vector<ProposalType> proposals;
    std::vector<CredentialType> credentials;

    auto fields(this auto& self) {
        return std::tie(
            self.versions, self.suites, self.extensions, self.proposals, self.credentials);
    }

    [[nodiscard]] bool supports(ProtocolVersion version) const;
    [[nodiscard]] bool supports(SuiteId suite) const;
    /// Default types are always supported.
    [[nodiscard]] bool supports(ExtensionType type) const;
    [[nodiscard]] bool supports(ProposalType type) const;
    [[nodiscard]] bool supports(CredentialType type) const;

    friend bool operator==(const Capabilities&, const Capabilities&) = default;
};

/// What this build can do, and in addition understands of the application's extensions.
[[nodiscard]] Capabilities own_capabilities(const std::vector<ExtensionType>& understood);

/// struct { ExtensionType extension_types<V>; ProposalType proposal_types<V>; CredentialType
/// credential_types<V>; } RequiredCapabilities;
struct RequiredCapabilities {
    std::vector<ExtensionType> extensions;
    std::vector<ProposalType> proposals;
    std::vector<CredentialType> credentials;

    auto fields(this auto& self) {
        return std::tie(self.extensions, self.proposals, self.credentials);
    }
};

[[nodiscard]] Extension required_capabilities(const RequiredCapabilities& required);

/// struct { SignaturePublicKey signature_key; Credential credential; } ExternalSender; who may
/// propose from outside of the group (section 12.1.8.1).
struct ExternalSender {
    Bytes signature_key;
    Credential credential;

    auto fields(this auto& self) { return std::tie(self.signature_key, self.credential); }

    friend bool operator==(const ExternalSender&, const ExternalSender&) = default;
};

[[nodiscard]] Extension external_senders(const std::vector<ExternalSender>& senders);
/// Those of a group's context, in the order of their indices. Errors: malformed and the like.
[[nodiscard]] Result<std::vector<ExternalSender>> external_senders_of(const Extensions& context);

/// "it MUST be validated with the AS [...] When an external_senders extension is added to the
/// group, or an existing [one] is updated" (section 5.3.1): those that were not there before.
/// Errors: the judge's, and those of external_senders_of().
[[nodiscard]] Result<void> judge_external_senders(const Extensions& before,
                                                  const Extensions& after,
                                                  const CredentialJudge& judge);

/// opaque application_id<V>; in a leaf. It is what the member says of itself, and no more:
/// "applications MUST NOT rely on the data in an application_id extension as if it were
/// authenticated by the Authentication Service" (section 5.3.3).
[[nodiscard]] Extension application_id(BytesView id);
/// Nothing if the leaf has none. Errors: malformed and the like.
[[nodiscard]] Result<std::optional<Bytes>> application_id_of(const Extensions& leaf);

/// May a member with these capabilities be in a group with this context? Its required
/// capabilities and the types of its extensions. Errors: required_capabilities,
/// extension_unsupported, malformed (of the required_capabilities extension).
[[nodiscard]] Result<void> check_fits(const Capabilities& member, const Extensions& context);

}  // namespace cercle::mls
