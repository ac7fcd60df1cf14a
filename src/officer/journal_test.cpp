// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/journal.h"

#include <algorithm>
#include <functional>

#include <catch2/catch_test_macros.hpp>

#include "codec/tls.h"
#include "store/simulated_disk.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::officer;
using namespace std::chrono_literals;

constexpr WallTime noon{1'800'000'000'000ms};

/// A journal of a few acts, an hour apart, and who has the vault open.
struct Desk {
    Desk() {
        auto transaction = database.begin().value();
        REQUIRE(prepare_journal(transaction).has_value());
        REQUIRE(std::move(transaction).commit().has_value());
        for (int hour = 0; hour < 5; ++hour)
            enter(noon + std::chrono::hours(hour), "Zoé " + std::to_string(hour));
    }

    void enter(WallTime at, const std::string& name) {
        auto transaction = database.begin().value();
        REQUIRE(
            enter_in_journal(
                transaction, authority, at, {.act = Act::Invite, .invitation = {}, .name = name})
                .has_value());
        REQUIRE(std::move(transaction).commit().has_value());
    }

    [[nodiscard]] std::vector<SignedEntry> journal() { return read_journal(database).value(); }

    [[nodiscard]] std::optional<JournalFault> fault(
        const std::vector<SignedEntry>& journal,
        const std::optional<JournalHead>& noted = std::nullopt) const {
        return verify_journal(authority.root(), journal, noted);
    }

    /// Signed anew by the root's key, as only who has the passphrase can.
    [[nodiscard]] SignedEntry resigned(const SignedEntry& one,
                                       const std::function<void(JournalEntry&)>& change) const {
        auto entry = codec::decode<JournalEntry>(one.entry).value();
        change(entry);
        SignedEntry changed;
        changed.entry = codec::encode(entry);
        changed.signature = authority.sign("Cercle 1 journal", changed.entry);
        return changed;
    }

    [[nodiscard]] static JournalHead head(const std::vector<SignedEntry>& journal) {
        return {{journal.size()}, journal.back().hash()};
    }

    vectors::SeededRandom random{1};
    identity::Authority authority = identity::Authority::found(noon, random).value();
    store::SimulatedDisk disk{random};
    store::Database database = store::Database::open(disk.place("/vault.db")).value();
};

}  // namespace

TEST_CASE("a journal holds, and leads through every head it ever had") {
    Desk desk;
    const auto early = Desk::head(desk.journal());
    desk.enter(noon + 6h, "Alice");
    const auto journal = desk.journal();
    CHECK(journal.size() == 6);
    CHECK_FALSE(desk.fault(journal));
    CHECK_FALSE(desk.fault(journal, early));
    CHECK_FALSE(desk.fault(journal, Desk::head(journal)));
    CHECK(JournalHead::parse(early.text()).value() == early);
}

TEST_CASE("a clock that was set back does not take the journal back") {
    Desk desk;
    desk.enter(noon - 24h, "Alice");
    const auto journal = desk.journal();
    CHECK_FALSE(desk.fault(journal));
    const auto last = codec::decode<JournalEntry>(journal.back().entry).value();
    CHECK(last.at ==
          protocol::Stamp{static_cast<std::uint64_t>((noon + 4h).time_since_epoch().count())});
}

TEST_CASE("attack: an entry of the journal that was edited is found, wherever it stands") {
    Desk desk;
    const auto genuine = desk.journal();
    for (std::size_t at = 0; at < genuine.size(); ++at) {
        auto journal = genuine;
        auto entry = codec::decode<JournalEntry>(journal[at].entry).value();
        entry.name = "nobody";
        journal[at].entry = codec::encode(entry);
        const auto fault = desk.fault(journal);
        REQUIRE(fault);
        CHECK(fault->place == at + 1);
        CHECK(fault->error.code == Code::forged);
    }
}

