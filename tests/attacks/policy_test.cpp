// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What nobody can do about the circle's policy, and what nobody can learn from drawer reports.

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "client/circle_policy.h"
#include "client/compose.h"
#include "client/drawer.h"
#include "client/transparency.h"
#include "codec/tls.h"
#include "envelope/inbox_letter.h"
#include "identity/circle_policy.h"
#include "officer/pages.h"
#include "officer/register.h"
#include "relay/chain.h"
#include "tests/attacks/scene.h"
#include "tests/must.h"

namespace {

using namespace cercle;
using attacks::FakeLog;
using attacks::Scene;
using attacks::Texts;
using namespace std::chrono_literals;

struct Rule : Scene {
    Rule()
        : Scene({"alice", "bertrand", "chloe"}) {}

    void set(const Texts& changes) {
        REQUIRE(town->officer(officer::SetPolicy{changes}).done());
        town->pass(5s);
    }

    [[nodiscard]] client::Core& core(const std::string& home) { return *town->core(home); }

    [[nodiscard]] std::uint64_t number(const std::string& home) {
        return must(client::circle_policy::held(core(home).database)).policy.number.value;
    }

    [[nodiscard]] identity::SignedPolicy signed_policy(const std::string& home) {
        auto transaction = must(core(home).database.begin());
        return must(client::circle_policy::newest(transaction)).value();
    }

