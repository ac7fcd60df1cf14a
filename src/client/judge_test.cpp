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

TEST_CASE("a member goes on by another certificate for the same key, and as nobody else") {
    crypto::SystemRandom random;
    const auto authority = identity::Authority::found(now, random).value();
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const auto other = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const identity::Passport passport{identity::MemberId::random(random),
                                      identity::DeviceId::random(random),
                                      identity::Role::Member,
                                      key.public_key()};
    const auto shown = [&](const identity::Passport& who, WallTime at) {
        return mls::x509_credential({authority.certify(who, at, random).value()});
    };
    const client::Judge judge(authority.root(), now);
    const auto before = shown(passport, now);
    CHECK(judge.judge_successor(before, shown(passport, now + 24h * 300)).has_value());
    identity::Passport changed = passport;
    changed.member = identity::MemberId::random(random);
    CHECK(judge.judge_successor(before, shown(changed, now)).error().code ==
          Code::credential_not_a_successor);
    changed = passport;
    changed.device = identity::DeviceId::random(random);
    CHECK(judge.judge_successor(before, shown(changed, now)).error().code ==
          Code::credential_not_a_successor);
    changed = passport;
    changed.role = identity::Role::Officer;
    CHECK(judge.judge_successor(before, shown(changed, now)).error().code ==
          Code::credential_not_a_successor);
    changed = passport;
    changed.signature_key = other.public_key();
    CHECK(judge.judge_successor(before, shown(changed, now)).error().code ==
          Code::credential_not_a_successor);
}

TEST_CASE("dates matter of who comes in, and not of those among whom one comes") {
    crypto::SystemRandom random;
    const auto authority = identity::Authority::found(now, random).value();
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const identity::Passport passport{identity::MemberId::random(random),
                                      identity::DeviceId::random(random),
                                      identity::Role::Member,
                                      key.public_key()};
    const auto credential =
        mls::x509_credential({authority.certify(passport, now, random).value()});
    const client::Judge late(authority.root(), now + 24h * 400);
    CHECK(late.judge(credential, key.public_key()).error().code == Code::certificate_expired);
    const auto present = client::Judge::of_those_present(authority.root());
    CHECK(present.judge(credential, key.public_key()).has_value());
    // Another circle's is none at any time.
    const auto stranger = identity::Authority::found(now, random).value();
    CHECK_FALSE(client::Judge::of_those_present(stranger.root())
                    .judge(credential, key.public_key())
                    .has_value());
}
