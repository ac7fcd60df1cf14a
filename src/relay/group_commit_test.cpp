// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/group_commit.h"

#include <utility>

#include <catch2/catch_test_macros.hpp>

#include "relay/bounds.h"
#include "store/transaction.h"
#include "tests/stage/peer.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

/// Counts, and leaves the store to whom it belongs.
class CountedStore final : public LogStore {
  public:
    explicit CountedStore(LogStore& inner)
        : inner_(inner) {}

    Result<void> transact(const Work& work) override {
        ++transactions;
        return inner_.transact(work);
    }

    Result<void> look(const Work& work) override { return inner_.look(work); }

    Result<void> put_away() override { return inner_.put_away(); }

    Result<void> give_back() override { return inner_.give_back(); }

    Result<void> check_integrity() override { return inner_.check_integrity(); }

    std::size_t transactions = 0;

  private:
    LogStore& inner_;
};

}  // namespace

TEST_CASE("what waits together goes to the disk in one transaction") {
    Desk desk;
    FragileStore store(std::move(desk.store));
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::size_t answered = 0;
    GroupCommit commit(
        loop, loop.clock(), store, diary, [&](const Job&, Lane, Result<Answer> answer) {
            if (answer.has_value()) ++answered;
        });
    constexpr std::size_t requests = 100;
    for (std::size_t at = 0; at < requests; ++at) {
        const Actor actor;
        REQUIRE(
            commit
                .submit(
                    {{1}, {1}, desk.officer.asker(), desk.officer.order(actor.admission()), 100},
                    Lane::Write)
                .has_value());
    }
    commit.close();
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(answered == requests);
    CHECK(store.transactions == 1);
}

TEST_CASE("what is more than a batch is answered in the order in which it was asked") {
    Desk desk;
    FragileStore store(std::move(desk.store));
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::vector<std::uint32_t> answered;
    GroupCommit commit(loop, loop.clock(), store, diary, [&](const Job& job, Lane, auto) {
        answered.push_back(job.number.value);
    });
    constexpr std::uint32_t requests = 2 * bounds::requests_per_batch + 1;
    std::vector<std::uint32_t> asked;
    for (std::uint32_t at = 1; at <= requests; ++at) {
        asked.push_back(at);
        REQUIRE(
            commit.submit({{1}, {at}, desk.officer.asker(), protocol::Claim{}, 100}, Lane::Write)
                .has_value());
    }
    commit.close();
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(answered == asked);
    CHECK(store.transactions == 3);
}

namespace {

/// Asks for `meanwhile` while the first batch stands before the disk's thread; says in which order
/// all were answered.
std::vector<std::uint32_t> answered_in_order(
    LogStore& store, const std::function<void(GroupCommit& commit)>& meanwhile) {
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::vector<std::uint32_t> answered;
    GroupCommit* committing = nullptr;
    Terms terms;
    terms.has_room = [&, asked = false]() mutable {
        if (!std::exchange(asked, true)) {
            meanwhile(*committing);
            committing->close();
        }
        return true;
    };
    GroupCommit commit(
        loop,
        loop.clock(),
        store,
        diary,
        [&](const Job& job, Lane, auto) { answered.push_back(job.number.value); },
        terms);
    committing = &commit;
    REQUIRE(commit.submit({{1}, {1}, {}, protocol::Claim{}, 100}, Lane::Write).has_value());
    REQUIRE(loop.run_until(commit.run()).has_value());
    return answered;
}

}  // namespace

TEST_CASE("what comes while a batch waits for the disk goes with it, as long as there is room") {
    Desk desk;
    CountedStore store(*desk.store);
    std::vector<std::uint32_t> asked{1};
    const auto answered = answered_in_order(store, [&](GroupCommit& commit) {
        for (std::uint32_t at = 2; at <= bounds::requests_per_batch + 1; ++at) {
            asked.push_back(at);
            REQUIRE(
                commit.submit({{1}, {at}, {}, protocol::Claim{}, 100}, Lane::Write).has_value());
        }
    });
    CHECK(answered == asked);
    CHECK(store.transactions == 2);
}

TEST_CASE("what writes overtakes nothing that looks and was asked before it") {
    Desk desk;
    CountedStore store(*desk.store);
    const auto answered = answered_in_order(store, [&](GroupCommit& commit) {
        REQUIRE(
            commit.submit({{1}, {2}, {}, protocol::GetIncarnation{}, 100}, Lane::Look).has_value());
        REQUIRE(commit.submit({{1}, {3}, {}, protocol::Claim{}, 100}, Lane::Write).has_value());
    });
    CHECK(answered == std::vector<std::uint32_t>{1, 2, 3});
    CHECK(store.transactions == 2);
}

