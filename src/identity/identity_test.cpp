// SPDX-License-Identifier: AGPL-3.0-or-later
#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "crypto/random.h"
#include "identity/circle_status.h"
#include "identity/directory.h"
#include "identity/invitation.h"

namespace {

using namespace cercle;
using namespace cercle::identity;
using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000'000ms};

Invitation sample(crypto::SystemRandom& random) {
    Invitation invitation;
    invitation.relay = "relay.example:7443";
    random.fill(invitation.relay_key.bytes);
    random.fill(invitation.circle.bytes);
    invitation.secret = Secret(invitation_secret_size);
    random.fill(invitation.secret.expose());
    invitation.expires = now + 1h;
    return invitation;
}

Passport passport_for(const crypto::SigningKey& key, Random& random, Role role = Role::Member) {
    return {MemberId::random(random), DeviceId::random(random), role, key.public_key()};
}

}  // namespace

TEST_CASE("an invitation reads back from its text, in either case and with blanks in it") {
    crypto::SystemRandom random;
    const Invitation invitation = sample(random);
    const std::string text = invitation.to_text();
    std::string spaced;
    for (std::size_t at = 0; at < text.size(); ++at) {
        spaced += static_cast<char>(std::tolower(static_cast<unsigned char>(text[at])));
        if (at % 20 == 19) spaced += "\n  ";
    }
    for (const std::string& form : {text, spaced}) {
        const auto read = Invitation::parse(form, now);
        REQUIRE(read.has_value());
        CHECK(read->relay == invitation.relay);
        CHECK(read->relay_key == invitation.relay_key);
        CHECK(read->circle == invitation.circle);
        CHECK(read->secret == invitation.secret);
        CHECK(read->expires == invitation.expires);
    }
}

TEST_CASE(
    "an invitation with any letter mistyped or left out is refused before the relay is asked") {
    crypto::SystemRandom random;
    const std::string text = sample(random).to_text();
    for (std::size_t at = 7; at < text.size(); ++at) {
        std::string mistyped = text;
        mistyped[at] = mistyped[at] == 'A' ? 'B' : 'A';
        CHECK_FALSE(Invitation::parse(mistyped, now).has_value());
        std::string shorter = text;
        shorter.erase(at, 1);
        CHECK_FALSE(Invitation::parse(shorter, now).has_value());
    }
}

TEST_CASE("an invitation is over at its expiry, to the second") {
    crypto::SystemRandom random;
    const std::string text = sample(random).to_text();
    CHECK(Invitation::parse(text, now + 1h - 1s).has_value());
    CHECK(Invitation::parse(text, now + 1h).error().code == Code::invitation_expired);
}

TEST_CASE("a certificate is believed under its own circle's root only") {
    crypto::SystemRandom random;
    const auto ours = Authority::found(now, random);
    const auto theirs = Authority::found(now, random);
    REQUIRE((ours.has_value() && theirs.has_value()));
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const Passport passport = passport_for(key, random, Role::Officer);
    const auto certificate = ours->certify(passport, now, random);
    REQUIRE(certificate.has_value());
    const auto judged = ours->root().judge(*certificate, now);
    REQUIRE(judged.has_value());
    CHECK(judged->member == passport.member);
    CHECK(judged->device == passport.device);
    CHECK(judged->role == Role::Officer);
    CHECK(judged->signature_key == key.public_key());
    CHECK(theirs->root().judge(*certificate, now).error().code == Code::certificate_untrusted);
    CHECK(ours->root().judge(*certificate, now + 24h * 400).error().code ==
          Code::certificate_expired);
}

TEST_CASE("the circle's root itself is no device") {
    crypto::SystemRandom random;
    const auto authority = Authority::found(now, random);
    REQUIRE(authority.has_value());
    CHECK_FALSE(authority->root().judge(authority->root().certificate().der, now).has_value());
}

TEST_CASE("pages of versions 1 to 4 are read as they were written, new ones are of version 5") {
    DirectoryPage page;
    page.number = {3};
    page.circle_name = "Conseil";
    CHECK(codec::encode(page).front() == 5);
    page.version = 1;
    const Bytes first = codec::encode(page);
    page.version = 2;
    page.suite = {0xF002};
    const Bytes second = codec::encode(page);
    page.version = 3;
    const Bytes third = codec::encode(page);
    page.version = 4;
    const Bytes fourth = codec::encode(page);
    page.version = 5;
    const Bytes fifth = codec::encode(page);
    CHECK(second.size() == first.size() + 2);
    // Of no revocation, and of a log without a leaf: its place, their number, and its head.
    CHECK(third.size() == second.size() + 1 + 8 + 1 + 8 + 32);
    // Of no policy, no turn, nobody's details, no rule, nobody who is gone, for no reader, and no
    // other conversation.
    CHECK(fourth.size() == third.size() + 7);
    // Nobody's picture.
    CHECK(fifth.size() == fourth.size() + 1);
    CHECK(codec::decode<DirectoryPage>(first)->suite == suite_of_version_1);
    CHECK(codec::decode<DirectoryPage>(second)->suite == GroupSuite{0xF002});
    CHECK(codec::decode<DirectoryPage>(third)->suite == GroupSuite{0xF002});
    for (const Bytes& old : {first, second, third, fourth, fifth})
        CHECK(codec::encode(*codec::decode<DirectoryPage>(old)) == old);
    Bytes newer = fifth;
    newer.front() = 6;
    CHECK(codec::decode<DirectoryPage>(newer).error().code == Code::unsupported);
    // A page of version 2 has one form.
    page.version = 2;
    page.suite = {0x0101};
    Bytes doubled = codec::encode(page);
    const auto suite = std::ranges::search(doubled, Bytes{0x01, 0x01});
    REQUIRE_FALSE(suite.empty());
    suite.front() = 0x00;
    CHECK(codec::decode<DirectoryPage>(doubled).error().code == Code::not_canonical);
}