    /// As a page would bring it.
    Result<void> bring(const std::string& home, const identity::SignedPolicy& policy) {
        auto transaction = must(core(home).database.begin());
        TRY_VOID(client::circle_policy::take(
            transaction, policy, core(home).self.root, core(home).world.clock.wall()));
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

    officer::AuthorityRow authority() {
        auto row = must(officer::Register(core("officer").database).authority());
        REQUIRE(row.has_value());
        return *std::move(row);
    }

    /// A page of the directory, written by a member as if he were its officer.
    void write_page(const std::string& home, const identity::SignedPolicy& policy) {
        identity::DirectoryPage page;
        page.number = {1'000'000};
        page.circle_name = "Conseil";
        page.policy = policy;
        const auto directory = must(core(home).conversations.directory());
        const auto thief =
            must(identity::Authority::found(town->loop().clock().wall(), town->random()));
        must(client::write_content(core(home),
                                   directory->log,
                                   envelope::directory_type,
                                   identity::sign_page(page, thief).reveal()));
        town->pass(5s);
    }

    /// What lies in the officer's inbox, opened by whoever has its key: all members do.
    std::vector<client::DrawerReport> reports() {
        const auto& self = core("officer").self;
        const auto keys = identity::inbox_keys(self.inbox_secret);
        std::vector<client::DrawerReport> found;
        const FakeLog inbox(*town, self.inbox);
        for (const protocol::Entry& entry : inbox.entries) {
            const auto says =
                envelope::open_word(keys.closing_key, envelope::Word::Drawer, entry.payload);
            if (says) found.push_back(must(client::read_drawer_report(*says)));
        }
        return found;
    }

    void put_report(const Bytes& payload) {
        const protocol::LogId inbox = core("officer").self.inbox;
        const auto put = town->store().transact([&](relay::LogTables& tables) -> Result<void> {
            TRY(const auto there, tables.find_log(inbox));
            protocol::Entry entry{there->head.next(),
                                  protocol::EntryKind::Deposit,
                                  {},
                                  {1'800'000'000'000},
                                  payload,
                                  {}};
            entry.chain = relay::chain_after(there->chain, inbox, entry);
            return tables.append(inbox,
                                 entry,
                                 protocol::EntryId::random(town->random()),
                                 relay::content_hash(entry));
        });
        REQUIRE(put.has_value());
        town->close("officer");
        REQUIRE(town->play("officer", client::Sync{0}).done());
    }

    [[nodiscard]] std::int64_t openings() {
        const auto row =
            core("officer").database.one<std::int64_t>("SELECT count(*) FROM drawer_openings");
        return std::get<0>(*must(row));
    }
};

}  // namespace

TEST_CASE("attack: an older policy, brought again, never takes the place of a newer one") {
    Rule rule;
    rule.set({"cards=nobody"});
    const auto first = rule.signed_policy("alice");
    rule.set({"cards=everybody", "guests=no"});
    REQUIRE(rule.number("alice") == 2);
    const auto second = rule.signed_policy("alice");
    REQUIRE(rule.bring("alice", first).has_value());
    CHECK(rule.number("alice") == 2);
    CHECK(rule.signed_policy("alice") == second);
    // Nor after its machine has begun anew.
    rule.town->crash("alice");
    rule.town->tidy();
    CHECK(rule.town->play("alice", client::ShowPolicy{}).first<client::PolicyShown>().number == 2);
    CHECK(rule.alarms("alice").empty());
}

TEST_CASE("attack: a relay that withholds a policy is found out by what others write") {
    Rule rule;
    rule.set({"cards=nobody"});
    rule.keep_away("chloe");
    rule.set({"cards=everybody"});
    const auto directory = must(rule.core("alice").conversations.directory());
    // Chloe is shown the directory's conversation without its newest entry.
    FakeLog cut(*rule.town, directory->log);
    cut.entries.pop_back();
    cut.show_to({"chloe"});
    rule.say("alice", "bonjour");
    CHECK(rule.read("chloe") == Texts{"bonjour"});
    CHECK(rule.number("chloe") == 1);
    // What others write says that the circle's log has grown.
    CHECK(must(client::transparency::behind_since(rule.core("chloe").database)).has_value());
}

TEST_CASE("attack: a relay that leaves out the page of a policy keeps the next from nobody") {
    Rule rule;
    rule.set({"cards=nobody"});
    rule.keep_away("chloe");
    rule.set({"groups=nobody"});
    rule.set({"guests=no"});
    const auto directory = must(rule.core("alice").conversations.directory());
    FakeLog without(*rule.town, directory->log);
    without.entries.erase(without.entries.end() - 2);
    without.show_to({"chloe"});
    REQUIRE(rule.town->play("chloe", client::ListContacts{}).done());
    CHECK(rule.number("chloe") == 3);
    CHECK(rule.town->play("chloe", client::CreateGroup{"autre", {"alice"}}).outcome.rule ==
          "policy-groups");
    // That something was kept from her, she is told.
    CHECK(rule.alarms("chloe") == Texts{"directory-withheld"});
}

TEST_CASE("attack: a policy that a member or the relay has made is nobody's") {
    Rule rule;
    rule.set({"cards=nobody"});
    auto& random = rule.town->random();
    const auto thief = must(identity::Authority::found(rule.town->loop().clock().wall(), random));
    const auto forged = identity::sign_policy({1, {9}, {1}, {}}, thief);
    CHECK(rule.bring("alice", forged).error().code == Code::forged);
    auto bent = rule.signed_policy("alice");
    bent.policy.back() ^= 1U;
    CHECK(rule.bring("alice", bent).error().code == Code::forged);
    // Nor does the genuine one's signature carry another.
    auto other = identity::sign_policy({1, {9}, {1}, {}}, thief);
    other.signature = rule.signed_policy("alice").signature;
    CHECK(rule.bring("alice", other).error().code == Code::forged);
    rule.write_page("bertrand", forged);
    for (const std::string home : {"alice", "chloe"}) {
        REQUIRE(rule.town->play(home, client::Sync{0}).done());
        CHECK(rule.number(home) == 1);
        CHECK(rule.town->play(home, client::CreateCard{"Zoé"}).outcome.rule == "policy-cards");
    }
}

TEST_CASE("attack: two policies under one number raise an alarm, and the first one stays") {
    Rule rule;
    rule.set({"cards=nobody"});
    const auto office = rule.authority();
    const auto other = identity::sign_policy({1, {1}, {1}, {}}, office.authority);
    REQUIRE(rule.bring("alice", other).has_value());
    CHECK(rule.alarms("alice") == Texts{"policy-forked"});
    CHECK(rule.town->play("alice", client::CreateCard{"Zoé"}).outcome.rule == "policy-cards");
}

TEST_CASE("attack: a policy that is in no log, shown to some, is not believed with its page") {
    Rule rule;
    rule.set({"cards=nobody"});
    client::Core& office = rule.core("officer");
    const auto authority = rule.authority();
    auto transaction = must(office.database.begin());
    auto page = must(officer::page_of_nobody(transaction));
    page.policy = identity::sign_policy({1, {2}, {1}, {}}, authority.authority);
    const auto directory = must(office.conversations.directory());
    must(client::write_content(office,
                               transaction,
                               directory->log,
                               envelope::directory_type,
                               identity::sign_page(page, authority.authority).reveal()));
    must(std::move(transaction).commit());
    office.work.set();
    rule.town->pass(5s);
    CHECK(rule.alarms("alice") == Texts{"directory-forked"});
    CHECK(rule.number("alice") == 1);
}

TEST_CASE("a policy of a later version, or with rules of one, breaks no device") {
    Rule rule;
    rule.set({"cards=nobody"});
    const auto office = rule.authority();
    REQUIRE(rule.bring("alice", identity::sign_policy({2, {7}, {1}, {}}, office.authority))
                .has_value());
    CHECK(rule.number("alice") == 1);
    REQUIRE(rule.bring("alice",
                       identity::sign_policy(
                           {1, {8}, {1}, {{"guests", "no"}, {"some.later.rule", "strict"}}},
                           office.authority))
                .has_value());
    CHECK(rule.number("alice") == 8);
    const auto shown = rule.town->play("alice", client::ShowPolicy{}).first<client::PolicyShown>();
    CHECK(shown.rules.back().name == "some.later.rule");
    CHECK(shown.rules.back().standing == "unknown");
    CHECK(rule.town->play("alice", client::CreateCard{"Zoé"}).outcome.rule == "policy-guests");
}

TEST_CASE("attack: whoever opens all drawer reports cannot tell whose they are") {
    Rule rule;
    rule.set({"report=on"});
    for (const std::string home : {"alice", "bertrand", "chloe"})
        REQUIRE(rule.town->play(home, client::ListContacts{}).done());
    // The same for all three but what was drawn for each report alone.
    auto reports = rule.reports();
    REQUIRE(reports.size() == 3);
    for (client::DrawerReport& report : reports) {
        CHECK(std::ranges::count(reports, report.id, &client::DrawerReport::id) == 1);
        for (const std::string home : {"alice", "bertrand", "chloe"}) {
            const auto& self = rule.core(home).self;
            CHECK(report.id.bytes != self.device.bytes);
            CHECK(report.id.bytes != self.member.bytes);
        }
    }
    for (client::DrawerReport& report : reports)
        report.id = {};
    CHECK(reports[0].day == reports[1].day);
    CHECK(reports[1].day == reports[2].day);
    // And of what was not an opening the officer's machine keeps nothing.
    const auto opened = std::ranges::count_if(
        reports, [](const client::DrawerReport& one) { return one.opened != 0; });
    REQUIRE(rule.town->play("officer", client::Sync{0}).done());
    CHECK(rule.openings() == opened);
}

TEST_CASE("attack: a drawer report that a relay repeats or makes counts for nothing") {
    Rule rule;
    rule.set({"report=on"});
    REQUIRE(rule.town->play("alice", client::ListContacts{}).done());
    rule.town->close("alice");
    rule.town->pass(24h);
    REQUIRE(rule.town->play("alice", client::Sync{0}).done());
    REQUIRE(rule.town->play("officer", client::Sync{0}).done());
    const std::int64_t before = rule.openings();
    REQUIRE(before > 0);
    const auto& self = rule.core("officer").self;
    const auto keys = identity::inbox_keys(self.inbox_secret);
    FakeLog inbox(*rule.town, self.inbox);
    const auto letters = std::vector<protocol::Entry>(inbox.entries);
    for (const protocol::Entry& entry : letters) {
        if (envelope::open_word(keys.closing_key, envelope::Word::Drawer, entry.payload))
            rule.put_report(entry.payload);
    }
    CHECK(rule.openings() == before);
    const client::DrawerReport own{1,
                                   client::DrawerReportId::random(rule.town->random()),
                                   client::day_of(rule.town->loop().clock().wall()),
                                   14};
    // Without the key that members have.
    rule.put_report(envelope::close_word(
        Secret(32), envelope::Word::Drawer, codec::encode(own), rule.town->random()));
    CHECK(rule.openings() == before);
}
