// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/revocation.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "crypto/random.h"
#include "identity/directory.h"
#include "identity/page_revocations.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

struct Desk {
    crypto::SystemRandom random;
    Authority authority = *Authority::found(now, random);
    Authority other = *Authority::found(now, random);
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);

    Revocation revocation(std::uint64_t number) {
        return {revocation_version,
                {number},
                DeviceId::random(random),
                MemberId::random(random),
                {1'800'000'000'000}};
    }

    /// What reading a page with these in it ends with.
    Code page_with(std::vector<Revocation> revocations) const {
        DirectoryPage page;
        page.number = {2};
        page.circle_name = "Conseil";
        page.revocations = std::move(revocations);
        const auto opened = open_page(sign_page(page, authority).reveal(), authority.root(), now);
        return opened ? Code::unknown : opened.error().code;
    }
};

}  // namespace

TEST_CASE("a revocation says what the officer signed, to whoever knows the circle's root") {
    Desk desk;
    const Revocation one = desk.revocation(1);
    const auto signed_one = sign_revocation(one, desk.authority);
    CHECK(open_revocation(signed_one, desk.authority.root()).value() == one);
    CHECK(open_revocation(signed_one, desk.other.root()).error().code == Code::forged);
}

TEST_CASE("a revocation of number 0, of no time or of another version is none") {
    Desk desk;
    const auto refusal = [&desk](const Revocation& one) {
        return open_revocation(sign_revocation(one, desk.authority), desk.authority.root())
            .error()
            .code;
    };
    CHECK(refusal(desk.revocation(0)) == Code::malformed);
    Revocation late = desk.revocation(1);
    late.time.value = ~std::uint64_t{0};
    CHECK(refusal(late) == Code::malformed);
    Revocation newer = desk.revocation(1);
    newer.version = 2;
    CHECK(refusal(newer) == Code::unsupported);
}

TEST_CASE("a page carries revocations in their order, and its own signature is theirs") {
    Desk desk;
    const auto first = desk.revocation(1);
    const auto third = desk.revocation(3);
    // What lacks between them is seen by whoever does not hold it.
    CHECK(desk.page_with({first, third}) == Code::unknown);
    CHECK(desk.page_with({third, first}) == Code::not_canonical);
    CHECK(desk.page_with({first, first}) == Code::not_canonical);
    CHECK(desk.page_with({desk.revocation(0)}) == Code::malformed);
}

TEST_CASE("a report is its device's own, under the key of its certificate") {
    Desk desk;
    const RevocationReport report{revocation_version, DeviceId::random(desk.random), 7, {2}, 3, 1};
    const auto signed_report = sign_report(report, desk.key);
    CHECK(claimed_report(signed_report).value() == report);
    CHECK(open_report(signed_report, desk.key.public_key()).value() == report);
    const auto another =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, desk.random);
    CHECK(open_report(signed_report, another.public_key()).error().code == Code::forged);
    RevocationReport newer = report;
    newer.version = 2;
    CHECK(open_report(sign_report(newer, desk.key), desk.key.public_key()).error().code ==
          Code::unsupported);
}

TEST_CASE("a page's revocations are read one by one, whatever else is wrong with the page") {
    Desk desk;
    const auto right = desk.revocation(1);
    Revocation newer = desk.revocation(2);
    newer.version = 2;
    DirectoryPage page;
    page.number = {2};
    page.members.push_back({MemberId::random(desk.random), "Zo\u202eé", ""});
    page.revocations = {right, newer};
    const Secret signed_page = sign_page(page, desk.authority);
    CHECK_FALSE(open_page(signed_page.reveal(), desk.authority.root(), now).has_value());
    const auto found = revocations_on(signed_page.reveal(), desk.authority.root());
    REQUIRE(found.has_value());
    CHECK(*found == std::vector{right});
    // Of a page that the authority has not signed there are none.
    CHECK(
        revocations_on(sign_page(page, desk.other).reveal(), desk.authority.root()).error().code ==
        Code::forged);
}
