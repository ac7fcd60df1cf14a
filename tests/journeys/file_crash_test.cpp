// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The trip of a file with crashes on the way, of either side, and with damage done meanwhile.

#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using namespace std::chrono_literals;

/// Everything on a machine's disk, write-ahead logs aside.
std::size_t disk_size(Town& town, const std::string& home) {
    std::size_t size = 0;
    for (const auto& [path, content] : town.machine(home).disk.image()) {
        if (!path.ends_with("-wal")) size += content.size();
    }
    return size;
}

}  // namespace

TEST_CASE("a device that crashes while it sends a file goes on where it was") {
    Story story;
    CHECK_FALSE(story.send(0).done());
    story.pass_until_sent(2);
    story.town->crash("alice");
    std::filesystem::remove(story.source());  // what was taken in is what is sent
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    CHECK(story.puts.size() == mebibyte / 65'536);
    // Those that were under way when it crashed may have to go twice, and no other.
    const auto twice =
        std::ranges::count_if(story.puts, [](const auto& one) { return one.second > 1; });
    CHECK(twice <= 4);
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    CHECK(story.town->read("bertrand", "alice") == std::vector<std::string>{"bonjour", "voici"});
}

TEST_CASE("no chunk that was called durable before a crash is sent again") {
    Story story;
    std::map<std::uint32_t, int> durable;
    story.passage.on_answer = [&durable](const protocol::RequestBody& request,
                                         protocol::ResponseBody& answer) {
        const auto* put = std::get_if<protocol::PutChunk>(&request);
        if (put != nullptr && std::holds_alternative<protocol::Done>(answer)) {
            ++durable[put->number.value];
        }
    };
    CHECK_FALSE(story.send(0).done());
    story.pass_until_sent(2);
    story.town->crash("alice");
    const auto before = durable;
    REQUIRE(before.size() > 3);
    story.puts.clear();
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    for (const auto& [number, times] : before)
        CHECK_FALSE(story.puts.contains(number));
}

TEST_CASE("a relay that crashes while a file is sent gets the rest of it, and no chunk is lost") {
    Story story;
    CHECK_FALSE(story.send(0).done());
    story.pass_until_sent(2);
    story.town->crash_relay();
    story.town->pass(5s);
    story.town->start_relay();
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
}

TEST_CASE("texts do not wait for a file, and overtake it") {
    Story story(16 * mebibyte);
    CHECK_FALSE(story.send(0).done());
    story.pass_until_sent(16);
    REQUIRE(story.town->send("alice", "bertrand", "pendant ce temps").done());
    CHECK(relay_counts(*story.town).chunks < 256 / 2);
    CHECK(story.town->read("bertrand", "alice") ==
          std::vector<std::string>{"bonjour", "pendant ce temps"});
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    CHECK(story.town->read("bertrand", "alice") ==
          std::vector<std::string>{"bonjour", "pendant ce temps", "voici"});
}

TEST_CASE("a file that was sent leaves nothing of itself in its author's vault") {
    Story story(4 * mebibyte);
    const std::size_t before = disk_size(*story.town, "alice");
    REQUIRE(story.send().done());
    story.town->pass(5s);
    story.town->crash("alice");
    CHECK(disk_size(*story.town, "alice") < before + mebibyte);
}

TEST_CASE("a device that crashes while it fetches a file goes on where it was") {
    Story story(4 * mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == 4 * mebibyte);
    static_cast<void>(story.begin_fetch());
    story.pass_until_half_received();
    story.town->crash("bertrand");
    REQUIRE(std::filesystem::exists(story.part()));
    story.gets.clear();
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    CHECK(story.gets.size() <= 64 / 2 + 16);
    CHECK_FALSE(story.gets.contains(0));
}

TEST_CASE("a relay that crashes while a file is fetched costs a pause, and not what is there") {
    Story story(4 * mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == 4 * mebibyte);
    const auto fetching = story.begin_fetch();
    story.pass_until_half_received();
    story.town->crash_relay();
    story.town->pass(3s);
    story.town->start_relay();
    while (fetching->end == Errand::End::None)
        story.town->pass(Duration{100});
    REQUIRE(fetching->played.done());
    CHECK(read_file(story.target()) == story.content);
}

TEST_CASE("a part that was damaged, cut or lengthened meanwhile is found out and made good") {
    Story story(4 * mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == 4 * mebibyte);
    const auto interrupt = [&story] {
        static_cast<void>(story.begin_fetch());
        story.pass_until_half_received();
        story.town->crash("bertrand");
    };
    for (const char* harm : {"flip", "cut", "empty", "longer", "gone"}) {
        INFO(harm);
        interrupt();
        std::string content = read_file(story.part());
        const std::string how = harm;
        if (how == "flip") content[1000] ^= 1;
        if (how == "cut") content.resize(1000);
        if (how == "empty") content.clear();
        if (how == "longer") content += std::string(100'000, 'x');
        if (how == "gone") {
            std::filesystem::remove(story.part());
        } else {
            write_file(story.part(), content);
        }
        REQUIRE(story.fetch().done());
        CHECK(read_file(story.target()) == story.content);
        std::filesystem::remove(story.target());
    }
}
