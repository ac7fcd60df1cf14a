// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/recent.h"

#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "tests/stage/stage.h"

namespace {

using namespace cercle;
using namespace cercle::relay;
using namespace cercle::relay::stage;

struct Writer {
    Recent recent{};

    void add(const LogId& log, std::uint64_t seq) {
        const Arrival arrival{
            recent.next_number(), {seq}, EntryId::random(chance()), {}, {}, {}, 10 * seq};
        recent.add(log, arrival);
    }

    /// The positions in a log's tail.
    [[nodiscard]] std::vector<std::uint64_t> tail(const LogId& log) const {
        std::vector<std::uint64_t> positions;
        std::uint64_t bytes = 0;
        const Tail* const found = recent.find(log);
        if (found == nullptr) return positions;
        for (const Arrival& one : found->arrivals) {
            positions.push_back(one.seq.value);
            bytes += one.bytes;
            CHECK(found->find(one.id) == &one);
        }
        CHECK(found->bytes == bytes);
        CHECK(found->by_id.size() == positions.size());
        return positions;
    }

    /// How many of each log the next plan takes, which is then carried out.
    std::vector<std::size_t> settle(std::size_t most) {
        const Recent::Plan plan = recent.plan(most);
        std::vector<std::size_t> counts;
        for (const Piece& piece : plan.pieces) {
            recent.settle(piece.log, piece.count);
            counts.push_back(piece.count);
        }
        recent.keep();
        recent.carried_out(plan);
        settled = plan.settled;
        return counts;
    }

    std::optional<EntryNumber> settled{};
};

using Positions = std::vector<std::uint64_t>;
using Sizes = std::vector<std::size_t>;

const LogId first{{1}};
const LogId second{{2}};
const LogId third{{3}};

}  // namespace

TEST_CASE("what a transaction changed in the recent entries can be undone, to any mark") {
    Writer writer;
    writer.add(first, 5);
    writer.add(first, 6);
    writer.add(second, 1);
    writer.recent.keep();
    writer.add(first, 7);
    const auto mark = writer.recent.mark();
    writer.recent.settle(first, 2);
    writer.add(first, 8);
    writer.recent.settle(second, 1);
    writer.add(third, 1);
    CHECK(writer.tail(first) == Positions{7, 8});
    CHECK(writer.recent.size() == 3);
    writer.recent.undo_to(mark);
    CHECK(writer.tail(first) == Positions{5, 6, 7});
    CHECK(writer.tail(second) == Positions{1});
    CHECK(writer.tail(third).empty());
    CHECK(writer.recent.size() == 4);
    writer.recent.undo();
    CHECK(writer.tail(first) == Positions{5, 6});
    CHECK(writer.recent.size() == 3);
}

TEST_CASE("a round settles what had come before it, log by log, however busy one of them is") {
    Writer writer;
    writer.add(second, 1);
    writer.add(first, 1);
    writer.add(third, 1);
    writer.add(first, 2);
    writer.recent.begin_round();
    const EntryNumber before_round = writer.recent.next_number().before();
    CHECK(writer.settle(1) == Sizes{1});
    // A log that is written to all the while does not hold the round back.
    writer.add(first, 3);
    CHECK(writer.settle(2) == Sizes{1, 1});
    CHECK(writer.tail(first) == Positions{3});
    CHECK(writer.tail(second).empty());
    CHECK_FALSE(writer.settled);
    writer.add(second, 2);
    CHECK(writer.settle(5) == Sizes{1});
    CHECK(writer.settled == before_round);
    CHECK(writer.settle(5) == Sizes{1, 1});
    CHECK(writer.recent.size() == 0);
}

TEST_CASE("a log that is given up is left out, and nothing counts as settled any more") {
    Writer writer;
    writer.add(first, 1);
    writer.add(second, 1);
    writer.recent.begin_round();
    writer.recent.give_up(first);
    CHECK(writer.settle(5) == Sizes{1});
    CHECK(writer.tail(first) == Positions{1});
    CHECK_FALSE(writer.settled);
}
