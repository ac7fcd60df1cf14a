// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Meeting: both ends of one invitation, all five steps gone through once, and its keys in a
// forger's hand: who holds the invitation opens and closes what the ends send each other. For
// tests of several folders, and for fuzz targets: no Catch2.

#include <array>
#include <string>

#include "codec/tls.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "identity/enrolment.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::stage {

struct Meeting {
    static constexpr WallTime now{std::chrono::hours(500'000)};
    static constexpr auto algorithm = crypto::AeadAlgorithm::Aes256Gcm;
    static constexpr crypto::HpkeSuite suite{
        crypto::KemAlgorithm::XWing, crypto::HashAlgorithm::Sha384, algorithm};

    vectors::SeededRandom random{1};
    Secret invitation = Secret(identity::invitation_secret_size);
    identity::EnrolmentKeys keys = derived();
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    identity::Authority authority = must(identity::Authority::found(now, random));
    identity::Passport passport{identity::MemberId::random(random),
                                identity::DeviceId::random(random),
                                identity::Role::Member,
                                key.public_key()};
    identity::Newcomer newcomer = identity::Newcomer::begin(derived(), request(), random);
    identity::Admitter officer = identity::Admitter::begin(derived(), random);
    Bytes step0 = newcomer.step0(random);
    Bytes step1 = must(officer.step1(step0, authority, random));
    Bytes step2 = must(newcomer.step2(step0, step1, circle(), key, random));
    Bytes step3 = must(officer.step3(step0, answer(), random));
    Bytes step4 = must(newcomer.step4(step1, view_of("key package"), random));

    [[nodiscard]] const Bytes& genuine(unsigned step) const {
        return *std::array{&step0, &step1, &step2, &step3, &step4}.at(step);
    }

    [[nodiscard]] identity::CircleId circle() const { return authority.root().circle(); }

    [[nodiscard]] identity::EnrolmentRequest request() const {
        identity::EnrolmentRequest asked;
        asked.signature_key = key.public_key();
        asked.inbox_secret = Secret(32);
        return asked;
    }

    [[nodiscard]] identity::DirectoryPage page() {
        identity::DirectoryPage one;
        one.number = {1};
        one.circle_name = "Conseil";
        one.members.push_back({passport.member, "Zoé", "minister"});
        one.devices.push_back({passport.device,
                               passport.member,
                               must(authority.certify(passport, now, random)),
                               {},
                               Secret(32),
                               {1}});
        return one;
    }

    [[nodiscard]] identity::EnrolmentAnswer answer() {
        return {authority.root().certificate().der,
                must(authority.certify(passport, now, random)),
                identity::sign_page(page(), authority),
                {}};
    }

    /// What the other end makes of one step, the others being genuine.
    Result<void> show(unsigned step, BytesView bytes) {
        switch (step) {
            case 0:
                TRY_VOID(officer.step1(bytes, authority, random));
                return {};
            case 1:
                TRY_VOID(newcomer.step2(step0, bytes, circle(), key, random));
                return {};
            case 2:
                TRY_VOID(officer.open_step2(step0, step1, bytes));
                return {};
            case 3:
                TRY_VOID(newcomer.open_step3(bytes, circle(), now));
                return {};
            default:
                TRY_VOID(officer.open_step4(bytes));
                return {};
        }
    }

    [[nodiscard]] static std::string label(unsigned step) {
        return "Cercle 1 enrolment step " + std::to_string(step);
    }

    [[nodiscard]] Bytes opened(unsigned step) const {
        const BytesView closed = genuine(step);
        return must(crypto::aead_decrypt(algorithm,
                                         step_key(step).reveal(),
                                         closed.first(crypto::aead_nonce_size),
                                         keys.exchange.view(),
                                         closed.subspan(crypto::aead_nonce_size)));
    }

    [[nodiscard]] Bytes closed(unsigned step, BytesView plain) {
        Bytes made = random.bytes(crypto::aead_nonce_size);
        append(made,
               crypto::aead_encrypt(
                   algorithm, step_key(step).reveal(), made, keys.exchange.view(), plain));
        return made;
    }

    /// Encrypted to the receiver's ephemeral key, as steps 2 to 4 are, and closed.
    [[nodiscard]] Bytes closed_hybrid(unsigned step, BytesView plain) {
        // Steps 0 and 1 begin with that key.
        const Bytes first = opened(step == 3 ? 0 : 1);
        const auto receiver = must(codec::Reader(first).opaque());
        const auto made = must(crypto::hpke_encrypt(
            suite, receiver, view_of(label(step)), keys.exchange.view(), plain, random));
        codec::Writer hybrid;
        hybrid.opaque(made.encapsulation);
        hybrid.opaque(made.ciphertext);
        return closed(step, hybrid.bytes());
    }

  private:
    [[nodiscard]] identity::EnrolmentKeys derived() const {
        return identity::EnrolmentKeys::derive(invitation, "");
    }

    [[nodiscard]] Secret step_key(unsigned step) const {
        return crypto::hkdf_expand(
            crypto::HashAlgorithm::Sha256, keys.closing.reveal(), view_of(label(step)), 32);
    }
};

}  // namespace cercle::stage
