// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The trip of a file by a relay that lies, is full or is read by others, and into conversations
// that change meanwhile.

#include <optional>
#include <set>

#include "tests/journeys/file_story.h"

namespace {

using namespace cercle;
using namespace cercle::town;
using namespace std::chrono_literals;

}  // namespace

TEST_CASE("a file whose time at the relay is over is said to be gone, and nothing is left of it") {
    Story story(200'000);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == 200'000);
    CHECK(relay_counts(*story.town).chunks == 4);
    // With nobody there for a month, an hour passes in no time.
    for (const char* home : {"alice", "bertrand", "officer"})
        story.town->crash(home);
    story.town->pass(std::chrono::hours{24 * 30 + 1});
    CHECK(relay_counts(*story.town).chunks == 0);
    const auto fetched = story.fetch();
    CHECK(fetched.outcome.exit == client::Exit::Refused);
    CHECK(fetched.outcome.rule == "file-gone");
    CHECK_FALSE(std::filesystem::exists(story.target()));
}

TEST_CASE("a relay that gives another chunk, a changed, a cut or an empty one deceives nobody") {
    Story story(mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == mebibyte);
    Bytes first;
    enum class Lie { Swapped, Flipped, Cut, Empty, Refused };
    Lie lie = Lie::Swapped;
    story.passage.on_answer = [&](const protocol::RequestBody& request,
                                  protocol::ResponseBody& answer) {
        const auto* get = std::get_if<protocol::GetChunk>(&request);
        auto* chunk = std::get_if<protocol::Chunk>(&answer);
        if (get == nullptr || chunk == nullptr) return;
        if (get->number.value == 0) first = chunk->chunk;
        if (get->number.value != 9) return;
        if (lie == Lie::Swapped) chunk->chunk = first;
        if (lie == Lie::Flipped) chunk->chunk[77] ^= 1;
        if (lie == Lie::Cut) chunk->chunk.resize(1000);
        if (lie == Lie::Empty) chunk->chunk.clear();
        if (lie == Lie::Refused) answer = protocol::Refused{protocol::Refusal::Refused};
    };
    for (const Lie each : {Lie::Swapped, Lie::Flipped, Lie::Cut, Lie::Empty, Lie::Refused}) {
        lie = each;
        const auto fetched = story.fetch();
        CHECK(fetched.outcome.exit == client::Exit::Refused);
        CHECK(fetched.outcome.rule == (each == Lie::Refused ? "file-gone" : "forged"));
        CHECK_FALSE(std::filesystem::exists(story.target()));
        CHECK(std::filesystem::exists(story.part()));
    }
    // What came before the lie has stayed, and the truth finishes it.
    story.passage.on_answer = nullptr;
    story.gets.clear();
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    CHECK_FALSE(story.gets.contains(0));
}

TEST_CASE("a relay that answers a chunk with something else is left, and the file is not") {
    Story story(mebibyte);
    REQUIRE(story.send().done());
    REQUIRE(story.shown().size == mebibyte);
    int lies = 2;
    story.passage.on_answer = [&](const protocol::RequestBody& request,
                                  protocol::ResponseBody& answer) {
        const auto* get = std::get_if<protocol::GetChunk>(&request);
        if (get != nullptr && get->number.value == 5 && lies-- > 0) answer = protocol::Done{};
    };
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
}

TEST_CASE("a relay that takes no more for today is said so, and the file goes when it does") {
    Story story(mebibyte);
    bool full = true;
    story.passage.on_answer = [&full](const protocol::RequestBody& request,
                                      protocol::ResponseBody& answer) {
        if (full && std::holds_alternative<protocol::CreateBlob>(request)) {
            answer = protocol::Refused{protocol::Refusal::TooMany};
        }
    };
    const auto sent = story.send();
    CHECK(sent.outcome.rule == "too-many");
    CHECK(sent.first<client::Sent>().state == "queued");
    REQUIRE(story.town->send("alice", "bertrand", "un texte passe").done());
    full = false;
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
}

TEST_CASE("a relay that refuses a file for any reason ends nothing, and the file goes later") {
    for (int number = 1; number <= static_cast<int>(protocol::Refusal::Closing); ++number) {
        const auto refusal = static_cast<protocol::Refusal>(number);
        INFO("refusal " << number);
        for (const bool place : {true, false}) {
            Story story(mebibyte);
            bool refuses = true;
            story.passage.on_answer = [&](const protocol::RequestBody& request,
                                          protocol::ResponseBody& answer) {
                const bool meant = place ? std::holds_alternative<protocol::CreateBlob>(request)
                                         : std::holds_alternative<protocol::PutChunk>(request);
                if (meant && refuses) answer = protocol::Refused{refusal};
            };
            const auto sent = story.send(5);
            CHECK_FALSE(sent.done());
            CHECK(sent.first<client::Sent>().state == "queued");
            refuses = false;
            REQUIRE(story.town->play("alice", client::Sync{0}).done());
            REQUIRE(story.fetch().done());
            CHECK(read_file(story.target()) == story.content);
        }
    }
}

