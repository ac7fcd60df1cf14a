// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Who cannot come in by an invitation that he has seen, guessed at, or carries.

#include "identity/enrolment.h"

#include <algorithm>
#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "client/self.h"
#include "identity/invitation.h"
#include "identity/six_words.h"
#include "tests/must.h"
#include "tests/town/town.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
using town::Errand;
using town::Town;

struct Door {
    explicit Door(const std::vector<std::string>& names = {"alice"})
        : town(Town::with(names)),
          serving(town->begin_officer(officer::Serve{})) {}

    /// What the officer was told.
    [[nodiscard]] bool alarmed(std::string_view part) const {
        const auto notices = serving->played.of_officer<client::Notice>();
        return std::ranges::any_of(notices, [part](const client::Notice& notice) {
            return notice.sentence.find(part) != std::string::npos;
        });
    }

    [[nodiscard]] std::size_t count(std::string_view act) {
        std::size_t found = 0;
        for (const auto& one :
             town->officer(officer::ShowJournal{}).of_officer<officer::JournalShown>())
            found += one.act == act ? 1 : 0;
        return found;
    }

    [[nodiscard]] std::size_t members() {
        return town->officer(officer::ListMembers{}).of_officer<officer::MemberShown>().size();
    }

    [[nodiscard]] std::size_t waiting() {
        return town->officer(officer::ListRequests{}).of_officer<officer::RequestWaiting>().size();
    }

    /// Begins to join, as far as the words.
    std::shared_ptr<Errand> knock(const std::string& home, const client::Join& join) {
        auto joining = town->begin(home, join, 1200);
        town->pass(5s);
        return joining;
    }

    [[nodiscard]] static client::RequestShown screen(const Errand& joining) {
        return joining.played.first<client::RequestShown>();
    }

    /// An errand under way has no outcome yet.
    [[nodiscard]] static bool joined(const Errand& joining) {
        return joining.end == Errand::End::Ended && joining.played.done();
    }

    /// What an invitation's text alone gives, without its second code.
    [[nodiscard]] identity::EnrolmentKeys keys_of(const client::Join& join,
                                                  std::string_view code = {}) const {
        const auto invitation =
            must(identity::Invitation::parse(join.invitation, town->loop().clock().wall()));
        return identity::EnrolmentKeys::derive(invitation.secret, code);
    }

    /// Whoever holds an invitation may write any step that nobody has written.
    void write_step(const identity::EnrolmentKeys& keys, std::uint8_t step, const Bytes& payload) {
        must(town->store().transact([&](relay::LogTables& tables) -> Result<void> {
            return tables.insert_step(keys.exchange, step, payload);
        }));
    }

    [[nodiscard]] Bytes read_step(const identity::EnrolmentKeys& keys, std::uint8_t step) {
        std::optional<Bytes> found;
        must(town->store().look([&](relay::LogTables& tables) -> Result<void> {
            TRY(found, tables.find_step(keys.exchange, step));
            return {};
        }));
        REQUIRE(found.has_value());
        return *found;
    }

    std::unique_ptr<Town> town;
    std::shared_ptr<Errand> serving;
};

}  // namespace

TEST_CASE("wrong words: admit nobody, and the third time burn the invitation") {
    Door door;
    const auto joining = door.knock("bertrand", door.town->invite_attended("bertrand"));
    const std::string right = Door::screen(*joining).words;
    const std::string wrong = "acorn acorn acorn acorn acorn acorn";
    REQUIRE(identity::plain_words(wrong) != right);
    const auto members = door.members();
    for (int tries = 0; tries < 3; ++tries) {
        // Neither the order of a day nor a restart brings back what was tried.
        door.town->crash("officer");
        const auto played = door.town->officer(officer::Approve{"bertrand", wrong});
        CHECK(played.outcome.rule == "words-wrong");
    }
    CHECK(door.town->officer(officer::Approve{"bertrand", right}).outcome.rule == "unknown");
    door.town->pass(30s);
    CHECK(joining->played.outcome.rule == "invitation-spent");
    CHECK(door.members() == members);
    CHECK(door.count("burn") == 1);
    CHECK(door.count("certify") == 1);
}

TEST_CASE("swapped words: the right six in another order are wrong ones") {
    Door door;
    const auto joining = door.knock("bertrand", door.town->invite_attended("bertrand"));
    const std::string right = Door::screen(*joining).words;
    const auto first = right.find(' ');
    const std::string swapped = right.substr(first + 1) + " " + right.substr(0, first);
    REQUIRE(swapped != right);
    CHECK(door.town->officer(officer::Approve{"bertrand", swapped}).outcome.rule == "words-wrong");
    CHECK(door.town->officer(officer::Approve{"bertrand", right}).done());
}

TEST_CASE("photographed before use: who comes first with it waits for words nobody reads out") {
    Door door;
    const client::Join join = door.town->invite_attended("bertrand");
    const auto thief = door.knock("mallory", join);
    REQUIRE(door.waiting() == 1);
    // Then the one comes for whom it was meant.
    const auto bertrand = door.knock("bertrand", join);
    door.town->pass(1min);
    CHECK(Door::screen(*bertrand).words.empty());
    CHECK(bertrand->played.outcome.rule == "invitation-spent");
    CHECK(thief->played.outcome.rule == "invitation-spent");
    CHECK(door.alarmed("two devices came"));
    CHECK(door.waiting() == 0);
    CHECK(door.count("burn") == 1);
    CHECK(door.members() == 2);
}

