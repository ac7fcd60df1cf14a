// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What nobody can do with an office that moves, nor by saying that it has.

#include <catch2/catch_test_macros.hpp>

#include "client/compose.h"
#include "client/offices.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "identity/office.h"
#include "officer/backup.h"
#include "officer/register.h"
#include "tests/attacks/scene.h"
#include "tests/must.h"
#include "tests/stage/forger.h"

namespace {

using namespace cercle;
using attacks::Scene;
using attacks::Texts;
namespace offices = client::offices;

Bytes path() {
    return to_bytes(std::string("/backup"));
}

Secret passphrase() {
    return Secret::copy_of(view_of("of the backup alone"));
}

struct Court : Scene {
    Court()
        : Scene({"alice", "bertrand", "chloe"}) {
        REQUIRE(town->officer(officer::MakeBackup{path(), passphrase()}).done());
        town->carry("officer", "officer2", "/backup");
    }

    officer::AuthorityRow authority() {
        auto row = officer::Register(town->core("officer")->database).authority();
        REQUIRE(row.has_value());
        REQUIRE(row->has_value());
        return **std::move(row);
    }

    /// A machine of that authority's, as the word names it.
    identity::OfficeWord word(const identity::Authority& by, std::uint64_t number) {
        auto& random = town->random();
        const auto key = crypto::SigningKey::generate(crypto::SignatureAlgorithm::Ed25519, random);
        identity::OfficeWord word;
        word.number = {number};
        word.asks = identity::Asks::WhatIsKnown;
        word.member = town->core("bertrand")->self.member;
        word.device = identity::DeviceId::random(random);
        word.certificate =
            must(by.certify({word.member, word.device, identity::Role::Officer, key.public_key()},
                            town->loop().clock().wall(),
                            random));
        word.inbox = protocol::LogId::random(random);
        word.inbox_secret = Secret(32);
        word.answer_key = identity::make_answer_key(random).public_key();
        word.time = {number};
        return word;
    }

    /// Puts a letter into a home's inbox, as any member could.
    Result<void> put(const std::string& home, envelope::Word kind, BytesView says) {
        client::Core& core = *town->core(home);
        const auto keys = identity::inbox_keys(core.self.inbox_secret);
        protocol::Entry entry;
        entry.kind = protocol::EntryKind::Deposit;
        entry.payload = envelope::close_word(keys.closing_key, kind, says, town->random());
        auto transaction = must(core.database.begin());
        TRY_VOID(offices::take_letter(core, transaction, entry));
        return std::move(transaction).commit();
    }

    Texts alarms(const std::string& home) {
        Texts rules;
        const auto played = town->play(home, client::ListAlarms{});
        for (const auto& event : played.events) {
            if (const auto* alarm = std::get_if<client::AlarmShown>(&event))
                rules.push_back(alarm->rule);
        }
        return rules;
    }

    /// Everything is read first that there is.
    void settle(const std::string& home) { REQUIRE(town->play(home, client::Sync{0}).done()); }

    bool has_moved(const std::string& home) {
        settle(home);
        return must(offices::newest(town->core(home)->database)).has_value();
    }

    /// What a device would tell a new officer's machine, with nothing in it.
    identity::Account account(const std::string& home, identity::OfficeNumber office) {
        const client::Self& self = town->core(home)->self;
        identity::Account account;
        account.office = office;
        account.device = self.device;
        account.device_key = client::public_id<protocol::DeviceKey>(self.device_key);
        account.inbox = self.inbox;
        account.inbox_secret = self.inbox_secret.copy();
        account.first = {leaves("officer2")};
        return account;
    }

    /// Tells it, as that home would.
    void tell(const std::string& home, const identity::Account& account) {
        client::Core& office = *town->core("officer2");
        const client::Self& self = town->core(home)->self;
        const auto row = must(office.database.one<Secret>("SELECT signed FROM offices"));
        const auto word = must(identity::open_office(std::get<0>(*row).reveal(), office.self.root));
        const auto letters = must(identity::sign_account(
            account, self.certificate, self.signature_key, word.answer_key, town->random()));
        for (const Bytes& letter : letters)
            must(put("officer2", envelope::Word::Account, letter));
        town->pass(std::chrono::seconds(5));
    }

    std::uint64_t leaves(const std::string& home) {
        return std::get<0>(*must(town->core(home)->database.one<std::uint64_t>(
            "SELECT count(*) FROM transparency_leaves")));
    }

    /// A page of somebody's, whom the log of the officer's machine does not name.
    Secret page_of(const identity::Authority& by,
                   identity::MemberId ghost,
                   std::uint64_t number,
                   const identity::TransparencyHead& head) {
        identity::DirectoryPage page;
        page.number = {number};
        page.members.push_back({ghost, "eve", "minister", {}, {"all"}});
        page.growth.first = {head.size.value};
        page.growth.head = head;
        return identity::sign_page(page, by);
    }

