// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Files whose message lies, that change while they are read, or that come to stand where a part
// lies: what spec/attachment.md and client/download.h promise then.

#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;

constexpr std::size_t size = 100'000;

/// Waits for the disk's clock, whose ticks are large: what is made now is younger than that file.
void wait_for_the_disks_clock(const std::filesystem::path& file,
                              const std::filesystem::path& clock) {
    do {
        write_file(clock, "tick");
    } while (std::filesystem::last_write_time(clock) <= std::filesystem::last_write_time(file));
}

/// A fetch that ends with a part and a note of it.
void interrupt(Story& story) {
    story.passage.on_answer = [](const protocol::RequestBody& request,
                                 protocol::ResponseBody& answer) {
        const auto* get = std::get_if<protocol::GetChunk>(&request);
        if (get != nullptr && get->number.value == 1) {
            answer = protocol::Refused{protocol::Refusal::Refused};
        }
    };
    CHECK(story.fetch().outcome.rule == "file-gone");
    CHECK(std::filesystem::file_size(story.part()) == 65'536);
    story.passage.on_answer = nullptr;
}

/// The person's own, and private.
void write_diary(const std::filesystem::path& path) {
    write_file(path, "my own diary of ten years");
    std::filesystem::permissions(
        path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

void check_diary_is_left_alone(Story& story) {
    CHECK(story.fetch().outcome.rule == "already-exists");
    CHECK(read_file(story.part()) == "my own diary of ten years");
    CHECK_FALSE(std::filesystem::exists(story.target()));
    // Once it is out of the way the file comes.
    std::filesystem::rename(story.part(), story.desktop / "diary");
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    CHECK(read_file(story.desktop / "diary") == "my own diary of ten years");
}

}  // namespace

TEST_CASE("a file of the person's own that came to stand where a part was is left alone") {
    Story story(size);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == size);
    interrupt(story);
    std::filesystem::rename(story.part(), story.desktop / "elsewhere");
    write_diary(story.part());
    check_diary_is_left_alone(story);
}

TEST_CASE("a file of the person's own with a removed part's number on the disk is left alone") {
    Story story(size);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == size);
    interrupt(story);
    wait_for_the_disks_clock(story.part(), story.desktop / "clock");
    std::filesystem::remove(story.part());
    write_diary(story.part());
    check_diary_is_left_alone(story);
}

TEST_CASE("a file that comes to stand in a part's place while it grows is not taken for it") {
    Story story(4 * mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == 4 * mebibyte);
    const auto fetching = story.begin_fetch();
    story.pass_until_half_received();
    std::filesystem::rename(story.part(), story.desktop / "elsewhere");
    write_diary(story.part());
    while (fetching->end == Errand::End::None)
        story.town->pass(Duration{100});
    CHECK(fetching->played.outcome.rule == "already-exists");
    CHECK(read_file(story.part()) == "my own diary of ten years");
    CHECK_FALSE(std::filesystem::exists(story.target()));
}
