// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/judge.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

}  // namespace

// RFC 9420: 5.3/x509-key
TEST_CASE("a device believes certificates of its circle, each beside its own key only") {
    crypto::SystemRandom random;
    const auto authority = identity::Authority::found(now, random);
    REQUIRE(authority.has_value());
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const auto other = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const identity::Passport passport{identity::MemberId::random(random),
                                      identity::DeviceId::random(random),
                                      identity::Role::Member,
                                      key.public_key()};
    const Bytes certificate = *authority->certify(passport, now, random);
    const client::Judge judge(authority->root(), now);
    const auto credential = mls::x509_credential({certificate});
    CHECK(judge.judge(credential, key.public_key()).has_value());
    const auto code = [&](const mls::Credential& shown, BytesView signature_key) {
        return judge.judge(shown, signature_key).error().code;
    };
    CHECK(code(credential, other.public_key()) == Code::certificate_invalid);
    CHECK(code(mls::x509_credential({}), key.public_key()) == Code::certificate_invalid);
    CHECK(code(mls::x509_credential({certificate, certificate}), key.public_key()) ==
          Code::certificate_invalid);
    CHECK(code(mls::basic_credential(view_of("Anna")), key.public_key()) ==
          Code::certificate_invalid);
}