TEST_CASE("a request that is refused takes nothing of its neighbours in the batch with it") {
    Desk desk;
    Actor ana;
    desk.admit(ana);
    Talk talk;
    desk.create(ana, talk, {ana.reader_key()});
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::vector<Code> outcomes;
    GroupCommit commit(
        loop, loop.clock(), *desk.store, diary, [&](const Job&, Lane, Result<Answer> answer) {
            outcomes.push_back(answer.has_value() ? Code::unknown : answer.error().code);
        });
    const auto submit = [&](protocol::RequestBody request) {
        REQUIRE(commit.submit({{1}, {1}, ana.asker(), std::move(request), 100}, Lane::Write)
                    .has_value());
    };
    const protocol::NewEntry known{EntryId::random(chance()), to_bytes("one")};
    submit(talk.post(0, {known}));
    auto forged = talk.post(0, "forged");
    forged.token = new_token();
    submit(std::move(forged));
    // Refused half-way: its first entry was already appended when the second was found reused.
    submit(talk.post(
        0, {{EntryId::random(chance()), to_bytes("undone")}, {known.id, to_bytes("other")}}));
    submit(talk.post(0, "two"));
    commit.close();
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(outcomes ==
          std::vector<Code>{Code::unknown, Code::refused, Code::id_reused, Code::unknown});
    CHECK(desk.texts(ana, talk.log) == std::vector<std::string>{"one", "two"});
}

TEST_CASE(
    "a request that a damaged row stops half-way is undone alone, and the batch decided again") {
    Desk desk;
    Actor ana;
    desk.admit(ana);
    Talk recorded;
    Talk talk;
    REQUIRE(desk.ask(ana.asker(),
                     protocol::CreateRecordedLog{
                         recorded.log, recorded.verifier(0), {ana.reader_key()}})
                .has_value());
    desk.create(ana, talk, {ana.reader_key()});
    REQUIRE(desk.ask(ana.asker(), recorded.post(0, "one")).has_value());
    // The next record needs the first one's node: it is missed when the entry is written already.
    desk.store.reset();
    {
        auto database = must(store::Database::open(desk.directory.place()));
        auto transaction = must(database.begin());
        must(transaction.run("DELETE FROM record_nodes").has_value());
        must(std::move(transaction).commit().has_value());
    }
    desk.store = desk.directory.open_store();
    CountedStore store(*desk.store);
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    std::vector<Code> outcomes;
    GroupCommit commit(loop, loop.clock(), store, diary, [&](const Job&, Lane, auto answer) {
        outcomes.push_back(answer.has_value() ? Code::unknown : answer.error().code);
    });
    const auto submit = [&](protocol::RequestBody request) {
        REQUIRE(commit.submit({{1}, {1}, ana.asker(), std::move(request), 100}, Lane::Write)
                    .has_value());
    };
    submit(talk.post(0, "before"));
    submit(recorded.post(0, "two"));
    submit(talk.post(0, "after"));
    commit.close();
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(outcomes == std::vector<Code>{Code::unknown, Code::store_corrupt, Code::unknown});
    CHECK(store.transactions == 2);
    CHECK(desk.texts(ana, talk.log) == std::vector<std::string>{"before", "after"});
    CHECK(desk.texts(ana, recorded.log) == std::vector<std::string>{"one"});
}

TEST_CASE("when the disk fails nothing is acknowledged, and a retry finds the way free") {
    Town town;
    Peer ana = town.session(town.ana);
    const std::vector<protocol::NewEntry> entries{{EntryId::random(chance()), to_bytes("text")}};
    town.fragile->fails_next = true;
    ana.ask_later(town.talk.post(0, entries));
    const auto failed = ana.response();
    REQUIRE(failed.has_value());
    CHECK(std::get<protocol::Refused>(failed->body).refusal == protocol::Refusal::StoreFault);
    const auto retried = ana.ask(town.talk.post(0, entries));
    REQUIRE(retried.has_value());
    CHECK(std::get<protocol::Posted>(*retried).positions.at(0).value == 1);
}

TEST_CASE("after a closed door nothing is accepted, and what was accepted is answered") {
    Desk desk;
    net::Loop loop(net::Loop::Kind::Virtual);
    SilentDiary diary;
    int answered = 0;
    GroupCommit commit(
        loop, loop.clock(), *desk.store, diary, [&](const Job&, Lane, Result<Answer>) {
            ++answered;
        });
    const auto job = [&] { return Job{{1}, {1}, desk.officer.asker(), protocol::Claim{}, 100}; };
    REQUIRE(commit.submit(job(), Lane::Write).has_value());
    REQUIRE(commit.submit(job(), Lane::Write).has_value());
    commit.close();
    CHECK(commit.submit(job(), Lane::Write).error().code == Code::closing);
    REQUIRE(loop.run_until(commit.run()).has_value());
    CHECK(answered == 2);
}
