// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/quiet.h"

#include <catch2/catch_test_macros.hpp>

#include "client/card_hours.h"
#include "client/schema.h"
#include "tests/must.h"
#include "tests/scratch.h"

namespace {

using namespace cercle;
using namespace std::chrono_literals;
namespace quiet = client::quiet;

/// 22:30 on the wall of this machine, whatever its zone.
WallTime late_evening() {
    const WallTime midnight_utc{std::chrono::sys_days{2026y / 11 / 30}.time_since_epoch()};
    const WallTime about = midnight_utc + 22h + 30min;
    return about - client::offset_of_this_machine(about);
}

}  // namespace

TEST_CASE("quiet hours begin and end by the clock on the wall, over midnight, too") {
    Scratch scratch;
    store::Database database = must(store::Database::open({scratch / "vault"}));
    must(database.migrate(client::schema_steps()));
    const identity::MemberId alice{};
    const auto silent = [&](WallTime moment) {
        return must(quiet::silences(database, alice, moment));
    };
    CHECK_FALSE(silent(late_evening()));
    {
        auto transaction = must(database.begin());
        must(quiet::keep_hours(transaction, "22:00-07:00"));
        must(std::move(transaction).commit());
    }
    CHECK_FALSE(silent(late_evening() - 31min));
    CHECK(silent(late_evening() - 30min));
    CHECK(silent(late_evening()));
    CHECK(silent(late_evening() + 8h + 29min));
    CHECK_FALSE(silent(late_evening() + 8h + 30min));
}
