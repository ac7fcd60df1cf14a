// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/terms.h"

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "net/task_group.h"
#include "relay/group_commit.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

/// What a device's wish for a place is answered under these terms.
Result<Answer> wish(Desk& desk, const Actor& actor, const Parcel& parcel, const Allowance& terms) {
    std::optional<Answer> answer;
    const auto done = desk.store->transact([&](LogTables& tables) -> Result<void> {
        TRY(answer,
            decide(
                tables, actor.asker(), protocol::RequestBody(parcel.creation()), desk.now, terms));
        return {};
    });
    if (!done.has_value()) return std::unexpected(done.error());
    return *std::move(answer);
}

/// Who hears how much is written, and what the diary was told.
class Listening final : public Diary {
  public:
    void note(Level /*level*/, Reason line, std::initializer_list<Figure> /*figures*/) override {
        lines.emplace_back(line.text);
    }

    std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("an operator gives less room to files than a relay could") {
    Desk desk;
    Actor ana;
    desk.admit(ana);
    Allowance terms;
    terms.places = 2;
    const Parcel three;
    REQUIRE(wish(desk, ana, three, terms).error().code == Code::too_many);
    terms.places = 3;
    REQUIRE(wish(desk, ana, three, terms).has_value());
    const Parcel more;
    REQUIRE(wish(desk, ana, more, terms).error().code == Code::too_many);
    terms.places = 100;
    terms.places_per_device_and_day = 5;
    REQUIRE(wish(desk, ana, more, terms).error().code == Code::too_many);
}

TEST_CASE("an operator keeps files for less long than a relay could") {
    Desk desk;
    Actor ana;
    desk.admit(ana);
    Allowance terms;
    terms.blob_retention = std::chrono::days{2};
    const auto answer = wish(desk, ana, Parcel{}, terms);
    REQUIRE(answer.has_value());
    const auto until = std::get<protocol::Blob>(answer->body).until;
    REQUIRE(until.value == desk.now.value + 2U * 24 * 60 * 60 * 1000);
}

TEST_CASE("without room on the disk what writes is refused untried, until there is room again") {
    Desk desk;
    FragileStore store(std::move(desk.store));
    net::Loop loop(net::Loop::Kind::Virtual);
    Listening diary;
    bool room = false;
    std::vector<Code> outcomes;
    Terms terms;
    terms.has_room = [&room] { return room; };
    GroupCommit commit(
        loop,
        loop.clock(),
        store,
        diary,
        [&outcomes](const Job&, Lane, Result<Answer> answer) {
            outcomes.push_back(answer.has_value() ? Code::unknown : answer.error().code);
        },
        std::move(terms));
    net::TaskGroup working(loop, diary);
    REQUIRE(working.spawn(commit.run()).has_value());
    const auto submit = [&](int times) {
        for (int number = 0; number < times; ++number) {
            Job job{{1}, {1}, desk.officer.asker(), protocol::Claim{}, 100};
            REQUIRE(commit.submit(std::move(job), Lane::Write).has_value());
        }
        loop.run_for(Duration{10});
    };
    submit(3);
    submit(2);
    REQUIRE(outcomes == std::vector<Code>(5, Code::disk_full));
    REQUIRE(store.transactions == 0);
    REQUIRE(commit.tally().refused_for_room == 5);
    room = true;
    outcomes.clear();
    submit(2);
    REQUIRE(outcomes == std::vector<Code>(2, Code::unknown));
    commit.close();
    static_cast<void>(loop.run_until(working.close()));
    // Said once, and taken back once.
    REQUIRE(diary.lines ==
            std::vector<std::string>{"the disk has no room left: what writes is refused",
                                     "the disk has room again"});
}
