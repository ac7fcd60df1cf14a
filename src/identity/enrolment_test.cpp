// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/enrolment.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/random.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

/// Both ends of one invitation.
struct Meeting {
    explicit Meeting(std::string_view newcomer_code = "", std::string_view officer_code = "")
        : invitation(filled(invitation_secret_size)),
          key(crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random)),
          authority(*Authority::found(now, random)),
          newcomer(
              Newcomer::begin(EnrolmentKeys::derive(invitation, newcomer_code), request(), random)),
          officer(Admitter::begin(EnrolmentKeys::derive(invitation, officer_code), random)) {}

    Secret filled(std::size_t size) {
        Secret secret(size);
        random.fill(secret.expose());
        return secret;
    }

    EnrolmentRequest request() {
        EnrolmentRequest asked;
        asked.signature_key = key.public_key();
        asked.inbox_secret = filled(32);
        return asked;
    }

    CircleId circle() const { return authority.root().circle(); }

    crypto::SystemRandom random;
    Secret invitation;
    crypto::SigningKey key;
    Authority authority;
    Newcomer newcomer;
    Admitter officer;
};

}  // namespace

TEST_CASE("an enrolment goes through its five steps, even if both ends crash between them") {
    Meeting meeting;
    auto& random = meeting.random;
    const Bytes step0 = meeting.newcomer.step0(random);
    meeting.newcomer = *Newcomer::load(meeting.newcomer.save().reveal());
    const auto step1 = meeting.officer.step1(step0, meeting.authority, random);
    REQUIRE(step1.has_value());
    meeting.officer = *Admitter::load(meeting.officer.save().reveal());
    const auto step2 = meeting.newcomer.step2(step0, *step1, meeting.circle(), meeting.key, random);
    REQUIRE(step2.has_value());
    const auto request = meeting.officer.open_step2(step0, *step1, *step2);
    REQUIRE(request.has_value());
    CHECK(request->signature_key == meeting.key.public_key());

    const Passport passport{
        MemberId::random(random), DeviceId::random(random), Role::Member, request->signature_key};
    EnrolmentAnswer answer;
    answer.root = meeting.authority.root().certificate().der;
    answer.certificate = *meeting.authority.certify(passport, now, random);
    answer.directory = sign_page({}, meeting.authority);
    const auto step3 = meeting.officer.step3(step0, answer, random);
    REQUIRE(step3.has_value());
    const auto received = meeting.newcomer.open_step3(*step3, meeting.circle(), now);
    REQUIRE(received.has_value());
    CHECK(received->certificate == answer.certificate);

    const auto step4 = meeting.newcomer.step4(*step1, to_bytes("key package"), random);
    REQUIRE(step4.has_value());
    CHECK(to_text(*meeting.officer.open_step4(*step4)) == "key package");
}

TEST_CASE("without the second code nothing of an enrolment can be opened") {
    Meeting meeting("", "ABCD-EFGH-IJKL-MNOP");
    CHECK(meeting.newcomer.keys().exchange == meeting.officer.keys().exchange);
    const Bytes step0 = meeting.newcomer.step0(meeting.random);
    CHECK(meeting.officer.step1(step0, meeting.authority, meeting.random).error().code ==
          Code::forged);
}

TEST_CASE("a second code is forgiven its blanks, hyphens and case") {
    Meeting meeting(" abcd efgh-IJKL MNOP\n", "ABCD-EFGH-IJKL-MNOP");
    const Bytes step0 = meeting.newcomer.step0(meeting.random);
    CHECK(meeting.officer.step1(step0, meeting.authority, meeting.random).has_value());
}

TEST_CASE("a newcomer refuses the answer of another circle's officer") {
    Meeting meeting;
    Meeting elsewhere;
    const Bytes step0 = meeting.newcomer.step0(meeting.random);
    const auto step1 = meeting.officer.step1(step0, elsewhere.authority, meeting.random);
    REQUIRE(step1.has_value());
    CHECK(meeting.newcomer.step2(step0, *step1, meeting.circle(), meeting.key, meeting.random)
              .error()
              .code == Code::certificate_untrusted);
}

TEST_CASE("a request that was not committed to, or is for somebody else's key, is refused") {
    Meeting meeting;
    auto& random = meeting.random;
    const Bytes step0 = meeting.newcomer.step0(random);
    const auto step1 = meeting.officer.step1(step0, meeting.authority, random);
    REQUIRE(step1.has_value());
    auto other =
        Newcomer::begin(EnrolmentKeys::derive(meeting.invitation, ""), meeting.request(), random);
    const auto switched = other.step2(step0, *step1, meeting.circle(), meeting.key, random);
    REQUIRE(switched.has_value());
    CHECK(meeting.officer.open_step2(step0, *step1, *switched).error().code == Code::forged);

    const auto stolen = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const auto unproven = meeting.newcomer.step2(step0, *step1, meeting.circle(), stolen, random);
    REQUIRE(unproven.has_value());
    CHECK(meeting.officer.open_step2(step0, *step1, *unproven).error().code == Code::forged);
}

TEST_CASE("a step with any bit flipped is refused, and no step passes for another") {
    Meeting meeting;
    auto& random = meeting.random;
    const Bytes step0 = meeting.newcomer.step0(random);
    for (std::size_t bit = 0; bit < step0.size() * 8; bit += 7) {
        Bytes flipped = step0;
        flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK_FALSE(meeting.officer.step1(flipped, meeting.authority, random).has_value());
    }
    const auto step1 = meeting.officer.step1(step0, meeting.authority, random);
    REQUIRE(step1.has_value());
    CHECK_FALSE(meeting.officer.step1(*step1, meeting.authority, random).has_value());
    CHECK_FALSE(
        meeting.newcomer.step2(step0, step0, meeting.circle(), meeting.key, random).has_value());
}