TEST_CASE("a file whose place the relay has given to something else goes to another, closed anew") {
    Story story(mebibyte);
    std::optional<protocol::BlobId> first;
    std::set<Bytes> chunks;
    story.passage.on_request = [&](const protocol::RequestBody& request) {
        if (const auto* create = std::get_if<protocol::CreateBlob>(&request)) {
            if (!first) first = create->blob;
        }
        // Under the key that the first place was for, nothing else is closed.
        if (const auto* put = std::get_if<protocol::PutChunk>(&request)) {
            // Its beginning, since the tag at the end differs with the place alone.
            const BytesView beginning = BytesView(put->chunk).first(1024);
            CHECK(chunks.insert(to_bytes(beginning)).second);
        }
    };
    story.passage.on_answer = [&](const protocol::RequestBody& request,
                                  protocol::ResponseBody& answer) {
        const auto* put = std::get_if<protocol::PutChunk>(&request);
        const auto* create = std::get_if<protocol::CreateBlob>(&request);
        if ((put != nullptr && put->blob == first && put->number.value == 9) ||
            (create != nullptr && create->blob == first && !chunks.empty())) {
            answer = protocol::Refused{protocol::Refusal::IdReused};
        }
    };
    CHECK_FALSE(story.send(5).done());
    REQUIRE(story.town->play("alice", client::Sync{0}).done());
    REQUIRE(story.fetch().done());
    CHECK(read_file(story.target()) == story.content);
    CHECK(chunks.size() > 16);
}

TEST_CASE("a file that is given another place arrives, whenever its device dies meanwhile") {
    for (std::uint64_t at = 20; at < 400; at += 40) {
        INFO("dies at operation " << at);
        Story story(3 * mebibyte);
        std::optional<protocol::BlobId> first;
        bool closed_to_first = false;
        story.passage.on_request = [&](const protocol::RequestBody& request) {
            const auto* create = std::get_if<protocol::CreateBlob>(&request);
            if (create != nullptr && !first) first = create->blob;
        };
        story.passage.on_answer = [&](const protocol::RequestBody& request,
                                      protocol::ResponseBody& answer) {
            const auto* put = std::get_if<protocol::PutChunk>(&request);
            const auto* create = std::get_if<protocol::CreateBlob>(&request);
            const bool taken = put != nullptr && put->blob == first && put->number.value == 40;
            if (taken && !closed_to_first) {
                closed_to_first = true;
                story.town->machine("alice").plan({store::Trouble::Kind::PowerLoss, at});
            }
            if (taken || (create != nullptr && create->blob == first && closed_to_first)) {
                answer = protocol::Refused{protocol::Refusal::IdReused};
            }
        };
        static_cast<void>(story.send(20));
        story.town->tidy();
        story.town->machine("alice").disk.forget_plan();
        REQUIRE(closed_to_first);
        for (int round = 0; round < 3; ++round)
            static_cast<void>(story.town->play("alice", client::Sync{0}));
        REQUIRE(story.town->play("alice", client::Sync{0}).done());
        REQUIRE(story.fetch().done());
        CHECK(read_file(story.target()) == story.content);
    }
}

TEST_CASE("a file on its way when a stranger comes in waits for its author's word") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    const Desktop desktop;
    write_file(desktop.path() / "file", content_of(mebibyte));
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand"}}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    town->crash_relay();
    CHECK_FALSE(
        town->play(
                "bertrand",
                client::Send{"cellule", "pour alice", message, path_bytes(desktop.path() / "file")},
                2)
            .done());
    town->crash("bertrand");
    town->start_relay();
    using Act = client::ChangeGroup::Act;
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Add, "cellule", "chloe"}).done());
    REQUIRE(town->play("bertrand", client::Sync{0}).done());
    CHECK(town->read("chloe", "cellule").empty());
    REQUIRE(town->play("bertrand", client::ReleaseMessage{message}).done());
    CHECK(town->read("chloe", "cellule") == std::vector<std::string>{"pour alice"});
}

TEST_CASE("a file on its way into a conversation that its author is put out of is not sent") {
    auto town = Town::with({"alice", "bertrand", "chloe"});
    const Desktop desktop;
    write_file(desktop.path() / "file", content_of(mebibyte));
    REQUIRE(town->play("alice", client::CreateGroup{"cellule", {"bertrand", "chloe"}}).done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    town->crash_relay();
    CHECK_FALSE(
        town->play("chloe",
                   client::Send{"cellule", "encore", message, path_bytes(desktop.path() / "file")},
                   2)
            .done());
    town->crash("chloe");
    town->start_relay();
    using Act = client::ChangeGroup::Act;
    REQUIRE(town->play("alice", client::ChangeGroup{Act::Remove, "cellule", "chloe"}).done());
    REQUIRE(town->play("chloe", client::Sync{0}).done());
    CHECK(town->read("bertrand", "cellule").empty());
    const auto own = town->play("chloe", client::Read{"cellule", 0, 0, client::Follow::No});
    CHECK(own.first<client::Message>().state == "failed");
}

TEST_CASE("the relay's file holds neither a file's content nor its name") {
    Story story(300'000);
    const std::string needle = "le mot convenu est mirabelle";
    story.content.replace(70'000, needle.size(), needle);
    write_file(story.source(), story.content);
    REQUIRE(story.send().done());
    story.town->crash_relay();
    std::string stored;
    for (const auto& [path, bytes] : story.town->relay_machine().disk.image()) {
        stored += to_text(bytes);
    }
    CHECK(stored.size() > 300'000);
    CHECK(stored.find("mirabelle") == std::string::npos);
    CHECK(stored.find("Rapport") == std::string::npos);
    CHECK(stored.find(story.content.substr(1000, 32)) == std::string::npos);
}
