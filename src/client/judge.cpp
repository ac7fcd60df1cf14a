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
    TRY(const identity::Passport person,
        at_ ? root_.judge(certificate, *at_) : root_.recognise(certificate));
    if (!std::ranges::equal(person.signature_key, signature_key)) {
        return fail(Code::certificate_invalid, "a certificate beside somebody else's key");
    }
    return {};
}

Result<void> Judge::judge_successor(const mls::Credential& before,
                                    const mls::Credential& after) const {
    TRY(const auto was, passport(before));
    TRY(const auto is, passport(after));
    const bool same = was.member == is.member && was.device == is.device && was.role == is.role &&
                      was.signature_key == is.signature_key;
    if (!same) return fail(Code::credential_not_a_successor, "a certificate of somebody else");
    return {};
}

}  // namespace cercle::client
