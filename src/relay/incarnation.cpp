// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/incarnation.h"

#include "access/label.h"
#include "codec/tls.h"
#include "net/succession.h"

namespace cercle::relay {

Bytes sign_incarnation(const net::ServerIdentity& identity, const IncarnationStatement& statement) {
    SignedIncarnation made;
    made.statement = codec::encode(statement);
    made.key = identity.signing_key().public_key();
    made.signature =
        access::sign(identity.signing_key(), access::Label::Incarnation, made.statement);
    return codec::encode(made);
}

Result<IncarnationStatement> check_incarnation(BytesView file,
                                               const net::ServerIdentity& identity) {
    TRY(const auto signed_one, codec::decode<SignedIncarnation>(file));
    // The key may have been replaced since; then it leads to the one that is there now.
    const auto signer = net::fingerprint_of(signed_one.key);
    if (signer != identity.key() &&
        !net::follow_succession(identity.certificates(), signer).has_value()) {
        return fail(Code::forged, "another key than the relay's has signed the incarnation");
    }
    TRY_VOID(access::verify(
        signed_one.key, access::Label::Incarnation, signed_one.statement, signed_one.signature));
    return codec::decode<IncarnationStatement>(signed_one.statement);
}

}  // namespace cercle::relay
