// SPDX-License-Identifier: AGPL-3.0-or-later
#include "base/secret.h"

#include <algorithm>
#include <concepts>
#include <format>
#include <ostream>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "base/slab.h"

namespace cercle {
namespace {

// What cannot be done by accident, because it does not compile.
template <class T>
concept Printable = requires(std::ostream& stream, const T& value) { stream << value; };
template <class T>
concept Resizable = requires(T& value) { value.resize(1); };

static_assert(!std::copyable<Secret>);
static_assert(!std::is_copy_constructible_v<Secret>);
static_assert(!std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::formattable<Secret, char>);
static_assert(!Printable<Secret>);
static_assert(!Resizable<Secret>);
static_assert(!std::convertible_to<Secret, Bytes>);
static_assert(!std::convertible_to<Secret, BytesView>);
static_assert(!std::convertible_to<Bytes, Secret>);
static_assert(!std::convertible_to<BytesView, Secret>);
static_assert(!std::convertible_to<std::size_t, Secret>);

bool all_zero(BytesView bytes) {
    return std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace

TEST_CASE("a secret is born with its size, and zero") {
    for (const std::size_t size : {1, 16, 32, 33, 64, 4096, 100000}) {
        const Secret secret(size);
        CHECK(secret.size() == size);
        CHECK(!secret.empty());
        CHECK(all_zero(secret.reveal()));
    }
    CHECK(Secret().empty());
    CHECK(Secret(0).empty());
    CHECK(Secret(0).reveal().empty());
}

TEST_CASE("a secret that was moved from is empty") {
    Secret first = Secret::copy_of(view_of("a secret"));
    const Secret second = std::move(first);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is what is tested
    CHECK(first.reveal().empty());
    CHECK(to_text(second.reveal()) == "a secret");
    Secret third(4);
    third = Secret::copy_of(view_of("another"));
    CHECK(to_text(third.reveal()) == "another");
    Secret& same = third;
    third = std::move(same);
    CHECK(to_text(third.reveal()) == "another");
}

TEST_CASE("absorbing wipes the source") {
    Bytes source = to_bytes("typed by a person");
    const Secret secret = Secret::absorb(source);
    CHECK(to_text(secret.reveal()) == "typed by a person");
    CHECK(all_zero(source));
    CHECK(source.size() == secret.size());
}

TEST_CASE("secrets are equal only in every byte and in length") {
    const Secret secret = Secret::copy_of(view_of("0123456789"));
    CHECK(secret == secret.copy());
    CHECK(secret != Secret::copy_of(view_of("012345678")));
    CHECK(secret != Secret::copy_of(view_of("0123456788")));
    CHECK(secret != Secret());
    CHECK(Secret() == Secret());
}

TEST_CASE("a copy is another secret") {
    Secret original = Secret::copy_of(view_of("first"));
    const Secret copy = original.copy();
    std::ranges::fill(original.expose(), std::uint8_t{'x'});
    CHECK(to_text(copy.reveal()) == "first");
}

TEST_CASE("memory that a secret gave back is wiped") {
    const std::uint8_t* left_behind = nullptr;
    constexpr std::size_t size = 100;
    {
        Secret secret(size);
        std::ranges::fill(secret.expose(), std::uint8_t{0xa5});
        left_behind = secret.reveal().data();
    }
    // The slab is never unmapped, so that looking is allowed.
    CHECK(all_zero({left_behind, size}));
    {
        Secret secret(size);
        std::ranges::fill(secret.expose(), std::uint8_t{0xa5});
        left_behind = secret.reveal().data();
        secret = Secret();
    }
    CHECK(all_zero({left_behind, size}));
}

TEST_CASE("the slab gets back all that was taken, in any order") {
    const std::size_t before = slab::in_use();
    std::mt19937 random(1);
    std::vector<Secret> held;
    for (int round = 0; round < 20000; ++round) {
        if (held.size() < 200 && random() % 2 == 0) {
            Secret secret(1 + random() % 3000);
            REQUIRE(all_zero(secret.reveal()));
            std::ranges::fill(secret.expose(), static_cast<std::uint8_t>(secret.size()));
            held.push_back(std::move(secret));
        } else if (!held.empty()) {
            const std::size_t which = random() % held.size();
            std::swap(held[which], held.back());
            // Nobody else wrote into it meanwhile.
            const auto expected = static_cast<std::uint8_t>(held.back().size());
            REQUIRE(std::ranges::all_of(held.back().reveal(),
                                        [&](std::uint8_t byte) { return byte == expected; }));
            held.pop_back();
        }
    }
    CHECK(slab::in_use() > before);
    held.clear();
    CHECK(slab::in_use() == before);
}

TEST_CASE("after all the splitting the slab is whole again") {
    const std::size_t before = slab::in_use();
    {
        std::vector<Secret> many;
        for (int count = 0; count < 10000; ++count)
            many.emplace_back(32);
    }
    CHECK(slab::in_use() == before);
    if (before == 0) {
        const Secret everything(slab::capacity);
        CHECK(slab::in_use() == slab::capacity);
    }
    CHECK(slab::in_use() == before);
}

TEST_CASE("opening the slab again is harmless") {
    CHECK(slab::open());
    const Secret held = Secret::copy_of(view_of("held"));
    CHECK(slab::open());
    CHECK(to_text(held.reveal()) == "held");
}

}  // namespace cercle