TEST_CASE("attack: entries of the journal that were cut out, doubled or exchanged are found") {
    Desk desk;
    const auto genuine = desk.journal();
    for (std::size_t at = 0; at + 1 < genuine.size(); ++at) {
        auto journal = genuine;
        journal.erase(journal.begin() + static_cast<std::ptrdiff_t>(at));
        CHECK(desk.fault(journal)->error.code == Code::journal_cut);
        journal = genuine;
        std::swap(journal[at], journal[at + 1]);
        CHECK(desk.fault(journal)->error.code == Code::journal_cut);
        journal = genuine;
        journal.insert(journal.begin() + static_cast<std::ptrdiff_t>(at), genuine[at]);
        CHECK(desk.fault(journal)->error.code == Code::journal_cut);
    }
}

TEST_CASE("attack: the end of a journal that was cut off is found by a head that was noted") {
    Desk desk;
    const auto genuine = desk.journal();
    const auto noted = Desk::head(genuine);
    for (std::size_t left = 0; left < genuine.size(); ++left) {
        auto journal = genuine;
        journal.resize(left);
        // Nothing in what is left tells of what is not: this is what heads are noted for.
        CHECK_FALSE(desk.fault(journal));
        const auto fault = desk.fault(journal, noted);
        REQUIRE(fault);
        CHECK(fault->error.code == Code::journal_cut);
        CHECK(fault->place == left + 1);
    }
}

TEST_CASE(
    "attack: an entry dated before the one before it is found, though the root's key signed it") {
    Desk desk;
    auto journal = desk.journal();
    journal.back() = desk.resigned(journal.back(), [](JournalEntry& entry) {
        entry.at = {static_cast<std::uint64_t>((noon + 2h).time_since_epoch().count())};
    });
    const auto fault = desk.fault(journal);
    REQUIRE(fault);
    CHECK(fault->place == journal.size());
    CHECK(fault->error.code == Code::journal_backdated);
}

TEST_CASE(
    "attack: an entry that the root's key signed anew is found by the next one and by a noted "
    "head") {
    Desk desk;
    const auto genuine = desk.journal();
    const auto noted = Desk::head(genuine);
    const auto other = [](JournalEntry& entry) { entry.name = "nobody"; };
    for (std::size_t at = 0; at < genuine.size(); ++at) {
        auto journal = genuine;
        journal[at] = desk.resigned(journal[at], other);
        const bool last = at + 1 == genuine.size();
        const auto fault = desk.fault(journal, noted);
        REQUIRE(fault);
        CHECK(fault->error.code == Code::journal_changed);
        CHECK(fault->place == (last ? at + 1 : at + 2));
        // And the whole rest anew, as who has the passphrase can: the noted head alone finds it.
        for (std::size_t next = at + 1; next < journal.size(); ++next) {
            journal[next] = desk.resigned(journal[next], [&](JournalEntry& entry) {
                entry.before = journal[next - 1].hash();
            });
        }
        CHECK_FALSE(desk.fault(journal));
        CHECK(desk.fault(journal, noted)->error.code == Code::journal_changed);
    }
}

TEST_CASE("an entry under another circle's key is none of this journal") {
    Desk desk;
    Desk other;
    vectors::SeededRandom random{2};
    const auto stranger = identity::Authority::found(noon, random).value();
    const auto fault = verify_journal(stranger.root(), desk.journal(), std::nullopt);
    REQUIRE(fault);
    CHECK(fault->place == 1);
    CHECK(fault->error.code == Code::forged);
}

TEST_CASE("what is no head is refused") {
    for (const std::string_view text : {"",
                                        "1",
                                        ":",
                                        "1:",
                                        "0:00",
                                        "x:00",
                                        "1:zz",
                                        "-1:00",
                                        "1 :00",
                                        "99999999999999999999999:00"}) {
        CHECK(JournalHead::parse(text).error().code == Code::invalid_argument);
    }
    CHECK(JournalHead::parse("0:" + std::string(64, 'a')).error().code == Code::invalid_argument);
    CHECK(JournalHead::parse("7:" + std::string(64, 'a')).has_value());
}
