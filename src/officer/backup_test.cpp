// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/backup.h"

#include <algorithm>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "base/slab.h"
#include "codec/tls.h"
#include "identity/picture.h"
#include "store/simulated_disk.h"
#include "tests/must.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::officer;
using namespace std::chrono_literals;

constexpr WallTime noon{1'800'000'000'000ms};
constexpr crypto::Argon2Cost cheap{.memory_kib = 32, .passes = 1};

Secret passphrase() {
    return Secret::copy_of(view_of("of the backup alone"));
}

std::vector<SignedEntry> journal_of(const identity::Authority& authority,
                                    std::size_t entries,
                                    Random& random) {
    store::SimulatedDisk disk(random);
    auto database = must(store::Database::open(disk.place("/vault.db")));
    auto transaction = must(database.begin());
    must(prepare_journal(transaction));
    for (std::size_t number = 0; number < entries; ++number) {
        must(enter_in_journal(
            transaction, authority, noon, {.act = Act::Certify, .name = "somebody"}));
    }
    must(std::move(transaction).commit());
    return must(read_journal(database));
}

/// Each member has a picture and two devices.
Backup circle_of(std::size_t members, std::size_t entries, Random& random) {
    const auto authority = must(identity::Authority::found(noon, random));
    Backup backup;
    backup.circle_name = "Conseil";
    backup.root = authority.root().certificate().der;
    backup.root_secret = authority.secret();
    backup.officer_key = Secret(32);
    random.fill(backup.officer_key.expose());
    for (std::size_t number = 0; number < members; ++number) {
        const auto member = identity::MemberId::random(random);
        backup.members.push_back({member,
                                  "Member " + std::to_string(number),
                                  "minister",
                                  Bytes(16, 5),
                                  {"north"},
                                  Bytes(identity::longest_picture, 6)});
        for (int device = 0; device < 2; ++device) {
            KeptDevice one;
            one.device.device = identity::DeviceId::random(random);
            one.device.member = member;
            one.device.certificate = Bytes(1000, 7);
            one.device.inbox = protocol::LogId::random(random);
            one.device.inbox_secret = Secret(inbox_secret_size);
            random.fill(one.device.inbox_secret.expose());
            one.turn = {number};
            if (device == 1) one.revoked = protocol::Stamp{number};
            backup.devices.push_back(std::move(one));
        }
    }
    backup.journal = journal_of(authority, entries, random);
    return backup;
}

Bytes records_of(const Backup& backup) {
    return codec::encode(static_cast<const BackupRecords&>(backup));
}

bool are_same(const KeptDevice& left, const KeptDevice& right) {
    // Encoded, as pages have them, since they have no comparison of their own.
    return codec::encode_secret(left.device) == codec::encode_secret(right.device) &&
           left.turn == right.turn && left.revoked == right.revoked;
}

SealedBackup sealed_file(const Backup& backup) {
    // Always the same salt and nonces, hence the same key, for backups of one test.
    vectors::SeededRandom random(3);
    return must(
        codec::decode<SealedBackup>(must(seal_backup(backup, passphrase(), cheap, random))));
}

std::optional<Code> refusal_of(const SealedBackup& file) {
    const auto opened = open_backup(codec::encode(file), passphrase());
    return opened ? std::optional<Code>() : std::optional(opened.error().code);
}

}  // namespace

TEST_CASE("the backup of three hundred members with pictures and a long journal opens again") {
    vectors::SeededRandom random(1);
    const Backup made = circle_of(300, 1000, random);
    const std::size_t before = slab::in_use();
    const Bytes sealed = must(seal_backup(made, passphrase(), cheap, random));
    CHECK(slab::in_use() == before);
    // More than all locked memory has room for.
    CHECK(sealed.size() > slab::capacity);
    const Backup opened = must(open_backup(sealed, passphrase()));
    CHECK(records_of(opened) == records_of(made));
    CHECK(opened.root_secret == made.root_secret);
    CHECK(opened.officer_key == made.officer_key);
    CHECK(std::ranges::equal(opened.devices, made.devices, are_same));
}

TEST_CASE("a backup that could not be opened again is not made") {
    vectors::SeededRandom random(1);
    const auto refusal = [&random](const Backup& backup) {
        return seal_backup(backup, passphrase(), cheap, random).error().code;
    };
    Backup crowded;
    crowded.devices.resize(most_kept_devices + 1);
    CHECK(refusal(crowded) == Code::too_large);
    Backup long_one;
    long_one.orders.emplace_back(largest_backup, std::uint8_t{0});
    CHECK(refusal(long_one) == Code::too_large);
    Backup torn;
    torn.devices.resize(1);
    CHECK(refusal(torn) == Code::store_corrupt);
}

TEST_CASE("a backup with as many devices as it may have fits into locked memory and opens") {
    vectors::SeededRandom random(1);
    Backup made = circle_of(0, 1, random);
    made.devices.resize(most_kept_devices);
    for (KeptDevice& one : made.devices)
        one.device.inbox_secret = Secret(inbox_secret_size);
    const SealedBackup file = sealed_file(made);
    CHECK(file.closed_secrets.size() < largest_backup_secrets);
    made.devices.clear();
    CHECK_FALSE(refusal_of(file).has_value());
}

TEST_CASE("attack: a backup with more keys than locked memory holds is not opened") {
    vectors::SeededRandom random(1);
    SealedBackup file = sealed_file(circle_of(1, 1, random));
    file.closed_secrets.resize(2 * slab::capacity);
    CHECK(refusal_of(file) == Code::too_large);
}

TEST_CASE("attack: the parts of two backups under one key are no backup, nor are exchanged ones") {
    vectors::SeededRandom random(1);
    Backup content = circle_of(1, 1, random);
    const SealedBackup earlier = sealed_file(content);
    content.devices.front().device.inbox_secret.expose()[0] ^= 1U;
    const SealedBackup later = sealed_file(content);
    REQUIRE(earlier.salt == later.salt);
    CHECK_FALSE(refusal_of(earlier).has_value());
    CHECK_FALSE(refusal_of(later).has_value());
    SealedBackup mixed = later;
    mixed.closed_secrets = earlier.closed_secrets;
    CHECK(refusal_of(mixed) == Code::backup_locked);
    SealedBackup exchanged = later;
    std::swap(exchanged.closed_secrets, exchanged.closed_rest);
    std::swap(exchanged.secrets_nonce, exchanged.rest_nonce);
    CHECK(refusal_of(exchanged) == Code::backup_locked);
}
