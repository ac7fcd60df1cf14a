// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Credentials: what a member says of itself (RFC 9420 section 5.3). This folder carries them and
// knows no certificate: whether one is believed, the house asks a CredentialJudge.

#include <cstdint>
#include <variant>
#include <vector>

#include "codec/tls.h"

namespace cercle::mls {

/// "uint16 CredentialType"; values without a name may stand in capabilities.
enum class CredentialType : std::uint16_t { Basic = 1, X509 = 2 };

/// opaque identity<V>
struct BasicCredential {
    Bytes identity;

    auto fields(this auto& self) { return std::tie(self.identity); }

    friend bool operator==(const BasicCredential&, const BasicCredential&) = default;
};

/// Certificate certificates<V>, each opaque cert_data<V> in DER; the leaf's own comes first.
struct X509Credential {
    std::vector<Bytes> certificates;

    auto fields(this auto& self) { return std::tie(self.certificates); }

    friend bool operator==(const X509Credential&, const X509Credential&) = default;
};

/// struct { CredentialType credential_type; select (...) } Credential;
struct Credential {
    std::variant<BasicCredential, X509Credential> content;

    [[nodiscard]] CredentialType type() const {
        return content.index() == 0 ? CredentialType::Basic : CredentialType::X509;
    }

    void encode_to(codec::Writer& writer) const;
    /// Errors: credential_type_unknown (its length cannot be known either).
    [[nodiscard]] static Result<Credential> decode_from(codec::Reader& reader);

    friend bool operator==(const Credential&, const Credential&) = default;
};

[[nodiscard]] Credential basic_credential(BytesView identity);
[[nodiscard]] Credential x509_credential(std::vector<Bytes> chain);

/// The application's authentication service (section 5.3.1).
class CredentialJudge {
  public:
    CredentialJudge() = default;
    CredentialJudge(const CredentialJudge&) = delete;
    CredentialJudge& operator=(const CredentialJudge&) = delete;
    virtual ~CredentialJudge() = default;

    /// Is this credential believed, and is it about this signature key? Any error refuses it.
    [[nodiscard]] virtual Result<void> judge(const Credential& credential,
                                             BytesView signature_key) const = 0;

    /// May a member who was `before` go on as `after`? Both have been judged. Unless said
    /// otherwise nobody changes. Errors: credential_not_a_successor.
    [[nodiscard]] virtual Result<void> judge_successor(const Credential& before,
                                                       const Credential& after) const;
};

}  // namespace cercle::mls
