// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Files whose message lies, that change while they are read, or that come to stand where a part
// lies: what spec/attachment.md and client/download.h promise then.

#include "crypto/hash.h"
#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;

constexpr std::size_t size = 100'000;
constexpr auto other_message = "ffeeddccbbaa99887766554433221100";

/// What a member's own device is made to say of a file, whatever the file is: his chunks are closed
/// already, and his message is not written yet.
Played send_lying(Story& story, std::uint64_t claimed_size, const crypto::Digest& claimed_hash) {
    CHECK_FALSE(story.send(0).done());
    client::Core* const core = story.town->core("alice");
    REQUIRE(core != nullptr);
    auto transaction = core->database.begin();
    REQUIRE(transaction.has_value());
    REQUIRE(transaction
                ->run("UPDATE attachments SET size = ?1, sha256 = ?2", claimed_size, claimed_hash)
                .has_value());
    REQUIRE(std::move(*transaction).commit().has_value());
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    CHECK(story.shown().size == claimed_size);
    return story.fetch();
}

crypto::Digest hash_of(std::string_view content) {
    return crypto::sha256(view_of(content));
}

/// Nothing but what bertrand had before.
void check_nothing_kept(const Story& story) {
    CHECK_FALSE(std::filesystem::exists(story.target()));
    CHECK_FALSE(std::filesystem::exists(story.part()));
}

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

TEST_CASE(
    "attack: a file that is not what its message says gets no name, and nothing stays of it") {
    Story story(size);
    const auto fetched = send_lying(story, size, hash_of("another file"));
    CHECK(fetched.outcome.rule == "forged");
    CHECK(fetched.outcome.sentence.find("not what its message says") != std::string::npos);
    check_nothing_kept(story);
    CHECK(story.fetch().outcome.rule == "forged");
    check_nothing_kept(story);
}

TEST_CASE("attack: a file that is longer than its message says is refused, whatever it hashes to") {
    Story story(size);
    const std::string beginning = story.content.substr(0, size - 1);
    const auto fetched = send_lying(story, size - 1, hash_of(beginning));
    CHECK(fetched.outcome.rule == "forged");
    CHECK(fetched.outcome.sentence.find("longer than its message says") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(story.target()));
}

TEST_CASE("attack: a file with fewer or more chunks than its message says is refused") {
    for (const std::size_t claimed : {std::size_t{65'536}, std::size_t{200'000}}) {
        Story story(size);
        std::string whole = story.content;
        whole.resize(claimed);
        const auto fetched = send_lying(story, claimed, hash_of(whole));
        CHECK((fetched.outcome.rule == "forged" || fetched.outcome.rule == "file-gone"));
        CHECK_FALSE(std::filesystem::exists(story.target()));
    }
}

TEST_CASE("a part of one file is not gone on with for another") {
    Story story(size);
    REQUIRE(story.send().done());
    std::string other = content_of(size + 1);
    std::ranges::reverse(other);
    write_file(story.source(), other);
    const client::Send second{"bertrand", "l’autre", other_message, path_bytes(story.source())};
    REQUIRE(story.town->play("alice", second).done());
    REQUIRE(story.shown().size == size);
    interrupt(story);
    const client::Fetch fetch{other_message, path_bytes(story.target())};
    REQUIRE(story.town->play("bertrand", fetch).done());
    CHECK(read_file(story.target()) == other);
}

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

TEST_CASE("a file that changes while it is taken in is refused, and nothing of it is sent") {
    for (const bool grows : {false, true}) {
        Story story(4 * mebibyte);
        const auto sending = story.town->begin(
            "alice", client::Send{"bertrand", "voici", message, path_bytes(story.source())});
        while (sending->played.events.empty())
            story.town->pass(Duration{1});
        if (grows) std::ofstream(story.source(), std::ios::app) << "more";
        std::filesystem::last_write_time(
            story.source(),
            std::filesystem::last_write_time(story.source()) + std::chrono::hours{1});
        while (sending->end == Errand::End::None)
            story.town->pass(Duration{100});
        CHECK(sending->played.outcome.rule == "file-changed");
        REQUIRE(story.town->play("alice", client::Sync{0}).done());
        CHECK(story.town->read("bertrand", "alice") == std::vector<std::string>{"bonjour"});
        CHECK(story.puts.empty());
    }
}

TEST_CASE("a file whose taking in a crash has ended is taken in anew, and kept once") {
    Story story(4 * mebibyte);
    const auto sending = story.town->begin(
        "alice", client::Send{"bertrand", "voici", message, path_bytes(story.source())});
    while (sending->played.events.empty())
        story.town->pass(Duration{1});
    REQUIRE(story.puts.empty());
    story.town->crash("alice");
    REQUIRE(story.send().done());
    CHECK(all_once(story.puts));
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    story.town->pass(std::chrono::seconds{10});
    const auto kept =
        story.town->core("alice")->database.one<std::int64_t>("SELECT count(*) FROM upload_chunks");
    REQUIRE((kept.has_value() && kept->has_value()));
    CHECK(std::get<0>(**kept) == 0);
}
