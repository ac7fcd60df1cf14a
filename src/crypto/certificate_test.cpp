// SPDX-License-Identifier: AGPL-3.0-or-later
#include "crypto/certificate.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "tests/vectors/damage.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::crypto {
namespace {

using namespace std::chrono_literals;

constexpr WallTime start = std::chrono::sys_days{2026y / 11 / 22};
constexpr Validity ten_years{.from = start, .until = start + 24h * 3652};
constexpr Validity one_year{.from = start, .until = start + 24h * 365};

SigningKey new_key(Random& random) {
    return SigningKey::generate(SignatureAlgorithm::Ed25519, random);
}

struct Circle {
    explicit Circle(std::uint64_t seed, const std::string& name = "Cercle")
        : random(seed),
          key(new_key(random)),
          root(*Certificate::parse(*make_root_certificate(key, name, ten_years, random))) {}

    [[nodiscard]] Result<Bytes> issue(const std::vector<std::string>& uris,
                                      Validity validity = one_year) {
        return issue_certificate(key, root, device.public_key(), uris, validity, random);
    }

    [[nodiscard]] Certificate leaf() { return *Certificate::parse(*issue({"cercle:device/1"})); }

    vectors::SeededRandom random;
    SigningKey key;
    SigningKey device = new_key(random);
    Certificate root;
};

Code refusal(const Result<void>& result) {
    REQUIRE(!result.has_value());
    return result.error().code;
}

Code refusal(const Result<Bytes>& result) {
    REQUIRE(!result.has_value());
    return result.error().code;
}

Code refusal_to_parse(BytesView der) {
    const auto parsed = Certificate::parse(der);
    REQUIRE(!parsed.has_value());
    return parsed.error().code;
}

}  // namespace

TEST_CASE("a leaf says what was certified and verifies under its root") {
    Circle circle(1);
    const std::vector<std::string> uris = {"cercle:member/0a", "cercle:device/0b"};
    const auto der = circle.issue(uris);
    REQUIRE(der.has_value());
    const auto leaf = Certificate::parse(*der);
    REQUIRE(leaf.has_value());
    CHECK(leaf->der == *der);
    CHECK(leaf->uris == uris);
    CHECK(leaf->public_key == circle.device.public_key());
    CHECK(leaf->validity.from == one_year.from);
    CHECK(leaf->validity.until == one_year.until);
    CHECK(!leaf->authority);
    CHECK(leaf->verify_under(circle.root, start + 1h));
}

TEST_CASE("a root is an authority, names no URI and verifies under itself") {
    const Circle circle(2);
    CHECK(circle.root.authority);
    CHECK(circle.root.uris.empty());
    CHECK(circle.root.public_key == circle.key.public_key());
    CHECK(circle.root.verify_under(circle.root, start));
}

// "If present, the digitalSignature bit MUST be set" (RFC 8446 section 4.4.2.2): keyUsage,
// critical, bits 0 and 5.
TEST_CASE("a root may sign a handshake as well as certificates") {
    const Bytes usage = *from_hex("300e0603551d0f0101ff040403020284");
    const Circle circle(1);
    CHECK(std::ranges::search(circle.root.der, usage).size() == usage.size());
}

TEST_CASE("a certificate is judged by the time given, to the second, on both of its ends") {
    Circle circle(3);
    const Certificate leaf = circle.leaf();
    CHECK(refusal(leaf.verify_under(circle.root, start - 1ms)) == Code::certificate_expired);
    CHECK(leaf.verify_under(circle.root, start));
    CHECK(leaf.verify_under(circle.root, one_year.until));
    CHECK(leaf.verify_under(circle.root, one_year.until + 999ms));
    CHECK(refusal(leaf.verify_under(circle.root, one_year.until + 1s)) ==
          Code::certificate_expired);
}

TEST_CASE("a leaf does not outlive its root") {
    Circle circle(4);
    const auto der =
        circle.issue({"cercle:device/1"}, {.from = start, .until = ten_years.until + 24h});
    REQUIRE(der.has_value());
    const auto leaf = Certificate::parse(*der);
    REQUIRE(leaf.has_value());
    CHECK(refusal(leaf->verify_under(circle.root, ten_years.until + 1s)) ==
          Code::certificate_expired);
}

TEST_CASE("another circle's root certifies nothing here, even under the same name") {
    Circle circle(5);
    Circle same_name(6);
    Circle other_name(7, "Autre");
    const Certificate leaf = circle.leaf();
    CHECK(refusal(leaf.verify_under(same_name.root, start)) == Code::certificate_untrusted);
    CHECK(refusal(leaf.verify_under(other_name.root, start)) == Code::certificate_untrusted);
    CHECK(refusal(same_name.root.verify_under(circle.root, start)) == Code::certificate_untrusted);
}

TEST_CASE("a leaf certifies nothing") {
    Circle circle(8);
    const Certificate leaf = circle.leaf();
    CHECK(refusal(leaf.verify_under(leaf, start)) == Code::certificate_untrusted);
    const auto issued = issue_certificate(
        circle.device, leaf, circle.key.public_key(), {"cercle:device/2"}, one_year, circle.random);
    CHECK(refusal(issued) == Code::invalid_key);
}

TEST_CASE("a certificate is believed only whole and unchanged") {
    Circle circle(9);
    const Certificate leaf = circle.leaf();
    vectors::require_damage_refused(leaf.der, [&](const Bytes& damaged) {
        const auto parsed = Certificate::parse(damaged);
        if (!parsed) {
            if (parsed.error().code != Code::certificate_invalid) FAIL("another refusal");
            return false;
        }
        return parsed->verify_under(circle.root, start).has_value();
    });
    vectors::require_damage_refused(circle.root.der, [&](const Bytes& damaged) {
        const auto parsed = Certificate::parse(damaged);
        return parsed && leaf.verify_under(*parsed, start).has_value();
    });
}