    identity::TransparencyHead head(const std::string& home) {
        auto transaction = must(town->core(home)->database.begin());
        return must(client::transparency::head(transaction));
    }

    /// The office on another machine, which waits for what is known.
    void move() {
        town->close("officer");
        static_cast<void>(town->officer_at("officer2", officer::Restore{path(), passphrase()}, 5));
    }
};

}  // namespace

TEST_CASE("attack: a word on the office that the root has not signed moves nobody") {
    Court court;
    const auto another =
        must(identity::Authority::found(court.town->loop().clock().wall(), court.town->random()));
    const Secret forged = identity::sign_office(court.word(another, 7), another);
    CHECK(court.put("alice", envelope::Word::Office, forged.reveal()).error().code == Code::forged);
    // Nor one that the root has signed, and that was changed.
    const auto genuine = court.authority();
    auto both = must(codec::decode<identity::SignedOffice>(
        identity::sign_office(court.word(genuine.authority, 7), genuine.authority).reveal()));
    auto word = must(codec::decode<identity::OfficeWord>(both.word.reveal()));
    word.inbox = protocol::LogId::random(court.town->random());
    both.word = codec::encode_secret(word);
    CHECK(court.put("alice", envelope::Word::Office, codec::encode_secret(both).reveal())
              .error()
              .code == Code::forged);
    CHECK_FALSE(court.has_moved("alice"));
    // Nor one that names a machine which the root has made a member's alone.
    const client::Self& own = court.town->core("bertrand")->self;
    auto members = court.word(genuine.authority, 7);
    members.device = own.device;
    members.certificate = own.certificate;
    const Secret says = identity::sign_office(members, genuine.authority);
    CHECK(court.put("alice", envelope::Word::Office, says.reveal()).error().code ==
          Code::certificate_untrusted);
    CHECK_FALSE(court.has_moved("alice"));
}

TEST_CASE("attack: a word on the office that is signed by Ed25519 alone moves nobody") {
    Court court;
    const auto genuine = court.authority();
    const auto forger = stage::forger_of(genuine.authority, court.town->random());
    const Secret forged = identity::sign_office(court.word(forger, 7), forger);
    CHECK(court.put("alice", envelope::Word::Office, forged.reveal()).error().code == Code::forged);
    CHECK_FALSE(court.has_moved("alice"));
}

TEST_CASE("attack: a word on the office from before changes nothing after a later one") {
    Court court;
    const auto root = court.authority();
    const Secret first = identity::sign_office(court.word(root.authority, 7), root.authority);
    const Secret second = identity::sign_office(court.word(root.authority, 8), root.authority);
    must(court.put("alice", envelope::Word::Office, first.reveal()));
    must(court.put("alice", envelope::Word::Office, second.reveal()));
    court.settle("alice");
    const auto standing = must(offices::newest(court.town->core("alice")->database));
    must(court.put("alice", envelope::Word::Office, first.reveal()));
    court.settle("alice");
    CHECK(must(offices::newest(court.town->core("alice")->database))->device == standing->device);
    CHECK(court.alarms("alice").empty());
}

TEST_CASE("attack: two machines that claim one office are an alarm, and the first one stays") {
    Court court;
    const auto root = court.authority();
    const Secret first = identity::sign_office(court.word(root.authority, 7), root.authority);
    const Secret second = identity::sign_office(court.word(root.authority, 7), root.authority);
    must(court.put("alice", envelope::Word::Office, first.reveal()));
    court.settle("alice");
    const auto standing = must(offices::newest(court.town->core("alice")->database));
    must(court.put("alice", envelope::Word::Office, second.reveal()));
    court.settle("alice");
    CHECK(must(offices::newest(court.town->core("alice")->database))->device == standing->device);
    CHECK(court.alarms("alice") == Texts{"office-forked"});
}

