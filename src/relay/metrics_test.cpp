// SPDX-License-Identifier: AGPL-3.0-or-later
#include "relay/metrics.h"

#include <set>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "protocol/refusal.h"

namespace {

using namespace cercle;
using namespace cercle::relay;

std::string line_with(const std::string& page, const std::string& start) {
    std::istringstream lines(page);
    std::string line;
    while (std::getline(lines, line)) {
        if (line.starts_with(start)) return line;
    }
    return "";
}

}  // namespace

TEST_CASE("the metrics end with EOF, and every family is described once, before its samples") {
    const std::string page = openmetrics(Tally{}, Gauges{});
    REQUIRE(page.ends_with("\n# EOF\n"));
    std::istringstream lines(page);
    std::string line;
    std::string family;
    std::set<std::string> seen;
    while (std::getline(lines, line) && line != "# EOF") {
        if (line.starts_with("# TYPE ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            REQUIRE(seen.insert(family).second);
        } else if (!line.starts_with("# ")) {
            INFO(line);
            REQUIRE(line.starts_with(family));
        }
    }
    REQUIRE(seen.size() > 10);
}

TEST_CASE("the metrics say what was counted") {
    Tally tally;
    tally.appended = 7;
    tally.refusals[static_cast<std::size_t>(protocol::Refusal::Stale)] = 3;
    tally.batch.add(1);
    tally.batch.add(2);
    tally.batch.add(5000);
    tally.commit.add(4);
    const std::string page = openmetrics(tally, {.sessions = 9, .free_bytes = 12});
    REQUIRE(line_with(page, "cercle_relay_sessions ") == "cercle_relay_sessions 9");
    REQUIRE(line_with(page, "cercle_relay_free_bytes ") == "cercle_relay_free_bytes 12");
    REQUIRE(line_with(page, "cercle_relay_appends_total") == "cercle_relay_appends_total 7");
    REQUIRE(line_with(page, "cercle_relay_refusals_total{reason=\"stale\"}") ==
            "cercle_relay_refusals_total{reason=\"stale\"} 3");
    REQUIRE(line_with(page, "cercle_relay_batch_requests_bucket{le=\"1.0\"}").ends_with(" 1"));
    REQUIRE(line_with(page, "cercle_relay_batch_requests_bucket{le=\"4.0\"}").ends_with(" 2"));
    REQUIRE(line_with(page, "cercle_relay_batch_requests_bucket{le=\"1024.0\"}").ends_with(" 2"));
    REQUIRE(line_with(page, "cercle_relay_batch_requests_bucket{le=\"+Inf\"}").ends_with(" 3"));
    REQUIRE(line_with(page, "cercle_relay_commit_seconds_bucket{le=\"0.005\"}").ends_with(" 1"));
    REQUIRE(line_with(page, "cercle_relay_commit_seconds_sum") ==
            "cercle_relay_commit_seconds_sum 0.004");
}
