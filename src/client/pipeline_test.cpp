// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/pipeline.h"

#include <algorithm>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "net/memory_network.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::client;

struct Scene {
    net::Loop loop{net::Loop::Kind::Virtual};
    vectors::SeededRandom random{1};
    net::MemoryNetwork network{loop, random};
    SilentDiary diary;
    store::SystemDisk disk;
    World world{loop, network, loop.clock(), random, diary, disk, {32, 1}};
    std::size_t under_way = 0;
    std::size_t most_under_way = 0;

    /// The later ones are quicker; the number `fails` does.
    net::Task<std::size_t> work(std::size_t number, std::size_t fails) {
        most_under_way = std::max(most_under_way, ++under_way);
        const auto waited = co_await loop.wait_until(
            loop.in(Duration{static_cast<std::int64_t>(1 + (number * 7) % 11)}));
        --under_way;
        CO_TRY_VOID(waited);
        if (number == fails) co_return fail(Code::refused, "a test's fault");
        co_return number;
    }

    net::Task<std::vector<std::size_t>> collect(std::size_t first,
                                                std::size_t end,
                                                std::size_t fails) {
        Pipeline<std::size_t> pipeline(
            world,
            [this, fails](std::size_t number) { return work(number, fails); },
            first,
            end,
            4);
        std::vector<std::size_t> numbers;
        Result<void> outcome;
        for (std::size_t at = first; outcome && at < end; ++at) {
            const auto next = co_await pipeline.next();
            if (next) numbers.push_back(*next);
            if (!next) outcome = std::unexpected(next.error());
        }
        static_cast<void>(co_await pipeline.close());
        CO_TRY_VOID(outcome);
        co_return numbers;
    }
};

}  // namespace

TEST_CASE("what is done side by side comes in order, and not more at once than may be") {
    Scene scene;
    const auto numbers = scene.loop.run_until(scene.collect(5, 50, 1000));
    REQUIRE(numbers.has_value());
    REQUIRE(numbers->size() == 45);
    for (std::size_t at = 0; at < numbers->size(); ++at)
        CHECK(numbers->at(at) == at + 5);
    CHECK(scene.most_under_way == 4);
    CHECK(scene.under_way == 0);
}

TEST_CASE("the first failure ends what is done side by side, and nothing of it stays behind") {
    Scene scene;
    const auto numbers = scene.loop.run_until(scene.collect(0, 50, 20));
    REQUIRE_FALSE(numbers.has_value());
    CHECK(numbers.error().code == Code::refused);
    CHECK(scene.under_way == 0);
}
