// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What a member, or who has stolen his phone, cannot learn of sections that he does not see, and
// what he cannot make others see.

#include <catch2/catch_test_macros.hpp>

#include "client/page_letters.h"
#include "envelope/inbox_letter.h"
#include "officer/pages.h"
#include "officer/register.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using town::Town;

/// Alice in the north, Chloe in the south.
struct Divided {
    Divided() {
        REQUIRE(town->enrol("alice", {"north"}).done());
        REQUIRE(town->enrol("chloe", {"south"}).done());
        REQUIRE(town->play("alice", client::Sync{0}).done());
    }

    client::Core& core(const std::string& home) { return *town->core(home); }

    [[nodiscard]] identity::Authority authority() {
        auto row = must(officer::Register(core("officer").database).authority());
        REQUIRE(row.has_value());
        return std::move(row->authority);
    }

    /// A page as the officer signs it for a device of these sections.
    identity::DirectoryPage page_for(identity::DeviceId reader,
                                     const identity::Sections& sections) {
        auto transaction = must(core("officer").database.begin());
        auto pages = must(officer::whole_directory(transaction, reader, sections));
        return std::move(pages.front());
    }

    /// A letter as anybody in the circle can write it into an inbox.
    Result<void> receive(const std::string& home, const Secret& signed_page) {
        client::Core& at = core(home);
        const auto keys = identity::inbox_keys(at.self.inbox_secret);
        protocol::Entry entry;
        entry.kind = protocol::EntryKind::Deposit;
        entry.stamp = {
            static_cast<std::uint64_t>(town->loop().clock().wall().time_since_epoch().count())};
        entry.payload = envelope::close_word(
            keys.closing_key, envelope::Word::Page, signed_page.reveal(), town->random());
        auto transaction = must(at.database.begin());
        TRY_VOID(client::take_page_letter(at, transaction, entry));
        return std::move(transaction).commit();
    }

    bool sees(const std::string& home, const std::string& name) {
        return core(home).people.resolve(name).has_value();
    }

    std::unique_ptr<Town> town = Town::in_sections(town::Roll{});
};

}  // namespace

TEST_CASE("attack: a letter that the officer wrote to one device shows nothing to another") {
    Divided circle;
    const auto authority = circle.authority();
    const auto south = circle.page_for(circle.core("chloe").self.device, {"south"});
    const auto passed_on = circle.receive("alice", identity::sign_page(south, authority));
    REQUIRE_FALSE(passed_on.has_value());
    CHECK(passed_on.error().code == Code::policy_violated);
    CHECK_FALSE(circle.sees("alice", "chloe"));
    // Nor a page that is for nobody by name.
    auto for_all = circle.page_for(circle.core("chloe").self.device, {"south"});
    for_all.reader.reset();
    CHECK(circle.receive("alice", identity::sign_page(for_all, authority)).error().code ==
          Code::policy_violated);
    // One that is for her she takes, so that it was not for another reason.
    const auto north = circle.page_for(circle.core("alice").self.device, {"north", "south"});
    REQUIRE(circle.receive("alice", identity::sign_page(north, authority)).has_value());
    CHECK(circle.sees("alice", "chloe"));
}

TEST_CASE("attack: a page by letter that the officer did not sign moves nobody") {
    Divided circle;
    auto& town = *circle.town;
    const auto another =
        must(identity::Authority::found(town.loop().clock().wall(), town.random()));
    identity::DirectoryPage page;
    page.number = {1'000};
    page.circle_name = "Conseil";
    page.reader = circle.core("alice").self.device;
    page.move = identity::Move{protocol::LogId::random(town.random()), {999}};
    CHECK_FALSE(circle.receive("alice", identity::sign_page(page, another)).has_value());
    CHECK(circle.sees("alice", "Officer"));
    REQUIRE(town.enrol("bertrand", {"north"}).done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    CHECK(circle.sees("alice", "bertrand"));
}

TEST_CASE("attack: names are not found in the transparency log by trying them") {
    Divided circle;
    auto& town = *circle.town;
    // The id of Chloe's member comes to Alice's device with the word that her phone is lost.
    REQUIRE(town.officer(officer::ReportLost{"chloe"}).done());
    REQUIRE(town.play("alice", client::Sync{0}).done());
    client::Core& alice = circle.core("alice");
    const auto row = must(alice.database.one<identity::MemberId>("SELECT member FROM revocations"));
    REQUIRE(row.has_value());
    const auto member = std::get<0>(*row);
    const auto holds = [&alice](const identity::TransparencyLeaf& leaf) {
        return must(alice.database.one<std::int64_t>(
                        "SELECT 1 FROM transparency_leaves WHERE subject = ?1 AND fact = ?2",
                        leaf.subject,
                        leaf.fact))
            .has_value();
    };
    CHECK_FALSE(holds(identity::leaf_of_name(member, "chloe", "member")));
    // Who sees her finds it.
    const auto blind = must(circle.core("officer").database.one<Bytes>(
        "SELECT blind FROM members WHERE member = ?1", member));
    CHECK(holds(identity::leaf_of_name(member, "chloe", "member", std::get<0>(*blind))));
}

TEST_CASE("attack: a stolen and opened phone of one section has no word of another") {
    Divided circle;
    const auto& chloe = circle.core("chloe").self;
    auto& vault = circle.core("alice").database;
    for (const std::string text : {"chloe", "south"}) {
        const auto found = must(vault.one<std::int64_t>(
            "SELECT 1 FROM members WHERE instr(name || role || sections, ?1)"
            " UNION SELECT 1 FROM sights WHERE instr(one || other, ?1)",
            text));
        CHECK_FALSE(found.has_value());
    }
    const auto device = must(vault.one<std::int64_t>(
        "SELECT 1 FROM devices WHERE member = ?1 OR inbox = ?2", chloe.member, chloe.inbox));
    CHECK_FALSE(device.has_value());
}
