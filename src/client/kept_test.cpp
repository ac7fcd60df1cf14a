// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/kept.h"

#include <catch2/catch_test_macros.hpp>

#include "client/schema.h"
#include "tests/must.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace cercle::client;

struct Vault {
    Vault() { must(database.migrate(schema_steps())); }

    void note(std::uint64_t first, std::uint64_t last, std::size_t size) {
        auto transaction = must(database.begin());
        for (std::uint64_t seq = first; seq <= last; ++seq)
            must(kept::note(transaction, log, entry(seq, size)));
        must(std::move(transaction).commit());
    }

    static protocol::Entry entry(std::uint64_t seq, std::size_t size) {
        return {{seq}, protocol::EntryKind::Application, {}, {seq}, Bytes(size, 7), {}};
    }

    [[nodiscard]] std::uint64_t count() {
        const auto row = must(database.one<std::uint64_t>("SELECT count(*) FROM kept_entries"));
        return std::get<0>(*row);
    }

    [[nodiscard]] bool has(std::uint64_t seq) {
        return !must(kept::behind(database, log, {seq - 1})).empty();
    }

    Scratch scratch;
    store::Database database = must(store::Database::open({scratch / "vault"}));
    protocol::LogId log;
};

}  // namespace

TEST_CASE("the last entries of a log are kept, in their number and in their bytes") {
    Vault vault;
    vault.note(1, kept::most_entries + 10, 8);
    CHECK(vault.count() == kept::most_entries);
    CHECK_FALSE(vault.has(10));
    CHECK(vault.has(11));
    // A few large ones push out many small ones.
    constexpr std::size_t large = std::size_t{8} << 20U;
    const std::uint64_t next = kept::most_entries + 11;
    vault.note(next, next + 4, large);
    CHECK(vault.count() == kept::most_bytes / large);
    CHECK_FALSE(vault.has(next));
    CHECK(vault.has(next + 1));
    CHECK(vault.has(next + 4));
}

TEST_CASE("entries come back in order, up to a gap, and one that no relay has is not kept") {
    Vault vault;
    vault.note(1, 3, 8);
    auto transaction = must(vault.database.begin());
    auto impossible = Vault::entry(4, 8);
    impossible.epoch = {~std::uint64_t{0}};
    must(kept::note(transaction, vault.log, impossible));
    impossible = Vault::entry(4, 8);
    impossible.stamp = {~std::uint64_t{0}};
    must(kept::note(transaction, vault.log, impossible));
    must(std::move(transaction).commit());
    vault.note(5, 6, 8);
    const auto all = must(kept::behind(vault.database, vault.log, {0}));
    REQUIRE(all.size() == 3);
    CHECK(all.front().seq.value == 1);
    CHECK(all.back().payload == Bytes(8, 7));
    CHECK(must(kept::behind(vault.database, vault.log, {3})).empty());
}
