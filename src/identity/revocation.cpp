// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/revocation.h"

#include "codec/tls.h"
#include "identity/labelled.h"

namespace cercle::identity {
namespace {

constexpr std::string_view revocation_label = "Cercle 1 revocation";
constexpr std::string_view report_label = "Cercle 1 revocation report";
/// The last moment of the year 9999: what a person can be shown.
constexpr std::uint64_t latest_time = 253402300799999;

}  // namespace

SignedRevocation sign_revocation(const Revocation& revocation, const Authority& authority) {
    SignedRevocation made;
    made.revocation = codec::encode(revocation);
    made.signature = authority.sign(revocation_label, made.revocation);
    return made;
}

Result<void> check_revocation(const Revocation& revocation) {
    if (revocation.version != revocation_version) {
        return fail(Code::unsupported, "a revocation of another version");
    }
    if (revocation.number.value == 0 || revocation.time.value > latest_time) {
        return fail(Code::malformed, "a revocation without a number, or of no time");
    }
    return {};
}

Result<Revocation> open_revocation(const SignedRevocation& signed_revocation, const Root& root) {
    TRY_VOID(
        root.verify(revocation_label, signed_revocation.revocation, signed_revocation.signature));
    TRY(const auto revocation, codec::decode<Revocation>(signed_revocation.revocation));
    TRY_VOID(check_revocation(revocation));
    return revocation;
}

SignedReport sign_report(const RevocationReport& report, const crypto::SigningKey& signature_key) {
    SignedReport made;
    made.report = codec::encode(report);
    made.signature = signature_key.sign(labelled(report_label, made.report));
    return made;
}

Result<RevocationReport> claimed_report(const SignedReport& signed_report) {
    TRY(const auto report, codec::decode<RevocationReport>(signed_report.report));
    if (report.version != revocation_version) {
        return fail(Code::unsupported, "a report of another version");
    }
    return report;
}

Result<RevocationReport> open_report(const SignedReport& signed_report, BytesView signature_key) {
    TRY_VOID(crypto::verify(crypto::SignatureAlgorithm::Ed25519,
                            signature_key,
                            labelled(report_label, signed_report.report),
                            signed_report.signature));
    return claimed_report(signed_report);
}

}  // namespace cercle::identity
