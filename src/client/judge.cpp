// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/judge.h"

#include <algorithm>

namespace cercle::client {

namespace {

Result<BytesView> certificate_in(const mls::Credential& credential) {
    const auto* x509 = std::get_if<mls::X509Credential>(&credential.content);
    // One certificate, directly under the root that every device knows.
    if (x509 == nullptr || x509->certificates.size() != 1) {
        return fail(Code::certificate_invalid, "a member without a certificate of the circle");
    }
    return BytesView(x509->certificates.front());
}

}  // namespace

Result<identity::Passport> Judge::passport(const mls::Credential& credential) const {
    TRY(const BytesView certificate, certificate_in(credential));
    return root_.recognise(certificate);
}

Result<void> Judge::judge(const mls::Credential& credential, BytesView signature_key) const {
    TRY(const BytesView certificate, certificate_in(credential));
    TRY(const identity::Passport person, root_.judge(certificate, at_));
    if (!std::ranges::equal(person.signature_key, signature_key)) {
        return fail(Code::certificate_invalid, "a certificate beside somebody else's key");
    }
    return {};
}

}  // namespace cercle::client
