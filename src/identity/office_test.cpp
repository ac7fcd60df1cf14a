// SPDX-License-Identifier: AGPL-3.0-or-later
#include "identity/office.h"

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "protocol/frames.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::identity;

constexpr WallTime now{std::chrono::hours(500'000)};

struct Circle {
    vectors::SeededRandom random{1};
    Authority authority = must(Authority::found(now, random));
    crypto::SigningKey key =
        crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
    Passport passport{
        MemberId::random(random), DeviceId::random(random), Role::Member, key.public_key()};
    Bytes certificate = must(authority.certify(passport, now, random));
    crypto::KemKey answer_key = make_answer_key(random);

    Account account() const {
        Account account;
        account.office = {7};
        account.device = passport.device;
        account.inbox_secret = Secret(32);
        return account;
    }

    Secret page(std::uint64_t number, std::uint64_t leaves) const {
        DirectoryPage page;
        page.number = {number};
        page.growth.first = {leaves};
        page.growth.head.size = {leaves};
        return sign_page(page, authority);
    }

    std::vector<Bytes> told(const Account& account) {
        return must(sign_account(account, certificate, key, answer_key.public_key(), random));
    }

    Result<OpenedAccount> opened(const std::vector<Bytes>& letters) const {
        Bytes whole;
        for (const Bytes& letter : letters)
            append(whole, must(open_account_part(letter, authority.root())).part.bytes);
        return open_account(whole, answer_key, passport.device, authority.root(), now);
    }
};

}  // namespace

TEST_CASE("an account that is longer than a letter comes in parts, and is one again") {
    Circle circle;
    auto account = circle.account();
    account.pages.push_back(to_bytes(circle.page(3, 8'000).reveal()));
    account.leaves.resize(8'000);
    const auto letters = circle.told(account);
    CHECK(letters.size() == 4);
    for (const Bytes& letter : letters)
        CHECK(letter.size() < protocol::longest_payload * 3 / 4);
    const auto opened = must(circle.opened(letters));
    CHECK(opened.account.leaves.size() == 8'000);
    CHECK(opened.head.size == merkle::TreeSize{8'000});
    CHECK(opened.pages.size() == 1);
    // Of parts that are exchanged, or of which one is missing, nothing opens.
    auto exchanged = letters;
    std::swap(exchanged[2], exchanged[3]);
    CHECK(circle.opened(exchanged).error().code == Code::forged);
    exchanged.pop_back();
    CHECK_FALSE(circle.opened(exchanged).has_value());
}

TEST_CASE("more than an office takes of one device is not told") {
    Circle circle;
    auto account = circle.account();
    account.leaves.resize(12'000);
    const auto told = sign_account(
        account, circle.certificate, circle.key, circle.answer_key.public_key(), circle.random);
    CHECK(told.error().code == Code::too_large);
}

TEST_CASE("an account is taken for whose it is, with its pages in order and leaves they prove") {
    Circle circle;
    auto other = circle.account();
    other.device = DeviceId::random(circle.random);
    // As its author encrypts it, and as who signs it would have it opened.
    CHECK(circle.opened(circle.told(other)).error().code == Code::forged);
    auto unordered = circle.account();
    unordered.pages.push_back(to_bytes(circle.page(3, 0).reveal()));
    unordered.pages.push_back(to_bytes(circle.page(2, 0).reveal()));
    CHECK(circle.opened(circle.told(unordered)).error().code == Code::not_canonical);
    auto unproved = circle.account();
    unproved.leaves.emplace_back();
    CHECK(circle.opened(circle.told(unproved)).error().code == Code::malformed);
    auto foreign = circle.account();
    const auto another = must(Authority::found(now, circle.random));
    foreign.pages.push_back(to_bytes(sign_page({}, another).reveal()));
    CHECK(circle.opened(circle.told(foreign)).error().code == Code::forged);
    auto furthest = circle.account();
    furthest.pages.push_back(to_bytes(circle.page(2, 9).reveal()));
    furthest.pages.push_back(to_bytes(circle.page(3, 0).reveal()));
    CHECK(must(circle.opened(circle.told(furthest))).head.size == merkle::TreeSize{9});
}

TEST_CASE("a word on the office has a key for answers, and an officer's certificate") {
    Circle circle;
    OfficeWord word;
    word.number = {7};
    word.member = circle.passport.member;
    word.device = circle.passport.device;
    word.inbox_secret = Secret(32);
    word.answer_key = circle.answer_key.public_key();
    word.certificate = circle.certificate;
    const auto judged = [&circle](const OfficeWord& one) {
        const auto opened =
            open_office(sign_office(one, circle.authority).reveal(), circle.authority.root());
        return opened ? std::optional<Code>() : std::optional(opened.error().code);
    };
    CHECK(judged(word) == Code::certificate_untrusted);
    Passport officer = circle.passport;
    officer.role = Role::Officer;
    word.certificate = must(circle.authority.certify(officer, now, circle.random));
    CHECK_FALSE(judged(word).has_value());
    word.answer_key.pop_back();
    CHECK(judged(word) == Code::malformed);
    word.answer_key = circle.answer_key.public_key();
    word.number = {0};
    CHECK(judged(word) == Code::malformed);
    word.number = {7};
    word.device = DeviceId::random(circle.random);
    CHECK(judged(word) == Code::certificate_invalid);
}
