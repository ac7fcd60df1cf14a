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

const Texts everybody{"alice", "bertrand", "chloe"};

struct Rule : Scene {
    Rule()
        : Scene(everybody) {}

    /// Everybody is off until then, and comes to the relay without a person.
    void next_day() {
        for (const std::string& home : everybody)
            town->close(home);
        town->close("officer");
        town->pass(24h);
        for (const std::string& home : everybody)
            REQUIRE(town->play(home, client::Sync{0}).done());
        REQUIRE(town->play("officer", client::Sync{0}).done());
    }

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

    /// How far a home has read the directory's conversation.
    struct Place {
        protocol::LogId log;
        protocol::Seq seq;
        protocol::ChainHash chain;
    };

    Place directory(const std::string& home) {
        REQUIRE(town->play(home, client::Sync{0}).done());
        const auto row = must(core(home).conversations.directory());
        const auto* conversation = must(core(home).conversations.load(row->log));
        return {row->log, conversation->seq, conversation->chain};
    }

    std::vector<protocol::Entry> entries_behind(const Place& place) {
        auto entries = FakeLog(*town, place.log).entries;
        std::erase_if(entries, [&place](const auto& one) { return one.seq <= place.seq; });
        return entries;
    }

    /// From there on this home is shown these entries, and no others.
    void show_directory(const std::string& home,
                        std::vector<protocol::Entry> entries,
                        const Place& place) {
        protocol::Seq seq = place.seq;
        protocol::ChainHash chain = place.chain;
        for (protocol::Entry& entry : entries) {
            entry.seq = seq = seq.next();
            entry.chain = chain = relay::chain_after(chain, place.log, entry);
        }
        town->its_operator().on_request(
            [this, entries, log = place.log, victim = town->device_key(home)](
                town::Session session,
                const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
                const auto* read = std::get_if<protocol::Read>(&request);
                if (read == nullptr || read->log != log) return std::nullopt;
                if (town->its_operator().device(session) != victim) return std::nullopt;
                protocol::Entries shown{{}, read->after};
                for (const protocol::Entry& entry : entries) {
                    if (entry.seq <= read->after) continue;
                    shown.entries.push_back(entry);
                    shown.head = entry.seq;
                }
                return shown;
            });
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
    const auto base = rule.directory("chloe");
    rule.keep_away("chloe");
    rule.set({"cards=everybody"});
    rule.show_directory("chloe", {}, base);
    rule.say("alice", "bonjour");
    CHECK(rule.read("chloe") == Texts{"bonjour"});
    CHECK(rule.number("chloe") == 1);
    // What others write says that the circle's log has grown.
    CHECK(must(client::transparency::behind_since(rule.core("chloe").database)).has_value());
}

TEST_CASE("attack: a relay that leaves out the page of a policy keeps the next from nobody") {
    Rule rule;
    rule.set({"cards=nobody"});
    const auto base = rule.directory("chloe");
    rule.keep_away("chloe");
    rule.set({"groups=nobody"});
    rule.set({"guests=no"});
    auto entries = rule.entries_behind(base);
    REQUIRE(entries.size() == 2);
    entries.erase(entries.begin());
    rule.show_directory("chloe", entries, base);
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
    const auto hall = must(officer::halls::all(transaction)).front();
    auto pages = must(officer::revocations_alone(transaction, hall));
    auto& page = pages.front();
    page.policy = identity::sign_policy({1, {2}, {1}, {}}, authority.authority);
    must(client::write_content(office,
                               transaction,
                               hall.log,
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
    for (const std::string& home : everybody)
        REQUIRE(rule.town->play(home, client::ListContacts{}).done());
    rule.next_day();
    auto reports = rule.reports();
    REQUIRE(reports.size() == 6);
    for (const client::DrawerReport& report : reports) {
        CHECK(std::ranges::count(reports, report.id, &client::DrawerReport::id) == 1);
        for (const std::string& home : everybody) {
            CHECK(report.id.bytes != rule.core(home).self.device.bytes);
            CHECK(report.id.bytes != rule.core(home).self.member.bytes);
        }
    }
    // The same for all three, each day, but what was drawn for each report alone.
    for (client::DrawerReport& report : reports)
        report.id = {};
    for (const client::DrawerReport& one : reports)
        CHECK(std::ranges::count(reports, one) == 3);
    // And of those that were not openings the officer's machine keeps nothing.
    CHECK(rule.openings() == 3);
}

TEST_CASE("attack: a drawer report that a relay repeats or makes counts for nothing") {
    Rule rule;
    rule.set({"report=on"});
    for (const std::string& home : everybody)
        REQUIRE(rule.town->play(home, client::ListContacts{}).done());
    rule.next_day();
    REQUIRE(rule.openings() == 3);
    const auto& self = rule.core("officer").self;
    const auto keys = identity::inbox_keys(self.inbox_secret);
    const auto letters = FakeLog(*rule.town, self.inbox).entries;
    for (const protocol::Entry& entry : letters) {
        if (envelope::open_word(keys.closing_key, envelope::Word::Drawer, entry.payload))
            rule.put_report(entry.payload);
    }
    CHECK(rule.openings() == 3);
    const auto made = [&rule](const Secret& key) {
        const client::DrawerReport own{1,
                                       client::DrawerReportId::random(rule.town->random()),
                                       client::day_of(rule.town->loop().clock().wall()),
                                       14};
        return envelope::close_word(
            key, envelope::Word::Drawer, codec::encode(own), rule.town->random());
    };
    // Without the key that members have.
    rule.put_report(made(Secret(32)));
    CHECK(rule.openings() == 3);
    // What a member can do, and is not claimed otherwise.
    rule.put_report(made(keys.closing_key));
    CHECK(rule.openings() == 4);
}