TEST_CASE("a directory page opens only if the authority signed it as it is") {
    crypto::SystemRandom random;
    const auto authority = Authority::found(now, random);
    const auto other = Authority::found(now, random);
    REQUIRE((authority.has_value() && other.has_value()));
    const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    const Passport passport = passport_for(key, random);
    DirectoryPage page;
    page.number = {3};
    page.circle_name = "Conseil";
    page.members.push_back({passport.member, "Zoé", "minister"});
    DirectoryDevice device;
    device.device = passport.device;
    device.member = passport.member;
    device.certificate = *authority->certify(passport, now, random);
    device.inbox_secret = Secret(32);
    page.devices.push_back(std::move(device));

    const Secret signed_page = sign_page(page, *authority);
    const auto opened = open_page(signed_page.reveal(), authority->root(), now);
    REQUIRE(opened.has_value());
    CHECK(opened->members.at(0).name == "Zoé");
    CHECK_FALSE(open_page(signed_page.reveal(), other->root(), now).has_value());

    page.devices.at(0).device = DeviceId{};
    CHECK(open_page(sign_page(page, *authority).reveal(), authority->root(), now).error().code ==
          Code::certificate_invalid);
    page.devices.clear();
    page.members.at(0).name = "Zo\u202eé";
    CHECK(open_page(sign_page(page, *authority).reveal(), authority->root(), now).error().code ==
          Code::invalid_text);
}

TEST_CASE("a page says the turns of its own devices' inboxes, in their order, and of no other") {
    crypto::SystemRandom random;
    const auto authority = Authority::found(now, random);
    REQUIRE(authority.has_value());
    DirectoryPage page;
    page.number = {3};
    page.circle_name = "Conseil";
    for (int count = 0; count < 2; ++count) {
        const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
        const Passport passport = passport_for(key, random);
        page.devices.push_back({passport.device,
                                passport.member,
                                *authority->certify(passport, now, random),
                                {},
                                Secret(32),
                                {}});
    }
    const DeviceId first = page.devices.at(0).device;
    const DeviceId second = page.devices.at(1).device;
    const auto opened = [&](std::vector<TurnOfDevice> turns) {
        page.turns = std::move(turns);
        return open_page(sign_page(page, *authority).reveal(), authority->root(), now);
    };
    const auto good = opened({{first, {2}}, {second, {1}}});
    REQUIRE(good.has_value());
    CHECK(good->turn_of(first) == InboxTurn{2});
    CHECK(opened({{second, {7}}})->turn_of(first) == InboxTurn{0});
    CHECK(opened({{second, {1}}, {first, {1}}}).error().code == Code::not_canonical);
    CHECK(opened({{first, {1}}, {first, {2}}}).error().code == Code::not_canonical);
    CHECK(opened({{DeviceId{}, {1}}}).error().code == Code::not_canonical);
    CHECK(opened({{first, {0}}}).error().code == Code::not_canonical);
}

TEST_CASE("an announced inbox has a turn and a whole secret, or is refused") {
    const auto code_of = [](std::uint8_t version, std::uint64_t turn, std::size_t size) {
        InboxAnnouncement announcement;
        announcement.version = version;
        announcement.turn = {turn};
        announcement.secret = Secret(size);
        const auto opened = open_inbox_announcement(codec::encode_secret(announcement).reveal());
        return opened ? std::optional<Code>() : opened.error().code;
    };
    CHECK_FALSE(code_of(1, 1, 32).has_value());
    CHECK(code_of(2, 1, 32) == Code::unsupported);
    CHECK(code_of(1, 0, 32) == Code::malformed);
    CHECK(code_of(1, 1, 31) == Code::malformed);
}

TEST_CASE("a circle's status of another version or of no time is refused") {
    const auto code_of = [](const CircleStatus& status) {
        const auto opened = open_circle_status(codec::encode(status));
        return opened ? std::optional<Code>() : opened.error().code;
    };
    CHECK_FALSE(code_of({1, {253402300799999}, {0}, {1}}).has_value());
    CHECK(code_of({2, {1}, {0}, {1}}) == Code::unsupported);
    CHECK(code_of({1, {253402300800000}, {0}, {1}}) == Code::malformed);
}