TEST_CASE("photographed, and the thief second: he is not let in, and the officer hears of it") {
    Door door;
    const client::Join join = door.town->invite_attended("bertrand");
    const auto bertrand = door.knock("bertrand", join);
    const auto shown = Door::screen(*bertrand);
    const auto thief = door.knock("mallory", join);
    CHECK(Door::screen(*thief).words.empty());
    door.town->pass(1min);
    CHECK(door.alarmed("two devices came"));
    // The words that were right are so no more: a new invitation is made.
    CHECK(door.town->officer(officer::Approve{shown.request, shown.words}).outcome.rule ==
          "unknown");
    CHECK(door.members() == 2);
    const auto again = door.knock("bertrand2", door.town->invite_attended("bertrand"));
    CHECK(door.town->officer(officer::Approve{"bertrand", Door::screen(*again).words}).done());
}

TEST_CASE("raced: who comes while the officer approves is found before anybody is admitted") {
    Door door;
    const client::Join join = door.town->invite_attended("bertrand");
    const auto bertrand = door.knock("bertrand", join);
    const auto shown = Door::screen(*bertrand);
    // The officer's machine hears nothing of the relay while the thief comes, and approves.
    door.town->machine("officer").seat->crash(net::Parting::Told);
    const auto thief = door.knock("mallory", join);
    const auto approved = door.town->officer(officer::Approve{shown.request, shown.words});
    CHECK(approved.outcome.exit == client::Exit::Queued);
    door.town->machine("officer").seat->revive();
    door.town->pass(2min);
    CHECK(door.members() == 2);
    CHECK(door.count("certify") == 1);
    CHECK(door.alarmed("two devices came"));
}

TEST_CASE("photographed after use: nobody comes in by an invitation that was used") {
    Door door;
    const client::Join join = door.town->invite_attended("bertrand");
    const auto bertrand = door.knock("bertrand", join);
    REQUIRE(door.town->officer(officer::Approve{"bertrand", Door::screen(*bertrand).words}).done());
    door.town->pass(30s);
    REQUIRE(Door::joined(*bertrand));
    const auto thief = door.knock("mallory", join);
    CHECK(thief->played.outcome.rule == "invitation-spent");
    CHECK(door.waiting() == 0);
    CHECK(door.members() == 3);
}

TEST_CASE("expired: neither an invitation nor a request outlives its time") {
    Door door;
    const client::Join unused = door.town->invite_attended("chloe");
    const auto joining = door.knock("bertrand", door.town->invite_attended("bertrand"));
    const auto shown = Door::screen(*joining);
    door.town->pass(2h);
    CHECK(door.town->play("chloe", unused).outcome.rule == "invitation-expired");
    CHECK(door.town->officer(officer::Approve{shown.request, shown.words}).outcome.rule ==
          "invitation-expired");
    CHECK(door.waiting() == 0);
    CHECK(door.members() == 2);
}

TEST_CASE("a code in place of words: it lets nobody in by an attended invitation") {
    Door door;
    client::Join join = door.town->invite_attended("bertrand");
    join.code = "AAAA-BBBB-CCCC-DDDD";
    const auto joining = door.knock("bertrand", join);
    CHECK(joining->end == Errand::End::None);
    CHECK(door.waiting() == 1);
    CHECK(door.members() == 2);
    REQUIRE(door.town->officer(officer::Approve{"bertrand", Door::screen(*joining).words}).done());
    door.town->pass(30s);
    CHECK(Door::joined(*joining));
}

TEST_CASE("words in place of a code: who guesses at a second code is shown none, and is out") {
    Door door;
    client::Join guessed = door.town->invite("chloe");
    guessed.code = "AAAA-BBBB-CCCC-DDDD";
    const auto joining = door.knock("chloe", guessed);
    CHECK(Door::screen(*joining).words.empty());
    CHECK(door.waiting() == 0);
    CHECK(door.alarmed("without the right code"));
    door.town->pass(1min);
    CHECK(joining->played.outcome.rule == "invitation-spent");
    CHECK(door.members() == 2);
    CHECK(door.count("burn") == 1);
}

TEST_CASE("written beforehand: who writes what is to come after admission is found before it") {
    for (const std::uint8_t step : {std::uint8_t{3}, std::uint8_t{4}}) {
        INFO(int{step});
        Door door;
        const client::Join join = door.town->invite_attended("bertrand");
        const auto bertrand = door.knock("bertrand", join);
        const auto shown = Door::screen(*bertrand);
        door.town->machine("officer").seat->crash(net::Parting::Told);
        door.write_step(door.keys_of(join), step, to_bytes("garbage"));
        static_cast<void>(door.town->officer(officer::Approve{shown.request, shown.words}));
        door.town->machine("officer").seat->revive();
        door.town->pass(2min);
        CHECK(door.alarmed("wrote in the officer's place"));
        // The garbage itself, if it is what he waits for.
        CHECK(bertrand->played.outcome.rule == (step == 3 ? "forged" : "invitation-spent"));
        CHECK(door.members() == 2);
        CHECK(door.count("certify") == 1);
    }
}