TEST_CASE("attack: what a member tells a new officer's machine cannot bring anybody in") {
    Court court;
    const auto root = court.authority();
    // Somebody has not told yet, so that the office listens.
    court.keep_away("alice");
    court.move();
    court.settle("bertrand");
    client::Core& office = *court.town->core("officer2");
    const auto standing = must(offices::newest(office.database));
    const auto before = court.leaves("officer2");
    const auto ghost = identity::MemberId::random(court.town->random());
    const auto leaf = identity::leaf_of_name(ghost, "eve", "minister");
    // Pages that the root has signed, and whose log does not have it; nor does it help to say so
    // beside it, beyond their head, or from another place in the log.
    const auto head = court.head("officer2");
    auto account = court.account("bertrand", standing->number);
    account.pages.push_back(to_bytes(court.page_of(root.authority, ghost, 5000, head).reveal()));
    court.tell("bertrand", account);
    account.leaves.push_back(leaf);
    court.tell("bertrand", account);
    account.first = {before - 1};
    court.tell("bertrand", account);
    account.pages.clear();
    court.tell("bertrand", account);
    // A page that says nothing of him, and a leaf behind its head.
    identity::DirectoryPage silent;
    silent.number = {5001};
    silent.growth.first = {head.size.value};
    silent.growth.head = head;
    account.pages.push_back(to_bytes(identity::sign_page(silent, root.authority).reveal()));
    account.first = {before};
    court.tell("bertrand", account);
    // Pages of another root's.
    const auto another =
        must(identity::Authority::found(court.town->loop().clock().wall(), court.town->random()));
    account = court.account("bertrand", standing->number);
    account.pages.push_back(to_bytes(court.page_of(another, ghost, 5002, head).reveal()));
    court.tell("bertrand", account);
    CHECK_FALSE(must(office.people.find(ghost)).has_value());
    CHECK(court.leaves("officer2") == before);
    const Texts raised = court.alarms("officer2");
    CHECK_FALSE(raised.empty());
    CHECK(std::ranges::count(raised, "directory-forked") ==
          static_cast<std::ptrdiff_t>(raised.size()));
}

TEST_CASE("attack: nobody answers a new officer's machine in another one's name, or unasked") {
    Court court;
    // Somebody has not told yet, so that the office listens.
    court.keep_away("alice");
    court.move();
    court.settle("bertrand");
    client::Core& office = *court.town->core("officer2");
    const auto standing = must(offices::newest(office.database));
    client::Core& liar = *court.town->core("bertrand");
    const client::Self& chloe = court.town->core("chloe")->self;
    const auto answer_key = identity::make_answer_key(court.town->random()).public_key();
    const auto say = [&](const std::string& to,
                         identity::OfficeNumber number,
                         BytesView certificate,
                         const crypto::SigningKey& key) {
        auto account = court.account("bertrand", number);
        const auto letters = must(
            identity::sign_account(account, certificate, key, answer_key, court.town->random()));
        return court.put(to, envelope::Word::Account, letters.front());
    };
    const auto& own = liar.self;
    CHECK(say("officer2", standing->number, chloe.certificate, own.signature_key).error().code ==
          Code::forged);
    CHECK(say("officer2", {standing->number.value - 1}, own.certificate, own.signature_key)
              .error()
              .code == Code::policy_violated);
    CHECK(say("chloe", standing->number, own.certificate, own.signature_key).error().code ==
          Code::policy_violated);
    // Signed by himself, and about another device: where Chloe is reached, she alone says.
    auto account = court.account("bertrand", standing->number);
    account.device = chloe.device;
    account.inbox = chloe.inbox;
    account.inbox_secret = Secret(32);
    account.turn = {9};
    court.tell("bertrand", account);
    const auto known = must(office.people.device(chloe.device));
    REQUIRE(known.has_value());
    CHECK(known->inbox_secret == chloe.inbox_secret);
    // Nor does he have her dropped in his place.
    account = court.account("bertrand", standing->number);
    account.device_key = client::public_id<protocol::DeviceKey>(chloe.device_key);
    court.tell("bertrand", account);
    const auto keys = must(office.database.one<std::int64_t>(
        "SELECT count(*) FROM device_keys WHERE device_key = ?1 AND inbox <> ?2",
        account.device_key,
        chloe.inbox));
    CHECK(std::get<0>(*keys) == 0);
}

TEST_CASE("attack: who holds an inbox's secrets of earlier days reads no answer to a new office") {
    Court court;
    REQUIRE(court.town->officer(officer::ReportLost{"chloe"}).done());
    court.settle("alice");
    court.settle("bertrand");
    court.town->pass(std::chrono::minutes(1));
    court.move();
    court.settle("alice");
    // The word came under a secret that Chloe's phone knew: with the relay's help it reads it.
    client::Core& office = *court.town->core("officer2");
    const auto row = must(office.database.one<Secret>("SELECT signed FROM offices"));
    const auto word = must(identity::open_office(std::get<0>(*row).reveal(), office.self.root));
    auto account = court.account("alice", word.number);
    account.inbox_secret = Secret(32);
    account.inbox_secret.expose()[0] = 77;
    const client::Self& alice = court.town->core("alice")->self;
    const auto letters = must(identity::sign_account(
        account, alice.certificate, alice.signature_key, word.answer_key, court.town->random()));
    const auto part = must(identity::open_account_part(letters.front(), alice.root));
    const auto secret = account.inbox_secret.reveal();
    CHECK(std::ranges::search(part.part.bytes, secret).empty());
    // Nor does another key than the office's open it.
    const auto opened = identity::open_account(part.part.bytes,
                                               identity::make_answer_key(court.town->random()),
                                               alice.device,
                                               alice.root,
                                               court.town->loop().clock().wall());
    REQUIRE_FALSE(opened.has_value());
    CHECK(opened.error().code == Code::forged);
}

