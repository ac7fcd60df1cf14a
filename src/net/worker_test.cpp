// SPDX-License-Identifier: AGPL-3.0-or-later
#include "net/worker.h"

#include <algorithm>
#include <latch>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "net/task_group.h"

namespace {

using namespace cercle;
using namespace cercle::net;
using namespace std::chrono_literals;

Task<void> add(Worker& worker, int number, std::vector<int>& numbers, std::vector<int>& seen) {
    CO_TRY(const std::size_t size, co_await worker.run([&numbers, number]() -> Result<std::size_t> {
        numbers.push_back(number);
        return numbers.size();
    }));
    seen.push_back(static_cast<int>(size));
    co_return Result<void>{};
}

Task<std::thread::id> where(Worker& worker) {
    co_return co_await worker.run(
        []() -> Result<std::thread::id> { return std::this_thread::get_id(); });
}

Task<void> fail_inside(Worker& worker) {
    co_return co_await worker.run(
        []() -> Result<void> { return fail(Code::disk_full, "a test's own error"); });
}

Task<void> throw_inside(Worker& worker) {
    co_return co_await worker.run(
        []() -> Result<void> { throw std::runtime_error("a foreign library's habit"); });
}

Task<void> hold(Worker& worker,
                std::latch& begun,
                std::latch& release,
                std::optional<bool>& ended) {
    const auto done = co_await worker.run([&begun, &release]() -> Result<int> {
        begun.count_down();
        release.wait();
        return 1;
    });
    ended = done.has_value();
    co_return Result<void>{};
}

}  // namespace

TEST_CASE("a worker does its work in order, and the results come home, on both kinds of loop") {
    for (const auto kind : {Loop::Kind::Real, Loop::Kind::Virtual}) {
        Loop loop(kind);
        SilentDiary diary;
        Worker worker(loop);
        TaskGroup group(loop, diary);
        std::vector<int> numbers;
        std::vector<int> seen;
        for (int number = 0; number < 100; ++number) {
            REQUIRE(group.spawn(add(worker, number, numbers, seen)));
        }
        const bool here = loop.run_until(where(worker)).value() == std::this_thread::get_id();
        CHECK(here == (kind == Loop::Kind::Virtual));
        loop.run_for(0ms);
        CHECK(loop.run_until(group.close()));
        std::vector<int> expected;
        for (int number = 0; number < 100; ++number)
            expected.push_back(number);
        CHECK(numbers == expected);
        CHECK(seen.size() == 100);
        CHECK(std::ranges::is_sorted(seen));
    }
}

TEST_CASE("what the work says is what the caller hears, exceptions as a library's fault") {
    Loop loop(Loop::Kind::Real);
    Worker worker(loop);
    CHECK(loop.run_until(fail_inside(worker)).error().code == Code::disk_full);
    CHECK(loop.run_until(throw_inside(worker)).error().code == Code::library_fault);
}

TEST_CASE("work that has begun is waited for, even by a cancelled caller") {
    Loop loop(Loop::Kind::Real);
    SilentDiary diary;
    Worker worker(loop);
    TaskGroup group(loop, diary);
    std::latch begun(1);
    std::latch release(1);
    std::optional<bool> ended;
    REQUIRE(group.spawn(hold(worker, begun, release, ended)));
    std::jthread other([&] {
        begun.wait();
        loop.post([&] {
            group.cancel();
            release.count_down();
        });
    });
    while (group.size() > 0)
        loop.run_for(1ms);
    CHECK(ended == true);
}

TEST_CASE("a worker refuses more than its bound") {
    Loop loop(Loop::Kind::Real);
    SilentDiary diary;
    Worker worker(loop, 1);
    TaskGroup group(loop, diary);
    std::latch begun(1);
    std::latch release(1);
    std::optional<bool> first;
    std::latch second_begun(1);
    std::optional<bool> second;
    REQUIRE(group.spawn(hold(worker, begun, release, first)));
    loop.run_for(0ms);
    begun.wait();
    REQUIRE(group.spawn(hold(worker, second_begun, release, second)));  // waits in the queue
    loop.run_for(0ms);
    CHECK(loop.run_until(fail_inside(worker)).error().code == Code::busy);
    release.count_down();
    while (group.size() > 0)
        loop.run_for(1ms);
    CHECK(first == true);
    CHECK(second == true);
}