TEST_CASE("times are written in two-digit years until 2049 and in four digits from 2050") {
    Circle circle(10);
    for (const int year : {1970, 2049, 2050, 2051, 9998}) {
        const WallTime from = std::chrono::sys_days{std::chrono::year{year} / 12 / 31};
        const auto der = circle.issue({"cercle:device/1"}, {.from = from, .until = from + 24h});
        REQUIRE(der.has_value());
        const auto parsed = Certificate::parse(*der);
        REQUIRE(parsed.has_value());
        CHECK(parsed->validity.from == from);
        CHECK(parsed->validity.until == from + 24h);
    }
}

TEST_CASE("no certificate is issued outside the profile") {
    Circle circle(11);
    CHECK(refusal(circle.issue({})) == Code::invalid_argument);
    CHECK(refusal(circle.issue(std::vector<std::string>(9, "cercle:device/1"))) ==
          Code::invalid_argument);
    CHECK(refusal(circle.issue({"no scheme"})) == Code::invalid_argument);
    CHECK(refusal(circle.issue({"cercle:with blank"})) == Code::invalid_argument);
    CHECK(refusal(circle.issue({std::string("cercle:zero\0", 12)})) == Code::invalid_argument);
    CHECK(refusal(circle.issue({"cercle:" + std::string(506, 'x')})) == Code::invalid_argument);
    CHECK(refusal(circle.issue({"cercle:d"}, {.from = start, .until = start - 1s})) ==
          Code::invalid_argument);
    CHECK(refusal(issue_certificate(
              circle.key, circle.root, Bytes(32), {"cercle:d"}, one_year, circle.random)) ==
          Code::invalid_key);
    CHECK(refusal(issue_certificate(circle.device,
                                    circle.root,
                                    circle.device.public_key(),
                                    {"cercle:d"},
                                    one_year,
                                    circle.random)) == Code::invalid_key);
    CHECK(refusal(make_root_certificate(circle.key, "", ten_years, circle.random)) ==
          Code::invalid_text);
    CHECK(refusal(make_root_certificate(
              circle.key, std::string(65, 'x'), ten_years, circle.random)) == Code::invalid_text);
}

TEST_CASE("the shortest names and URIs certify as the longest do") {
    for (std::size_t size = 1; size <= 64; ++size) {
        Circle circle(size, std::string(size, 'C'));
        CHECK(circle.root.verify_under(circle.root, start));
        for (const std::size_t length : {std::size_t{1}, size, 10 * size - 200}) {
            if (length > 500) continue;
            const auto leaf = Certificate::parse(*circle.issue({std::string(length, 'x') + ":"}));
            REQUIRE(leaf.has_value());
            CHECK(leaf->verify_under(circle.root, start));
        }
    }
}

TEST_CASE("the largest certificate of the profile is one") {
    Circle circle(12);
    const auto der = circle.issue(std::vector<std::string>(8, "cercle:" + std::string(505, 'x')));
    REQUIRE(der.has_value());
    CHECK(Certificate::parse(*der).has_value());
    CHECK(refusal_to_parse(Bytes(8193, 0x30)) == Code::certificate_invalid);
}

TEST_CASE("a root's second key is read as it was written, and only whole and unchanged") {
    vectors::SeededRandom random(13);
    const SigningKey key = new_key(random);
    const SigningKey second = SigningKey::generate(SignatureAlgorithm::MlDsa65, random);
    const Bytes der = *make_root_certificate(key, "Cercle", ten_years, random, second.public_key());
    const auto root = Certificate::parse(der);
    REQUIRE(root.has_value());
    CHECK(root->second_key == second.public_key());
    CHECK(root->verify_under(*root, start));
    CHECK(Circle(13).root.second_key.empty());
    // Every bit would be 19,000 of them, of which nearly all are the key's.
    for (std::size_t bit = 0; bit < der.size() * 8; bit += 37) {
        Bytes damaged = der;
        damaged.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto parsed = Certificate::parse(damaged);
        if (parsed && parsed->verify_under(*parsed, start)) FAIL_CHECK("bit " << bit);
    }
    for (std::size_t size = 0; size < der.size(); size += 13)
        CHECK(!Certificate::parse(BytesView(der).first(size)));
}

// A good certificate of the right algorithm, but another profile: openssl req -x509 -newkey ed25519
TEST_CASE("a certificate with an extension that the profile does not know is refused") {
    CHECK(refusal_to_parse(*from_hex(
              "308201363081e9a0030201020214481e403e0edada03bfb0fbbb2d705738a423782f300506032b65"
              "703011310f300d06035504030c06436572636c65301e170d3236313132323036353233305a170d33"
              "36313131393036353233305a3011310f300d06035504030c06436572636c65302a300506032b6570"
              "0321006d099941d041152b33c912450b2527013dacadd164e32f66515e8b476281d7dea353305130"
              "1d0603551d0e04160414380b78ca29b9f258ec31466a24fe37e741b91fca301f0603551d23041830"
              "168014380b78ca29b9f258ec31466a24fe37e741b91fca300f0603551d130101ff040530030101ff"
              "300506032b6570034100fd16af643bc8868f01198cb6c7083ada19cf2716ad2cbc3450c96b52d78f"
              "6dc9bd96419219d7c90e677d8faf08a9d33bb726405c262657f8a8690db660606407")) ==
          Code::certificate_invalid);
}

}  // namespace cercle::crypto
