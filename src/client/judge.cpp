// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/judge.h"

#include <algorithm>

namespace cercle::client {

Result<identity::Passport> Judge::passport(const mls::Credential& credential) const {
    const auto* x509 = std::get_if<mls::X509Credential>(&credential.content);
    // One certificate, directly under the root that every device knows.
    if (x509 == nullptr || x509->certificates.size() != 1) {
        return fail(Code::certificate_invalid, "a member without a certificate of the circle");
    }
    return root_.judge(x509->certificates.front(), at_);
}

Result<void> Judge::judge(const mls::Credential& credential, BytesView signature_key) const {
    TRY(const identity::Passport person, passport(credential));
    if (!std::ranges::equal(person.signature_key, signature_key)) {
        return fail(Code::certificate_invalid, "a certificate beside somebody else's key");
    }
    return {};
}

}  // namespace cercle::client
