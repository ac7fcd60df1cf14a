// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/credential.h"

namespace cercle::mls {

void Credential::encode_to(codec::Writer& writer) const {
    codec::write(writer, type());
    std::visit([&](const auto& chosen) { codec::write(writer, chosen); }, content);
}

Result<Credential> Credential::decode_from(codec::Reader& reader) {
    TRY(const auto type, codec::read<CredentialType>(reader));
    if (type == CredentialType::Basic) {
        TRY(auto basic, codec::read<BasicCredential>(reader));
        return Credential{std::move(basic)};
    }
    if (type == CredentialType::X509) {
        TRY(auto chain, codec::read<X509Credential>(reader));
        return Credential{std::move(chain)};
    }
    return fail(Code::credential_type_unknown, "a credential that is neither basic nor x509");
}

Credential basic_credential(BytesView identity) {
    return Credential{BasicCredential{to_bytes(identity)}};
}

Credential x509_credential(std::vector<Bytes> chain) {
    return Credential{X509Credential{std::move(chain)}};
}

Result<void> CredentialJudge::judge_successor(const Credential& before,
                                              const Credential& after) const {
    if (before != after) {
        return fail(Code::credential_not_a_successor, "a member changed its credential");
    }
    return {};
}

}  // namespace cercle::mls