TEST_CASE("written beforehand, and nobody has to approve: it is found all the same") {
    Door door;
    const client::Join join = door.town->invite("chloe");
    door.write_step(door.keys_of(join), 3, to_bytes("garbage"));
    const auto chloe = door.knock("chloe", join);
    door.town->pass(2min);
    CHECK(door.alarmed("wrote in the officer's place"));
    CHECK(chloe->played.outcome.rule == "forged");
    CHECK(door.members() == 2);
}

TEST_CASE("a newcomer who never comes keeps nobody else out of the directory, nor news from it") {
    Door door({"alice", "bertrand"});
    const auto gone = door.knock("gone", door.town->invite_attended("gone"));
    const auto shown = Door::screen(*gone);
    door.town->crash("gone");
    REQUIRE(door.town->officer(officer::Approve{shown.request, shown.words}).done());
    door.town->pass(2h);
    CHECK(door.members() == 4);
    CHECK(door.alarmed("gone was admitted and has not come yet"));
    CHECK_FALSE(door.alarmed("gone has joined"));

    REQUIRE(door.town->enrol("denise").done());
    REQUIRE(door.town->send("denise", "alice", "here I am").done());
    CHECK(door.town->read("alice", "denise") == std::vector<std::string>{"here I am"});
    using Act = officer::ReportLost::Act;
    // Not all have been online since: who never came, for one.
    CHECK(door.town->officer(officer::ReportLost{"bertrand", Act::Do}).outcome.exit ==
          client::Exit::Timeout);
    REQUIRE(door.town->play("alice", client::Sync{0}).done());
    client::Core& alice = *door.town->core("alice");
    const auto directory = must(alice.conversations.directory());
    // The officer, herself and Denise.
    CHECK(must(alice.conversations.load(directory->log))->group.roster().size() == 3);
}

TEST_CASE("a newcomer who names another's inbox or keys as his own is not admitted") {
    Door door;
    REQUIRE(door.town->play("alice", client::Sync{0}).done());
    const client::Self& alice = door.town->core("alice")->self;
    auto& random = door.town->random();
    for (const char* what : {"inbox", "device key", "reader"}) {
        INFO(what);
        const client::Join join = door.town->invite("mallory");
        const client::Keys own = client::Keys::generate(random);
        identity::EnrolmentRequest request{own.signature_key.public_key(),
                                           client::public_id<protocol::DeviceKey>(own.device_key),
                                           own.inbox,
                                           client::public_id<protocol::ReaderKey>(own.inbox_reader),
                                           own.inbox_secret.copy()};
        if (what == std::string_view("inbox")) request.inbox = alice.inbox;
        if (what == std::string_view("device key")) {
            request.device_key = client::public_id<protocol::DeviceKey>(alice.device_key);
        }
        if (what == std::string_view("reader")) {
            request.inbox_reader = client::public_id<protocol::ReaderKey>(alice.inbox_reader);
        }
        const auto newcomer =
            identity::Newcomer::begin(door.keys_of(join, join.code), std::move(request), random);
        const auto keys = door.keys_of(join, join.code);
        const Bytes step0 = newcomer.step0(random);
        door.write_step(keys, 0, step0);
        door.town->pass(2min);
        const Bytes step1 = door.read_step(keys, 1);
        door.write_step(
            keys, 2, must(newcomer.step2(step0, step1, alice.circle(), own.signature_key, random)));
        door.town->pass(2min);
        CHECK(door.alarmed("names another device's inbox or keys"));
        CHECK(door.members() == 2);
    }
}

TEST_CASE("written over: who takes a certificate's place as it is given shuts that device out") {
    Door door;
    const client::Join join = door.town->invite_attended("bertrand");
    const auto bertrand = door.knock("bertrand", join);
    const auto shown = Door::screen(*bertrand);
    const auto keys = door.keys_of(join);
    bool written = false;
    // After the officer has looked, and before what he gives is there.
    door.town->its_operator().on_request(
        [&](auto /*session*/,
            const protocol::RequestBody& request) -> std::optional<protocol::ResponseBody> {
            const auto* put = std::get_if<protocol::PutStep>(&request);
            if (put != nullptr && put->step == 3 && !std::exchange(written, true)) {
                door.write_step(keys, 3, to_bytes("garbage"));
            }
            return std::nullopt;
        });
    static_cast<void>(door.town->officer(officer::Approve{shown.request, shown.words}));
    door.town->pass(2min);
    REQUIRE(written);
    CHECK(door.alarmed("kept the newcomer's certificate from him"));
    CHECK_FALSE(door.alarmed("has joined"));
    CHECK(door.count("lost") == 1);
    CHECK(door.count("burn") == 1);
    CHECK(bertrand->played.outcome.rule == "forged");
}