TEST_CASE("attack: a page of a machine that has left the office is not taken") {
    Court court;
    REQUIRE(court.town->play("alice", client::Sync{0}).done());
    REQUIRE(court.town->officer(officer::ListMembers{}).done());
    // Alice hears that the office has moved, before the old machine writes once more.
    const auto root = court.authority();
    const Secret word = identity::sign_office(court.word(root.authority, 7), root.authority);
    must(court.put("alice", envelope::Word::Office, word.reveal()));
    court.settle("alice");
    REQUIRE(court.town->enrol("denise").done());
    court.town->pass(std::chrono::minutes(1));
    const auto people = [&](const std::string& home) {
        REQUIRE(court.town->play(home, client::Sync{0}).done());
        return must(court.town->core(home)->people.all()).size();
    };
    CHECK(people("bertrand") == 5);
    CHECK(people("alice") == 4);
}

TEST_CASE("attack: a predecessor who has kept the root writes no page after he left the office") {
    Court court;
    const auto kept = court.authority();
    REQUIRE(court.town->officer(officer::HandOver{"alice", path(), passphrase()}).done());
    court.town->carry("officer", "officer3", "/backup");
    REQUIRE(court.town->officer_at("officer3", officer::Restore{path(), passphrase()}, 120).done());
    for (int round = 0; round < 3; ++round) {
        for (const char* home : {"officer", "alice", "bertrand", "chloe"})
            REQUIRE(court.town->play(home, client::Sync{0}).done());
    }
    // His machine is in the new directory conversation, as all are, and its log is theirs.
    client::Core& old = *court.town->core("officer");
    const auto directory = must(old.conversations.directory());
    REQUIRE(directory.has_value());
    const auto ghost = identity::MemberId::random(court.town->random());
    identity::DirectoryPage page;
    page.members.push_back({ghost, "eve", "minister"});
    {
        auto transaction = must(old.database.begin());
        const auto before = must(client::transparency::head(transaction));
        must(client::transparency::append(transaction,
                                          identity::leaf_of_name(ghost, "eve", "minister")));
        page.growth = must(client::transparency::growth_from(transaction, {before.size.value}));
        const auto number = must(transaction.one<identity::PageNumber>("SELECT page FROM self"));
        page.number = std::get<0>(*number).next();
        page.suite = old.self.suite;
        const Secret signed_page = identity::sign_page(page, kept.authority);
        must(client::write_content(
            old, transaction, directory->log, envelope::directory_type, signed_page.reveal()));
        must(std::move(transaction).commit());
    }
    old.work.set();
    court.town->pass(std::chrono::seconds(5));
    for (const char* home : {"alice", "bertrand", "chloe"}) {
        INFO(home);
        REQUIRE(court.town->play(home, client::Sync{0}).done());
        CHECK_FALSE(must(court.town->core(home)->people.find(ghost)).has_value());
    }
}

TEST_CASE("attack: a backup whose head asks for other work than it was made with does not open") {
    Court court;
    const Bytes sealed = must(court.town->machine("officer").disk.read_bytes("/backup", 1U << 24U));
    const auto genuine = must(codec::decode<officer::SealedBackup>(sealed));
    const auto opened = [](const officer::SealedBackup& file) {
        const auto backup = officer::open_backup(codec::encode(file), passphrase());
        return backup ? std::optional<Code>() : std::optional(backup.error().code);
    };
    CHECK_FALSE(opened(genuine).has_value());
    auto changed = genuine;
    changed.passes += 1;
    CHECK(opened(changed) == Code::backup_locked);
    changed.passes = 1'000'000;
    CHECK(opened(changed) == Code::malformed);
    changed = genuine;
    changed.memory_kib = 4 * 1024 * 1024;
    CHECK(opened(changed) == Code::malformed);
    changed = genuine;
    changed.version = 2;
    CHECK(opened(changed) == Code::unsupported);
    changed = genuine;
    changed.mark[0] ^= 1U;
    CHECK(opened(changed) == Code::malformed);
    // And it tells nothing of itself: no name, no root.
    const std::string text = to_text(sealed);
    CHECK(text.find("Conseil") == std::string::npos);
    CHECK(text.find("alice") == std::string::npos);
}
